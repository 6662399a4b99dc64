package memory

import (
	"strconv"

	"github.com/kvstore-go/kvstore/drivers"
)

// limiterOperations are those of rate limiters.
var limiterOperations = operations{
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
	full := now
	if e != nil {
		stored, err := drivers.ParseInt(e.read())
		if err == nil && (stored > lastMoment || stored < -lastMoment) {
			err = drivers.Errorf(drivers.ErrInvalid, "%d is no moment", stored)
		}
		if err != nil {
			return drivers.Reply{}, err
		}
		full = max(full, stored)
	}
	burst := cmd.Start * cmd.Stop
	next := full + cmd.Start*max(cmd.Amount, 1)
	wait := max(next-burst-now, 0)
	reply := drivers.Reply{Ints: []int64{0, 0, wait, 0}}
	if wait == 0 {
		reply.Ints[0] = 1
		if cmd.Amount > 0 {
			full = next
			ks.store(e, drivers.Command{
				Key: cmd.Key, Value: strconv.FormatInt(full, 10),
				Expiry: drivers.Expiry{Mode: drivers.ExpireIn, Millis: (full - now + 999) / 1000},
			})
		}
	}
	reply.Ints[1] = max(burst-(full-now), 0) / cmd.Start
	reply.Ints[3] = full - now
	return reply, nil
}
