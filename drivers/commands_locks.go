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

// Throttle is an OpThrottle of a limiter that has one more to admit after so many microseconds,
// and burst at most. A cost of 0 takes nothing.
func Throttle(cost, intervalMicros, burst int64) Command {
	return Command{Op: OpThrottle, Amount: cost, Start: intervalMicros, Stop: burst}
}

// Owner is who an OpLock… is for.
func (c *Command) Owner() string { return c.Value }

// LeaseMillis is for how long a lock is acquired or renewed.
func (c *Command) LeaseMillis() int64 { return c.Amount }

// Cost is how many an OpThrottle asks to be admitted.
func (c *Command) Cost() int64 { return c.Amount }

// IntervalMicros is after how long a limiter has one more to admit.
func (c *Command) IntervalMicros() int64 { return c.Start }

// Burst is how many a limiter admits at once.
func (c *Command) Burst() int64 { return c.Stop }
