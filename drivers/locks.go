package drivers

// MaxLeaseMillis is how long a lock may be acquired for: a moment that far ahead is
// still a number that Lua can count to.
const MaxLeaseMillis = 1 << 50

// lockOps are the Ops on locks. A transaction cannot have them, as nobody can watch the
// end of a lease.
var lockOps = family{
	{OpLockAcquire, operation{name: "LOCKACQUIRE", effect: Writes, checks: checks{checkOwner, checkLease}}},
	{OpLockRenew, operation{name: "LOCKRENEW", effect: Writes, checks: checks{checkOwner, checkLease}}},
	{OpLockRelease, operation{name: "LOCKRELEASE", effect: Writes, checks: checks{checkOwner}}},
	{OpLockHolder, operation{name: "LOCKHOLDER"}},
}

func checkOwner(cmd Command) error {
	if cmd.Owner() == "" {
		return Errorf(ErrInvalid, "%v without an owner", cmd.Op)
	}
	return nil
}

func checkLease(cmd Command) error {
	if lease := cmd.LeaseMillis(); lease <= 0 || lease > MaxLeaseMillis {
		return Errorf(ErrInvalid, "a lease of %d ms: it must be positive, and at most %d ms", lease, int64(MaxLeaseMillis))
	}
	return nil
}
