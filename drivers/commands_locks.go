package drivers

import "time"

// LockAcquire is an OpLockAcquire.
func LockAcquire(owner string, lease time.Duration) Command {
	return Command{Op: OpLockAcquire, Value: owner, Amount: wholeMillis(lease)}
}

// LockRenew is an OpLockRenew.
func LockRenew(owner string, lease time.Duration) Command {
	return Command{Op: OpLockRenew, Value: owner, Amount: wholeMillis(lease)}
}

// LockRelease is an OpLockRelease.
func LockRelease(owner string) Command { return Command{Op: OpLockRelease, Value: owner} }

// Limit is one of those of a limiter, which has one more to admit after so many
// microseconds, and Burst at most.
type Limit struct{ IntervalMicros, Burst int64 }

// Throttle is an OpThrottle that is admitted if each of the limits admits it. A cost of 0 takes
// nothing.
func Throttle(cost int64, limits ...Limit) Command {
	numbers := make([]float64, 0, 2*len(limits))
	for _, limit := range limits {
		numbers = append(numbers, float64(limit.IntervalMicros), float64(limit.Burst))
	}
	return Command{Op: OpThrottle, Amount: cost, Extra: &Extra{Scores: numbers}}
}

// Owner is who an OpLock… is for.
func (c *Command) Owner() string { return c.Value }

// LeaseMillis is for how long a lock is acquired or renewed.
func (c *Command) LeaseMillis() int64 { return c.Amount }

// Cost is how many an OpThrottle asks to be admitted.
func (c *Command) Cost() int64 { return c.Amount }

// Limits are those of an OpThrottle.
func (c *Command) Limits() []Limit {
	limits := make([]Limit, len(c.Scores())/2)
	for i := range limits {
		limits[i] = Limit{int64(c.Scores()[2*i]), int64(c.Scores()[2*i+1])}
	}
	return limits
}
