package spec_test

import (
	"time"

	"github.com/kvstore-go/kvstore/drivers"
)

// randomLimits are of locks and limiters. What these store depends on the clock, so no
// other command comes to the keys they are on: the moments are seen in replies alone.
var randomLimits = random{
	keys: []string{"d:t", "t"},
	ops: map[drivers.Op]int{
		drivers.OpLockAcquire: 4, drivers.OpLockRenew: 2, drivers.OpLockRelease: 2, drivers.OpLockHolder: 2, drivers.OpThrottle: 6, drivers.OpDelete: 1,
	},
	arguments: func(g generator, cmd *drivers.Command) {
		const hour = int64(time.Hour / time.Millisecond)
		switch cmd.Op {
		case drivers.OpLockAcquire:
			cmd.Key = pick(g, lockKeys...)
		case drivers.OpThrottle:
			burst := pick[int64](g, 1, 2, 3, 10, 1000)
			limits := []drivers.Limit{{IntervalMicros: pick(g, hour*1000, 10*hour*1000), Burst: burst}}
			for g.oneIn(3) {
				limits = append(limits, drivers.Limit{IntervalMicros: pick(g, hour*1000, 20*hour*1000), Burst: burst + pick[int64](g, 0, 1, 100)})
			}
			cost := min(pick[int64](g, 0, 1, 1, 1, 2, 3, 5), burst)
			if g.oneIn(20) {
				limits[0] = drivers.Limit{IntervalMicros: pick[int64](g, -1, 0, hour, 1<<62), Burst: pick[int64](g, -1, 0, 7, 1<<62)}
				cost = pick[int64](g, -1, 8, 1<<62)
			}
			asked := drivers.Throttle(cost, limits...)
			cmd.Amount, cmd.OwnExtra().Scores = asked.Amount, asked.Scores()
			if cmd.Amount != 0 {
				cmd.Key = pick(g, limiterKeys...)
			}
			return
		case drivers.OpDelete:
			cmd.Key = pick(g, pick(g, lockKeys...), pick(g, limiterKeys...))
			return
		default:
			if !g.oneIn(10) { // what a lock is not is of no consequence to it
				cmd.Key = pick(g, lockKeys...)
			}
		}
		cmd.Value = pick(g, "a", "b", "b", "\xff", "")
		cmd.Amount = pick(g, hour, hour, 3*hour, drivers.MaxLeaseMillis)
		if g.oneIn(20) {
			cmd.Amount = pick[int64](g, -1, 0, drivers.MaxLeaseMillis+1)
		}
	},
}

// Each has its kind of value, or none.
var (
	lockKeys    = []string{"d:lock", "lock"}
	limiterKeys = []string{"d:limiter", "limiter"}
)
