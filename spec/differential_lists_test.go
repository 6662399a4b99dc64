package spec_test

import (
	"math"

	"github.com/kvstore-go/kvstore/drivers"
)

var randomLists = random{
	keys: listKeys,
	ops: map[drivers.Op]int{
		drivers.OpLPush: 6, drivers.OpRPush: 6, drivers.OpLReplace: 2, drivers.OpLPop: 3, drivers.OpRPop: 3, drivers.OpLMPop: 3, drivers.OpLLen: 2,
		drivers.OpLIndex: 3, drivers.OpLSet: 4, drivers.OpLInsert: 6, drivers.OpLRem: 3, drivers.OpLRange: 4, drivers.OpLTrim: 1,
		drivers.OpLPos: 5, drivers.OpLMove: 5,
	},
	arguments: func(g generator, cmd *drivers.Command) {
		switch cmd.Op {
		case drivers.OpLPush, drivers.OpRPush:
			cmd.Values, cmd.Amount, cmd.Expiry = g.elements(), g.listCap(), g.rareExpiry()
		case drivers.OpLReplace:
			cmd.Values, cmd.If, cmd.Expiry = g.elements(), g.condition(), g.rareExpiry()
		case drivers.OpLPop, drivers.OpRPop:
			cmd.Amount = pick[int64](g, -1, 0, 1, 1, 1, 2, 3, 100, math.MaxInt64)
		case drivers.OpLMPop:
			cmd.OwnExtra().Keys, cmd.Reverse, cmd.Amount = g.keys(g.rng.IntN(3), listKeys), g.oneIn(2), pick[int64](g, -1, 0, 1, 1, 1, 2, 3, 100, math.MaxInt64)
		case drivers.OpLIndex:
			cmd.Start = g.place()
		case drivers.OpLSet:
			cmd.Start, cmd.Value = g.place(), pick(g, members...)
		case drivers.OpLInsert:
			cmd.OwnExtra().Expected, cmd.Value, cmd.Reverse, cmd.Amount = pick(g, members...), pick(g, members...), g.oneIn(2), g.listCap()
		case drivers.OpLRem:
			cmd.Value, cmd.Amount = pick(g, members...), pick[int64](g, 0, 1, -1, 2, -2, 100, -100, math.MaxInt64, math.MinInt64)
		case drivers.OpLRange, drivers.OpLTrim:
			cmd.Start, cmd.Stop = g.place(), g.place()
		case drivers.OpLPos:
			cmd.Value, cmd.Start = pick(g, members...), pick[int64](g, 0, 1, 1, -1, -1, 2, -2, 3, math.MaxInt64, -math.MaxInt64, math.MinInt64)
			cmd.Amount, cmd.Stop = pick[int64](g, 0, 0, 1, 2, 100, -1), pick[int64](g, 0, 0, 1, 3, 1000, -1)
		case drivers.OpLMove:
			cmd.OwnExtra().Keys, cmd.Start, cmd.Stop = g.keys(1, listKeys), pick[int64](g, 0, -1), pick[int64](g, 0, -1)
			cmd.Amount, cmd.Expiry = g.listCap(), g.rareExpiry()
			if g.oneIn(50) {
				cmd.Stop = 1
			}
		default: // nothing but the key
		}
	},
	state: []drivers.Command{{Op: drivers.OpLRange, Stop: -1}, {Op: drivers.OpLLen}},
}

var listKeys = []string{"d:l", "l", "d:a:l"}

// elements draws a few values; at times as many as fill several chunks and calls.
func (g generator) elements() []string {
	if !g.oneIn(60) {
		return g.members()
	}
	drawn := make([]string, pick(g, 130, 400, 6_001))
	for i := range drawn {
		drawn[i] = pick(g, members...)
	}
	return drawn
}

// place draws a place in a list, at times a far one.
func (g generator) place() int64 {
	if g.oneIn(3) {
		return pick[int64](g, 127, 128, -129, 300, 5_000, math.MaxInt64, math.MinInt64, -math.MaxInt64)
	}
	return int64(g.rng.IntN(12)) - 6
}

func (g generator) listCap() int64 {
	if g.oneIn(3) {
		return pick[int64](g, 1, 2, 3, 5, 200, 5_000, math.MaxInt64, -1)
	}
	return 0
}
