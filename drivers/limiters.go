package drivers

// MaxRefillMicros is how long a limiter may take to have all of its burst back: a moment
// that far ahead is still a number that Lua can count to.
const MaxRefillMicros = 1 << 52

// limiterOps are the Ops on rate limiters. A transaction cannot have them, as their
// outcome depends on the moment of execution.
var limiterOps = family{
	OpThrottle: {name: "THROTTLE", effect: Writes, check: checkThrottle},
}

func checkThrottle(cmd Command) error {
	switch {
	case cmd.Start <= 0 || cmd.Stop <= 0 || cmd.Start > MaxRefillMicros/cmd.Stop:
		return Errorf(ErrInvalid, "%v at %d µs for one and a burst of %d", cmd.Op, cmd.Start, cmd.Stop)
	case cmd.Amount < 0 || cmd.Amount > cmd.Stop:
		return Errorf(ErrInvalid, "%v of %d with a burst of %d", cmd.Op, cmd.Amount, cmd.Stop)
	}
	return nil
}
