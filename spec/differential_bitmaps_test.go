package spec_test

import "github.com/kvstore-go/kvstore/drivers"

var bitmapKeys = []string{"d:m", "d:n", "m"}

var randomBitmaps = random{
	keys: bitmapKeys,
	ops: map[drivers.Op]int{
		drivers.OpGetBit: 2, drivers.OpSetBit: 6, drivers.OpBitCount: 4, drivers.OpBitPos: 4, drivers.OpBitOp: 2,
		drivers.OpGet: 1, drivers.OpSet: 1,
	},
	arguments: func(g generator, cmd *drivers.Command) {
		switch cmd.Op {
		case drivers.OpSet:
			cmd.Value = pick(g, "", "\xff", "\xff\xff", "\x00\x00", "\x00\x10", "\xff\xef", g.text())
		case drivers.OpGetBit, drivers.OpSetBit:
			cmd.Start, cmd.Amount = g.rng.Int64N(100), g.rng.Int64N(2)
			if g.oneIn(100) {
				cmd.Start, cmd.Amount = pick[int64](g, -1, drivers.MaxBits, 1), pick[int64](g, 2, -1, 1)
			}
			if cmd.Op == drivers.OpSetBit {
				cmd.Expiry = g.rareExpiry()
			}
		case drivers.OpBitCount, drivers.OpBitPos:
			cmd.Start, cmd.Stop, cmd.Amount = g.position(), g.position(), g.rng.Int64N(2)
			if cmd.Op == drivers.OpBitPos && g.oneIn(3) {
				cmd.Start, cmd.Stop = pick[int64](g, 0, 0, 0, 0, 1), drivers.NoStop
			}
		case drivers.OpBitOp:
			cmd.Value, cmd.OwnExtra().Keys, cmd.Expiry = pick(g, "AND", "OR", "XOR", "NOT"), g.keys(1+g.rng.IntN(3), bitmapKeys), g.rareExpiry()
			if cmd.Value == "NOT" && !g.oneIn(10) && len(cmd.Keys()) > 0 {
				cmd.OwnExtra().Keys = cmd.Keys()[:1]
			}
		default: // nothing but the key
		}
	},
}
