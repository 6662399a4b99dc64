package spec_test

import (
	"time"

	"github.com/kvstore-go/kvstore/drivers"
)

var queueKeys = []string{"d:queue", "queue"}

// randomQueues are of queues. What these store depends on the clock, so that what is read of
// them is their records and how many there are, and nobody else writes there.
var randomQueues = random{
	keys: []string{"d:t", "t"},
	ops: map[drivers.Op]int{
		drivers.OpJobAdd: 8, drivers.OpJobTake: 6, drivers.OpJobMove: 5, drivers.OpJobRemove: 2, drivers.OpZRangeByScore: 3, drivers.OpZCard: 1, drivers.OpZCount: 2,
	},
	arguments: func(g generator, cmd *drivers.Command) {
		const hour = int64(time.Hour / time.Millisecond)
		ids, tokens := []string{"a", "a", "b", "c", "d\xff"}, []string{"", "me", "me", "she"}
		if key := pick(g, queueKeys...); cmd.Op == drivers.OpJobAdd || cmd.Op == drivers.OpJobTake || !g.oneIn(10) {
			cmd.Key = key
		}
		due := func() (delay, moment int64) {
			if g.oneIn(30) {
				return pick[int64](g, -1, 1<<62), pick[int64](g, 0, -1, 1<<62)
			}
			if g.oneIn(3) {
				return hour, 0
			}
			return 0, pick[int64](g, 1, 2, 3, 3, 1<<42) // and not now, as two clocks tell different orders of what is due at once
		}
		key := cmd.Key
		switch cmd.Op {
		case drivers.OpJobAdd:
			delay, moment := due()
			*cmd = drivers.JobAdd(pick(g, ids...), pick(g, texts...), delay, moment)
			cmd.If = pick(g, drivers.Always, drivers.Always, drivers.Always, drivers.IfAbsent, drivers.IfExists, drivers.IfGreater)
		case drivers.OpJobTake:
			*cmd = drivers.JobTake(pick(g, tokens...), time.Hour)
		case drivers.OpJobMove:
			delay, moment := due()
			*cmd = drivers.JobMove(pick(g, ids...), pick(g, tokens...), drivers.JobState(g.rng.IntN(3)), delay, moment)
		case drivers.OpJobRemove:
			*cmd = drivers.JobRemove(pick(g, tokens...), pick(g, ids...), pick(g, ids...))
			if g.oneIn(20) {
				cmd.Values = append(cmd.Values, pick(g, "", "\x00"))
			}
		case drivers.OpZRangeByScore:
			extra := cmd.OwnExtra()
			extra.Min, extra.Max = "-inf", "(0"
		case drivers.OpZCount:
			extra := cmd.OwnExtra()
			extra.Min, extra.Max = pick(g, "1", "2", "(3", "+inf"), pick(g, "3", "+inf")
		default:
		}
		cmd.Key = key
	},
}
