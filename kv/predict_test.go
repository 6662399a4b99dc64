package kv_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/drivers/memory"
)

// writes draws commands that write, of few keys and values, so that they meet; some are
// not allowed at all.
type writes struct{ *rand.Rand }

func draw[T any](w writes, from ...T) T { return from[w.IntN(len(from))] }

func (w writes) key() string { return draw(w, "c:a", "c:b", "c:c", "s", "t") }

func (w writes) values() []string {
	values := make([]string, w.IntN(4))
	for i := range values {
		values[i] = draw(w, "1", "2", "3", "")
	}
	return values
}

func (w writes) expiry() drivers.Expiry {
	return draw(w, drivers.Expiry{}, drivers.Expiry{}, drivers.Expiry{}, drivers.Expiry{Mode: drivers.ClearTTL}, drivers.In(time.Hour),
		drivers.At(time.Unix(1, 0)), drivers.In(0), drivers.At(time.Unix(-1, 0)), drivers.Expiry{Mode: 9})
}

func (w writes) command() drivers.Command {
	ops := []drivers.Op{drivers.OpSet, drivers.OpSet, drivers.OpSet}
	for _, op := range drivers.Ops() {
		if op.Effect() == drivers.Writes && op != drivers.OpReconcile {
			ops = append(ops, op)
		}
	}
	cmd := drivers.Command{
		Op: draw(w, ops...), Key: w.key(), Keys: []string{w.key()}[w.IntN(20)/19:], Values: w.values(), Expiry: w.expiry(),
		Value: draw(w, "1", "2", "3", "", "*", "OR"), Expected: draw(w, "1", "2", "3", ""), If: drivers.Condition(w.IntN(20) / 6),
		Stop: int64(draw(w, 0, 1, 2, -1, -2)), Reverse: w.IntN(2) == 0, Min: draw(w, "", "", "-", "-inf", "1", "(1", "[1"), Max: draw(w, "", "", "+", "+inf", "2", "[2"),
		Bits:  drivers.BitType{Width: uint8(draw(w, 0, 1, 5, 8, 63, 64, 65)), Signed: w.IntN(2) == 0, Overflow: drivers.Overflow(w.IntN(4))},
		Start: int64(draw(w, 0, 0, 1, 2, 9, -1, 1<<40)), Amount: draw[int64](w, 0, 1, 2, -1, 7, 15, 16, 255, 256, -300, 1<<62, -1<<63),
	}
	cmd.Scores = w.scores(draw(w, 0, 1, len(cmd.Values), 2*len(cmd.Values)))
	if id, child := cmd.Key[len(cmd.Key)-1:], len(cmd.Key) == 3; child && w.IntN(10) > 0 {
		ix := drivers.Index{Key: cmd.Key, Registry: "c:#", ID: id, Whole: true, Names: []string{"u"}}
		if cmd.Op == drivers.OpSet || cmd.Op == drivers.OpCompareAndSwap {
			for range w.IntN(3) {
				ix.Entries = append(ix.Entries, drivers.Entry{Name: draw(w, "u", "u", "u", "u", "u", "u", "v"), Value: draw(w, "x;", "y;", "z;"), Unique: w.IntN(5) > 0})
			}
		}
		cmd.Indexes = []drivers.Index{ix}
	}
	return cmd
}

var _ = Describe("A prediction", func() {
	It("is what the write then answers, or fails with, whatever is there", func(ctx context.Context) {
		w := writes{rand.New(rand.NewPCG(uint64(GinkgoRandomSeed()), 1))}
		var driver drivers.Driver
		read := func(items []drivers.Item) error {
			for _, item := range items {
				Expect(item.Command.Op.Effect()).To(Equal(drivers.Reads))
			}
			return drivers.DoBatch(ctx, driver, &drivers.Batch{Items: items})
		}
		classes := []error{drivers.ErrWrongType, drivers.ErrInvalid, drivers.ErrDuplicate, drivers.ErrIncomplete}
		failures, duplicates := 0, 0
		for i := range 100_000 {
			if i%100 == 0 {
				driver = memory.New()
			}
			cmd := w.command()
			calls := 0
			prediction, predicted := drivers.Predict(cmd, func(items []drivers.Item) error { calls++; return read(items) }, nil)
			if errors.Is(predicted, errors.ErrUnsupported) {
				continue // only the store can know
			}
			if unique := slices.ContainsFunc(cmd.Indexes, func(ix drivers.Index) bool {
				return slices.ContainsFunc(ix.Entries, func(e drivers.Entry) bool { return e.Unique })
			}); !unique {
				Expect(calls).To(BeNumerically("<=", 2), "%+v", cmd)
			}
			carried := cmd
			if predicted == nil && !prediction.Nothing {
				carried = prediction.Command
			}
			reply, err := driver.Do(ctx, carried)
			for _, class := range classes {
				Expect(errors.Is(predicted, class)).To(Equal(errors.Is(err, class)), "%+v: %v was predicted, and %v came", cmd, predicted, err)
			}
			if err != nil {
				failures++
				if errors.Is(err, drivers.ErrDuplicate) {
					duplicates++
					Expect(predicted).To(Equal(err), "%+v", cmd)
				}
				continue
			}
			if carried.Op != cmd.Op { // the members to pop are chosen
				Expect([]drivers.Op{drivers.OpSPop, drivers.OpZPopMin, drivers.OpZPopMax}).To(ContainElement(cmd.Op))
				Expect(reply.Int).To(BeEquivalentTo(len(prediction.Reply.Values)), "%+v", cmd)
				continue
			}
			Expect(fmt.Sprint(prediction.Reply)).To(Equal(fmt.Sprint(reply)), "%+v", cmd) // no values are nil or empty
		}
		Expect(failures).To(BeNumerically(">", 1000))
		Expect(duplicates).To(BeNumerically(">", 20))
	})

	It("of an unconditional SET reads nothing", func() {
		prediction, err := drivers.Predict(drivers.Command{Op: drivers.OpSet, Key: "k", Value: "x"}, nil, nil)
		Expect(err).NotTo(HaveOccurred())
		Expect(prediction.Reply).To(Equal(drivers.Reply{}))
	})

	It("is for writes alone", func() {
		for _, op := range drivers.Ops() {
			if op.Effect() != drivers.Writes {
				_, err := drivers.Predict(drivers.Command{Op: op, Key: "k"}, nil, nil)
				Expect(err).To(MatchError(drivers.ErrInvalid), op.String())
			}
		}
	})

	It("fails with the error of a read, and of a read as a whole", func() {
		broken := errors.New("broken")
		for _, op := range drivers.Ops() {
			if op.Effect() != drivers.Writes {
				continue
			}
			cmd := readyFor(op)
			calls := 0
			_, err := drivers.Predict(cmd, func([]drivers.Item) error { calls++; return broken }, nil)
			if calls == 0 { // there is nothing to read, or no prediction
				Expect(err).To(Or(Succeed(), MatchError(errors.ErrUnsupported)), op.String())
				continue
			}
			Expect(err).To(BeIdenticalTo(broken), op.String())
			_, err = drivers.Predict(cmd, func(items []drivers.Item) error { items[0].Err = broken; return nil }, nil)
			Expect(err).To(BeIdenticalTo(broken), op.String())
		}
	})
})

// readyFor is a command with arguments that its Op accepts.
func readyFor(op drivers.Op) drivers.Command {
	cmd := drivers.Command{
		Op: op, Key: "k", Keys: []string{"l"}, Value: "1", Expected: "1", Values: []string{"v", "w"}, Scores: []float64{1, 2},
		Expiry: drivers.In(time.Hour), If: drivers.IfAbsent, Bits: drivers.BitType{Width: 8}, Amount: 1,
	}
	switch op {
	case drivers.OpHCompareAndSet:
		cmd.Amount = 2
	case drivers.OpSeal:
		cmd.Start = 1
	case drivers.OpThrottle:
		cmd.Start, cmd.Stop = 1, 1
	case drivers.OpBitOp:
		cmd.Value = "OR"
	case drivers.OpZRemRangeByScore:
		cmd.Min, cmd.Max = "-inf", "+inf"
	case drivers.OpZRemRangeByLex:
		cmd.Min, cmd.Max = "-", "+"
	case drivers.OpZIncrBy:
		cmd.Scores = cmd.Scores[:1]
	case drivers.OpZUnionStore, drivers.OpZInterStore, drivers.OpZDiffStore:
		cmd.Scores, cmd.Value = nil, ""
	case drivers.OpGeoAdd:
		cmd.Scores = []float64{1, 2, 3, 4}
	case drivers.OpXDel, drivers.OpXAck, drivers.OpXClaim:
		cmd.Values = []string{"1-0", "2-0"}
	case drivers.OpXReadGroup, drivers.OpXAutoClaim:
		cmd.Min = "0"
	default:
	}
	return cmd
}
