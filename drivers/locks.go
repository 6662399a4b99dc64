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
		return Errorf(ErrInvalid, "there is no owner")
	}
	return nil
}

var errShortLease = Errorf(ErrInvalid, "a lease that is not positive, or "+belowMillisecond)

func checkLease(cmd Command) error {
	switch lease := cmd.LeaseMillis(); {
	case lease <= 0:
		return errShortLease
	case lease > MaxLeaseMillis:
		return Errorf(ErrInvalid, "a lease of %d ms is too long", lease)
	}
	return nil
}
