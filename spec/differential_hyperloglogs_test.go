package spec_test

import (
	"strconv"

	"github.com/kvstore-go/kvstore/drivers"
)

var hyperLogLogKeys = []string{"d:u", "d:v", "d:w", "u"}

// randomHyperLogLogs grow from empty to dense; state reads them as strings, byte for byte.
var randomHyperLogLogs = random{
	keys: hyperLogLogKeys,
	ops:  map[drivers.Op]int{drivers.OpPFAdd: 8, drivers.OpPFCount: 4, drivers.OpPFMerge: 2, drivers.OpGet: 1},
	arguments: func(g generator, cmd *drivers.Command) {
		switch cmd.Op {
		case drivers.OpPFAdd:
			cmd.Expiry = g.rareExpiry()
			for range pick(g, 0, 1, 1, 2, 5, 50) {
				cmd.Values = append(cmd.Values, strconv.Itoa(g.rng.IntN(5_000)))
			}
			if g.oneIn(20) {
				cmd.Values = g.members()
			}
		case drivers.OpPFCount, drivers.OpPFMerge:
			cmd.OwnExtra().Keys = g.keys(pick(g, 0, 0, 1, 2), hyperLogLogKeys)
			if cmd.Op == drivers.OpPFMerge {
				cmd.Expiry = g.rareExpiry()
			}
		default: // nothing but the key
		}
	},
}
