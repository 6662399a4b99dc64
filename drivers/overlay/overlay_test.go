package overlay_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/drivers/memory"
	"github.com/kvstore-go/kvstore/drivers/overlay"
)

// store is a driver that an overlay lies over. It counts what is read.
type store struct {
	drivers.Driver
	read  []drivers.Command
	trips int
	fails error
}

func (s *store) Read(ctx context.Context, items []drivers.Item) error {
	s.trips++
	for _, item := range items {
		Expect(item.Command.Op.Effect()).To(Equal(drivers.Reads), item.Command.Op.String())
		s.read = append(s.read, item.Command)
	}
	if s.fails != nil {
		return s.fails
	}
	return drivers.DoBatch(ctx, s.Driver, &drivers.Batch{Items: items})
}

func (s *store) Evicts(context.Context, string) (bool, error) { return false, nil }

func newStore() *store {
	return &store{Driver: memory.New(memory.WithClock(func() time.Time { return now }))}
}

// do executes a command on a driver or through an overlay.
type do func(ctx context.Context, cmd drivers.Command) (drivers.Reply, error)

func through(o *overlay.Overlay) do {
	return func(ctx context.Context, cmd drivers.Command) (drivers.Reply, error) {
		if cmd.Op.Effect() == drivers.Writes {
			return o.Write(ctx, cmd)
		}
		items := []drivers.Item{{Command: cmd}}
		if err := o.Read(ctx, items); err != nil {
			return drivers.Reply{}, err
		}
		return items[0].Reply, items[0].Err
	}
}

// inOrder are the elements of a reply that has none, in one.
func inOrder(op drivers.Op, reply drivers.Reply) string {
	switch {
	case op == drivers.OpHGetAll || op == drivers.OpHScan:
		return fmt.Sprint(slices.Sorted(slices.Values(pairs(reply.Values))))
	case op == drivers.OpZScan:
		return fmt.Sprint(len(reply.Values))
	case op.InNoOrder():
		reply.Values = slices.Sorted(slices.Values(reply.Values))
	}
	return fmt.Sprint(reply)
}

func pairs(values []string) (joined []string) {
	for pair := range slices.Chunk(values, 2) {
		joined = append(joined, pair[0]+"="+pair[1])
	}
	return joined
}

// contents are all that a store has.
func contents(ctx context.Context, d drivers.Driver) string {
	var text string
	for _, key := range append(slices.Clone(keys), "reg", "reg::u", "reg::v") {
		text += "\n" + key
		for _, read := range []drivers.Command{
			{Op: drivers.OpTTL}, {Op: drivers.OpGet}, {Op: drivers.OpSMembers}, {Op: drivers.OpHGetAll}, {Op: drivers.OpLRange, Stop: -1},
			{Op: drivers.OpZRange, Stop: -1}, {Op: drivers.OpXRange}, {Op: drivers.OpXLastID}, {Op: drivers.OpXPending, Value: "g"},
		} {
			read.Key = key
			reply, err := d.Do(ctx, read)
			if strings.HasPrefix(reply.Value, "HYLL") { // what it counts is kept in it
				reply, err = d.Do(ctx, drivers.Command{Op: drivers.OpPFCount, Key: key})
			}
			if err == nil {
				text += " " + inOrder(read.Op, reply)
			}
		}
	}
	return text
}

var classes = []error{drivers.ErrWrongType, drivers.ErrInvalid, drivers.ErrDuplicate, drivers.ErrIncomplete}

var _ = Describe("An overlay", func() {
	It("answers any sequence of reads and writes as the store would, and leaves behind what they leave", func(ctx context.Context) {
		w := drawer{rand.New(rand.NewPCG(uint64(GinkgoRandomSeed()), 1))}
		seen := map[drivers.Op]int{}
		failed, unknown, steps := 0, 0, 0
		for range 12_000 {
			truth, under := newStore(), newStore()
			for range w.IntN(25) {
				cmd := w.command(drivers.Writes)
				if cmd.Op == drivers.OpSPop {
					continue
				}
				want, errWant := truth.Do(ctx, cmd)
				reply, err := under.Do(ctx, cmd)
				Expect(fmt.Sprint(reply, err)).To(Equal(fmt.Sprint(want, errWant)))
			}
			o := overlay.New(under)
			var story string
			for range 1 + w.IntN(8) {
				cmd := w.command(draw(w, drivers.Writes, drivers.Writes, drivers.Reads))
				if w.IntN(12) == 0 {
					cmd = w.bookkeeping()
				}
				reply, err := through(o)(ctx, cmd)
				story += fmt.Sprintf("\n%v %+v: %v %v", cmd.Op, cmd, reply, err)
				if errors.Is(err, errors.ErrUnsupported) {
					unknown++
					continue
				}
				steps++
				var want drivers.Reply
				var errWant error
				if cmd.Op == drivers.OpSPop && err == nil { // which members is the overlay's choice
					want = reply
					if len(reply.Values) > 0 {
						removed, err := truth.Do(ctx, drivers.Command{Op: drivers.OpSRem, Key: cmd.Key, Values: reply.Values, Indexes: cmd.Indexes})
						Expect(removed.Int, err).To(BeEquivalentTo(len(reply.Values)), story)
					}
				} else if cmd.Op == drivers.OpSRandMember && err == nil {
					want, errWant = reply, nil
				} else {
					want, errWant = truth.Do(ctx, cmd)
				}
				for _, class := range classes {
					Expect(errors.Is(err, class)).To(Equal(errors.Is(errWant, class)), "%s\nbut it is %v, %v", story, want, errWant)
				}
				if errWant != nil {
					failed++
					continue
				}
				seen[cmd.Op]++
				Expect(err).NotTo(HaveOccurred(), story)
				Expect(inOrder(cmd.Op, reply)).To(Equal(inOrder(cmd.Op, want)), story)
			}
			commit := &drivers.Batch{Atomic: true, Items: o.Writes()}
			Expect(drivers.DoBatch(ctx, under.Driver, commit)).To(Succeed())
			for _, item := range commit.Items {
				Expect(item.Err).NotTo(HaveOccurred(), "%s\n%+v", story, item.Command)
			}
			Expect(contents(ctx, under.Driver)).To(Equal(contents(ctx, truth.Driver)), story)
		}
		AddReportEntry(fmt.Sprintf("%d steps, of which %d failed alike; %d were not to be known", steps, failed, unknown), ReportEntryVisibilityFailureOrVerbose)
		for _, key := range keys {
			for _, effect := range []drivers.Effect{drivers.Reads, drivers.Writes} {
				for _, op := range ofType(key, effect) {
					foreseen := op.Effect() == drivers.Reads || op.Predicts() || op.Copies() || foreseenOnParts(op)
					Expect(seen[op] > 0).To(Equal(foreseen), "%v was answered %d times", op, seen[op])
				}
			}
		}
		Expect(failed).To(BeNumerically(">", steps/50))
	})
})

// foreseenOnParts reports a write that is executed on a copy of the elements it names.
func foreseenOnParts(op drivers.Op) bool {
	reach, _ := drivers.Command{Op: op}.Reach()
	return reach > drivers.ReachSize
}
