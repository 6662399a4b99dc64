package spec_test

import "github.com/kvstore-go/kvstore/drivers"

var randomSets = random{
	keys: setKeys,
	ops: map[drivers.Op]int{
		drivers.OpSAdd: 12, drivers.OpSRem: 4, drivers.OpSReplace: 4, drivers.OpSIsMember: 4, drivers.OpSCard: 4, drivers.OpSMembers: 4,
		drivers.OpSScan: 4, drivers.OpSPop: 1, drivers.OpSRandMember: 4, drivers.OpSMove: 4, drivers.OpSInter: 4, drivers.OpSUnion: 4, drivers.OpSDiff: 4,
	},
	arguments: func(g generator, cmd *drivers.Command) {
		switch cmd.Op {
		case drivers.OpSAdd, drivers.OpSReplace:
			cmd.Values, cmd.If, cmd.Expiry = g.members(), g.condition(), g.rareExpiry()
		case drivers.OpSRem:
			cmd.Values = g.members()
		case drivers.OpSIsMember:
			cmd.Value = pick(g, members...)
		case drivers.OpSScan:
			cmd.Amount = 1000
		case drivers.OpSPop, drivers.OpSRandMember:
			cmd.Amount = pick[int64](g, -7, -1, 0, 1, 1, 2, 3, 5, 100, 1<<40)
			if cmd.Op == drivers.OpSPop && g.oneIn(2) {
				cmd.Amount = 1
			}
		case drivers.OpSMove:
			cmd.Value, cmd.OwnExtra().Keys, cmd.Expiry = pick(g, members...), g.keys(1, setKeys), g.rareExpiry()
		case drivers.OpSInter, drivers.OpSUnion, drivers.OpSDiff:
			cmd.OwnExtra().Keys = g.keys(g.rng.IntN(4), setKeys)
		default: // nothing but the key
		}
	},
	state: []drivers.Command{{Op: drivers.OpSMembers}, {Op: drivers.OpSCard}},
}

var setKeys = []string{"d:a", "d:a:x", "d2:a"}
