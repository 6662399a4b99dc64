package memory

import (
	"strconv"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/drivers/internal/redisvalue"
)

// limiterHandlers are those of rate limiters.
var limiterHandlers = handlers{
	drivers.OpThrottle: {write: throttle, timed: true},
}

// lastMoment is as far as Lua can count.
const lastMoment = 1 << 53

// throttle is the generic cell rate algorithm. What is stored is the moment, in
// microseconds, when all of the burst will be back; no key says that it is.
func throttle(ks keyspace, cmd drivers.Command) (drivers.Reply, error) {
	e := ks.find(cmd.Key)
	if err := isString(e); err != nil {
		return drivers.Reply{}, err
	}
	now := ks.d.clock().UnixMicro() // to the millisecond it would not do for high rates
	full, latest, changed := now, now+cmd.IntervalMicros()*cmd.Burst(), false
	if e != nil {
		stored, err := valid(redisvalue.ParseInt(e.read()))
		if err == nil && (stored > lastMoment || stored < -lastMoment) {
			err = drivers.Errorf(drivers.ErrInvalid, "%d is no moment", stored)
		}
		if err != nil {
			return drivers.Reply{}, err
		}
		// It is later than that if the clock was set back, or the rate was another. Left
		// as it is, it would keep the limiter shut until then.
		full, changed = max(full, min(stored, latest)), stored > latest
	}
	next := full + cmd.IntervalMicros()*max(cmd.Cost(), 1)
	wait := max(next-latest, 0)
	admitted := int64(0)
	if wait == 0 {
		admitted = 1
		if cmd.Cost() > 0 {
			full, changed = next, true
		}
	}
	if changed {
		ks.store(e, drivers.Command{
			Key: cmd.Key, Value: strconv.FormatInt(full, 10),
			Expiry: drivers.Expiry{Mode: drivers.ExpireIn, Millis: (full - now + 999) / 1000},
		})
	}
	return drivers.Reply{Ints: []int64{admitted, (latest - full) / cmd.IntervalMicros(), wait, full - now}}, nil
}
