package drivers

// MaxLeaseMillis is how long a lock may be acquired for: a moment that far ahead is
// still a number that Lua can count to.
const MaxLeaseMillis = 1 << 50

// lockOps are the Ops on locks. A transaction cannot have them, as nobody can watch the
// end of a lease.
var lockOps = family{
	OpLockAcquire: {"LOCKACQUIRE", Writes, all(checkOwner, checkLease), nil},
	OpLockRenew:   {"LOCKRENEW", Writes, all(checkOwner, checkLease), nil},
	OpLockRelease: {"LOCKRELEASE", Writes, checkOwner, nil},
	OpLockHolder:  {"LOCKHOLDER", Reads, nil, nil},
}

func checkOwner(cmd Command) error {
	if cmd.Owner() == "" {
		return Errorf(ErrInvalid, "%v without an owner", cmd.Op)
	}
	return nil
}

func checkLease(cmd Command) error {
	if lease := cmd.LeaseMillis(); lease <= 0 || lease > MaxLeaseMillis {
		return Errorf(ErrInvalid, "%v for %d ms", cmd.Op, lease)
	}
	return nil
}
