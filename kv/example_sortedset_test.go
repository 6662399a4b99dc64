package kv_test

import (
	"context"
	"fmt"

	"github.com/kvstore-go/kvstore/drivers/memory"
	"github.com/kvstore-go/kvstore/kv"
)

func ExampleSortedSetFieldOf() {
	ctx := context.Background()
	board := kv.MustOpen(kv.SortedSet(), memory.New(), kv.At("leaderboard"))

	fmt.Println(board.Add(ctx, kv.Scored[string]{Member: "ann", Score: 12}, kv.Scored[string]{Member: "ben", Score: 7}, kv.Scored[string]{Member: "cleo", Score: 9}))
	fmt.Println(board.Increment(ctx, "ben", 5.5))
	fmt.Println(board.AddIf(ctx, kv.ScoreGreater, kv.Scored[string]{Member: "ann", Score: 3})) // no improvement
	fmt.Println(board.RankBackwards(ctx, "ann"))
	fmt.Println(board.Range(ctx, 0, 1, kv.Backwards())) // the best two
	fmt.Println(board.RangeByScore(ctx, kv.Scores().AtLeast(9).Below(12.5), kv.Limit(1)))
	for scored, err := range board.AllByScore(ctx, kv.Scores().Above(9)) {
		fmt.Println(scored.Member, scored.Score, err)
	}
	fmt.Println(board.PopMin(ctx, 1))
	// Output:
	// 3 <nil>
	// 12.5 <nil>
	// 0 <nil>
	// 1 <nil>
	// [{ben 12.5} {ann 12}] <nil>
	// [{cleo 9}] <nil>
	// ann 12 <nil>
	// ben 12.5 <nil>
	// [{cleo 9}] <nil>
}

// The first that is due of the first shelf that has any.
func ExamplePopMinWait() {
	ctx := context.Background()
	shelves := kv.MustOpen(kv.Dynamic(kv.SortedSet()), memory.New(), kv.At("shelves"))
	upper, lower := shelves.Take("upper"), shelves.Take("lower")

	_, _ = lower.Add(ctx, kv.Scored[string]{Member: "rice", Score: 2}, kv.Scored[string]{Member: "milk", Score: 1})
	fmt.Println(kv.PopMinWait(ctx, upper, lower))
	fmt.Println(kv.PopMaxWait(ctx, upper, lower))
	// Output:
	// {milk 1} 1 <nil>
	// {rice 2} 1 <nil>
}

// Scores of several sorted sets, of which one counts twice.
func ExampleSortedSetFieldOf_StoreUnion() {
	ctx := context.Background()
	months := kv.MustOpen(kv.Dynamic(kv.SortedSet()), memory.New(), kv.At("sales"))
	may, june, both := months.Take("may"), months.Take("june"), months.Take("both")

	_, _ = may.Add(ctx, kv.Scored[string]{Member: "tea", Score: 3}, kv.Scored[string]{Member: "milk", Score: 1})
	_, _ = june.Add(ctx, kv.Scored[string]{Member: "tea", Score: 4})
	fmt.Println(both.StoreUnion(ctx, may, june.Weighted(2)))
	fmt.Println(both.Read(ctx))
	fmt.Println(may.Aggregating(kv.HighestScore).Intersect(ctx, june))
	// Output:
	// 2 <nil>
	// [{milk 1} {tea 11}] <nil>
	// [{tea 4}] <nil>
}
