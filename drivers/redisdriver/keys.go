package redisdriver

import "github.com/kvstore-go/kvstore/drivers"

func expireArgs(cmd drivers.Command) []any {
	return []any{expireCommand(cmd.Expiry), cmd.Key, cmd.Expiry.Millis}
}

// expireCommand is the command that sets a time to live, to the millisecond.
func expireCommand(expiry drivers.Expiry) any {
	if expiry.Mode == drivers.ExpireAt {
		return "pexpireat"
	}
	return "pexpire"
}

func checkExpire(cmd drivers.Command) error {
	if !starts(cmd.Expiry) && cmd.Expiry.Check() == nil {
		return drivers.Errorf(drivers.ErrInvalid, "%v needs a time to live", cmd.Op)
	}
	return cmd.Expiry.Check()
}

// starts reports whether expiry sets a time to live.
func starts(expiry drivers.Expiry) bool {
	return expiry.Mode == drivers.ExpireIn || expiry.Mode == drivers.ExpireAt
}

func checkCondition(cmd drivers.Command) error {
	if cmd.If > drivers.IfExists {
		return drivers.Errorf(drivers.ErrInvalid, "unknown condition %d", cmd.If)
	}
	return nil
}
