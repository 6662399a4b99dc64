package spec_test

import (
	"math"

	"github.com/kvstore-go/kvstore/drivers"
)

// randomStrings are strings, the numbers they spell, and the rows of integers they hold.
var randomStrings = random{
	keys: []string{"d:b", "d:a:x:y", "e"},
	ops: map[drivers.Op]int{
		drivers.OpGet: 1, drivers.OpGetEx: 1, drivers.OpSet: 1, drivers.OpSwap: 1, drivers.OpCompareAndSwap: 1, drivers.OpAppend: 1, drivers.OpStrLen: 1,
		drivers.OpGetRange: 1, drivers.OpSetRange: 1, drivers.OpIncrBy: 2, drivers.OpIncrByFloat: 2,
		drivers.OpBitGet: 1, drivers.OpBitSet: 1, drivers.OpBitIncrement: 1, drivers.OpBitRange: 1, drivers.OpBitSum: 1,
	},
	arguments: func(g generator, cmd *drivers.Command) {
		switch cmd.Op {
		case drivers.OpSet, drivers.OpSwap:
			cmd.Value, cmd.If, cmd.Expiry = g.text(), g.condition(), g.rareExpiry()
			g.last[cmd.Key] = cmd.Value
		case drivers.OpCompareAndSwap:
			cmd.OwnExtra().Expected, cmd.Value, cmd.Expiry = g.last[cmd.Key], g.text(), g.rareExpiry()
			if g.oneIn(4) {
				cmd.OwnExtra().Expected = g.text()
			}
			g.last[cmd.Key] = cmd.Value
		case drivers.OpGetEx:
			cmd.Expiry = g.expiry()
		case drivers.OpAppend:
			cmd.Value, cmd.Expiry = g.text(), g.rareExpiry()
		case drivers.OpGetRange:
			cmd.Start, cmd.Stop = g.position(), g.position()
		case drivers.OpSetRange:
			cmd.Start, cmd.Value, cmd.Expiry = pick[int64](g, 0, 0, 1, 2, 5, 30, -1, drivers.MaxBytes), g.text(), g.rareExpiry()
		case drivers.OpIncrBy:
			cmd.Amount = pick(g, 0, 1, -1, 7, math.MaxInt64, math.MinInt64, g.rng.Int64(), -g.rng.Int64N(1000))
			cmd.Expiry = g.rareExpiry()
			if g.oneIn(3) {
				extra := cmd.OwnExtra()
				extra.Min, extra.Max = pick(g, "", "0", "-100", "-9223372036854775808", "9", "1.5"), pick(g, "", "0", "100", "9223372036854775807", "-9")
			}
		case drivers.OpIncrByFloat:
			cmd.Value = pick(g, "0", "1", "-1", "0.1", "0.2", "3.0e3", "1e308", "-1e-9", "123456789.123456789", "5e-324", "0x10", "-0x1.8p-3", "-0", "0x", "x", "inf", "nan")
			cmd.Expiry = g.rareExpiry()
			if g.oneIn(3) {
				extra := cmd.OwnExtra()
				extra.Min, extra.Max = pick(g, "", "0", "-100.5", "1e3", "x"), pick(g, "", "0", "100.25", "-1e3")
			}
		case drivers.OpBitGet, drivers.OpBitSet, drivers.OpBitIncrement, drivers.OpBitRange, drivers.OpBitSum:
			g.bits(cmd)
		default: // nothing but the key
		}
	},
	state: []drivers.Command{{Op: drivers.OpGet}, {Op: drivers.OpStrLen}},
}

// bits draws a bit operation at the boundaries of its type. Writes stay low: a
// slot far out would make a string of megabytes.
func (g generator) bits(cmd *drivers.Command) {
	cmd.Bits = drivers.BitType{
		Width:    uint8(pick(g, 1, 2, 3, 7, 8, 8, 9, 16, 31, 32, 33, 63, 64, g.rng.IntN(65))),
		Signed:   g.oneIn(2),
		Overflow: drivers.Overflow(g.rng.IntN(3)),
	}
	if !cmd.Bits.Signed && cmd.Bits.Width == 64 && !g.oneIn(10) {
		cmd.Bits.Width = 63
	}
	if g.oneIn(200) {
		cmd.Bits.Overflow = drivers.Overflow(pick[uint8](g, 3, 255))
	}
	cmd.Start = pick(g, 0, 0, 1, 2, 3, 7, g.rng.Int64N(40))
	cmd.Stop = cmd.Start + g.rng.Int64N(20)
	if g.oneIn(30) {
		beyond := int64(drivers.MaxBits) / int64(max(cmd.Bits.Width, 1))
		cmd.Start = pick(g, -1, math.MinInt64, math.MaxInt64, beyond)
		cmd.Stop = pick(g, cmd.Start, cmd.Start+1, 0, beyond+1)
		if cmd.Op.Effect() == drivers.Reads && g.oneIn(2) {
			cmd.Start, cmd.Stop = beyond-1, beyond
		}
	}
	kind := cmd.Bits
	if kind.Check() != nil {
		kind = drivers.BitType{Width: 8}
	}
	cmd.Amount = pick(g, 0, 1, -1, 2, kind.Min(), kind.Max(), kind.Min()-1, kind.Max()+1,
		math.MinInt64, math.MaxInt64, math.MinInt64+kind.Max(), g.rng.Int64(), -g.rng.Int64N(1000))
	if cmd.Op == drivers.OpBitSet || cmd.Op == drivers.OpBitIncrement {
		cmd.Expiry = g.rareExpiry()
	}
}

// position draws a place in a short string, from its beginning or its end.
func (g generator) position() int64 {
	return pick(g, 0, 0, 1, 2, 5, -1, -2, -5, -100, 100, math.MinInt64, math.MaxInt64-1, g.rng.Int64N(40)-20)
}
