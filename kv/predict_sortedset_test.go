package kv_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/drivers/memory"
)

func (w writes) scores(n int) []float64 {
	scores := make([]float64, n)
	for i := range scores {
		scores[i] = draw(w, math.Inf(-1), -1, 0, 0.5, 1, 2, 3, math.Inf(1))
	}
	if w.IntN(30) == 0 {
		scores = append(scores, math.NaN())
	}
	return scores
}

// sortedSetCommand draws a write of sorted sets.
func (w writes) sortedSetCommand() drivers.Command {
	cmd := drivers.Command{
		Key: w.key(), Keys: []string{w.key(), w.key()}[:w.IntN(3)], Values: w.values(), Value: draw(w, "1", "2", "3", ""),
		If: drivers.Condition(w.IntN(6)), Expiry: w.expiry(), Amount: draw[int64](w, 0, 1, 1, 2, -1),
		Start: draw[int64](w, 0, 1, -1, -2, 5), Stop: draw[int64](w, 0, 1, -1, -2, 5),
		Op: draw(w, drivers.OpZAdd, drivers.OpZAdd, drivers.OpZAdd, drivers.OpZReplace, drivers.OpZIncrBy, drivers.OpZIncrBy, drivers.OpZRem,
			drivers.OpZPopMin, drivers.OpZPopMax, drivers.OpZRemRangeByRank, drivers.OpZRemRangeByScore, drivers.OpZRemRangeByLex,
			drivers.OpZUnionStore, drivers.OpZInterStore, drivers.OpZDiffStore, drivers.OpGeoAdd, drivers.OpSAdd, drivers.OpSet, drivers.OpDelete),
	}
	switch cmd.Op {
	case drivers.OpZRemRangeByScore:
		cmd.Min, cmd.Max = draw(w, "-inf", "(0", "1", "x"), draw(w, "inf", "(1", "2")
	case drivers.OpZRemRangeByLex:
		cmd.Min, cmd.Max = draw(w, "-", "[1", "(2", "x"), draw(w, "+", "[2", "(3")
	case drivers.OpZIncrBy:
		cmd.Scores = w.scores(1)
	case drivers.OpGeoAdd:
		cmd.Scores = w.scores(2 * len(cmd.Values))
	case drivers.OpZUnionStore, drivers.OpZInterStore:
		cmd.Scores, cmd.Value = w.scores(len(cmd.Keys)*w.IntN(2)), draw(w, "", "SUM", "MIN", "MAX", "AVG")
	default:
		cmd.Scores = w.scores(len(cmd.Values))
	}
	return cmd
}

var _ = Describe("A prediction of a write of sorted sets", func() {
	It("is what the write then answers, or fails with, whatever is there", func(ctx context.Context) {
		w := writes{rand.New(rand.NewPCG(uint64(GinkgoRandomSeed()), 2))}
		var driver drivers.Driver
		read := func(items []drivers.Item) error { return drivers.DoBatch(ctx, driver, &drivers.Batch{Items: items}) }
		failures := 0
		for i := range 40_000 {
			if i%100 == 0 {
				driver = memory.New()
			}
			cmd := w.sortedSetCommand()
			prediction, predicted := drivers.Predict(cmd, read, nil)
			carried := cmd
			if predicted == nil && !prediction.Nothing {
				carried = prediction.Command
			}
			reply, err := driver.Do(ctx, carried)
			for _, class := range []error{drivers.ErrWrongType, drivers.ErrInvalid} {
				Expect(errors.Is(predicted, class)).To(Equal(errors.Is(err, class)), "%+v: %v was predicted, and %v came", cmd, predicted, err)
			}
			switch {
			case err != nil:
				failures++
			case carried.Op != cmd.Op: // the members to pop are known
				Expect(reply.Int).To(BeEquivalentTo(len(prediction.Reply.Values)), "%+v", cmd)
			default:
				Expect(fmt.Sprint(prediction.Reply)).To(Equal(fmt.Sprint(reply)), "%+v", cmd)
			}
		}
		Expect(failures).To(BeNumerically(">", 1000))
	})
})
