package memory

import (
	"strconv"
	"strings"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/drivers/internal/redisvalue"
)

// limiterHandlers are those of rate limiters.
func limiterHandlers() handlers {
	return handlers{
		{drivers.OpThrottle, handler{write: throttle, timed: true}},
	}
}

// lastMoment is as far as Lua can count.
const lastMoment = 1 << 53

// throttle is the generic cell rate algorithm. What is stored of each limit is the moment, in
// microseconds, when all of its burst will be back; no key says that all are.
func throttle(ks keyspace, cmd drivers.Command) (drivers.Reply, error) {
	e := ks.find(cmd.Key)
	if err := isString(e); err != nil {
		return drivers.Reply{}, err
	}
	stored, err := moments(e)
	if err != nil {
		return drivers.Reply{}, err
	}
	now := ks.d.clock().UnixMicro() // to the millisecond it would not do for high rates
	reply, admitted, changed := drivers.Reply{Ints: []int64{0}}, true, false
	var fulls []int64
	for i, limit := range cmd.Limits() {
		full, latest := now, now+limit.IntervalMicros*limit.Burst
		if i < len(stored) {
			// It is later than that if the clock was set back, or the rate was another. Left
			// as it is, it would keep the limiter shut until then.
			full, changed = max(full, min(stored[i], latest)), changed || stored[i] > latest
		}
		wait := max(full+limit.IntervalMicros*max(cmd.Cost(), 1)-latest, 0)
		admitted = admitted && wait == 0
		fulls, reply.Ints = append(fulls, full), append(reply.Ints, 0, wait, 0)
	}
	if admitted {
		reply.Ints[0], changed = 1, changed || cmd.Cost() > 0
	}
	last, texts := now, make([]string, len(fulls))
	for i, limit := range cmd.Limits() {
		if admitted {
			fulls[i] += limit.IntervalMicros * cmd.Cost()
		}
		left := (now + limit.IntervalMicros*limit.Burst - fulls[i]) / limit.IntervalMicros
		reply.Ints[1+3*i], reply.Ints[3+3*i] = left, fulls[i]-now
		last, texts[i] = max(last, fulls[i]), strconv.FormatInt(fulls[i], 10)
	}
	if changed {
		ks.store(e, drivers.Command{
			Key: cmd.Key, Value: strings.Join(texts, " "),
			Expiry: drivers.Expiry{Mode: drivers.ExpireIn, Millis: (last - now + 999) / 1000},
		})
	}
	return reply, nil
}

// moments are those that are stored of the limits of a limiter.
func moments(e *entry) (moments []int64, _ error) {
	if e == nil {
		return nil, nil
	}
	for text := range strings.SplitSeq(e.read(), " ") {
		moment, err := sound(redisvalue.ParseInt(text))
		if err == nil && (moment > lastMoment || moment < -lastMoment) {
			err = drivers.Errorf(drivers.ErrCorrupt, "%d is no moment", moment)
		}
		if err != nil {
			return nil, err
		}
		moments = append(moments, moment)
	}
	return moments, nil
}
