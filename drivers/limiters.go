package drivers

import "math"

// MaxRefillMicros is how long a limiter may take to have all of its burst back: a moment
// that far ahead is still a number that Lua can count to.
const MaxRefillMicros = 1 << 52

// limiterOps are the Ops on rate limiters. A transaction cannot have them, as their
// outcome depends on the moment of execution.
var limiterOps = family{
	{OpThrottle, operation{name: "THROTTLE", effect: Writes, checks: checks{checkThrottle}}},
}

func checkThrottle(cmd Command) error {
	if len(cmd.Scores()) == 0 || len(cmd.Scores())%2 != 0 {
		return Errorf(ErrInvalid, "%v with %d numbers, which are no limits", cmd.Op, len(cmd.Scores()))
	}
	for _, number := range cmd.Scores() {
		if !(number >= 1 && number <= MaxRefillMicros && number == math.Trunc(number)) {
			return Errorf(ErrInvalid, "%v with a limit of %v", cmd.Op, number)
		}
	}
	for _, limit := range cmd.Limits() {
		switch {
		case limit.IntervalMicros > MaxRefillMicros/limit.Burst:
			return Errorf(ErrInvalid, "%v at %d µs for one and a burst of %d", cmd.Op, limit.IntervalMicros, limit.Burst)
		case cmd.Cost() < 0 || cmd.Cost() > limit.Burst:
			return Errorf(ErrInvalid, "a request for %d, where a burst has %d", cmd.Cost(), limit.Burst)
		}
	}
	return nil
}
