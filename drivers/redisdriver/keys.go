package redisdriver

import "github.com/kvstore-go/kvstore/drivers"

// keyOperations are those of any value.
var keyOperations = operations{
	drivers.OpExists:    {args: plain("exists"), reply: integer},
	drivers.OpDelete:    {args: plain("unlink"), reply: integer},
	drivers.OpTTL:       {args: plain("pttl"), reply: timeToLive},
	drivers.OpTime:      {args: timeArgs, reply: integer},
	drivers.OpExpire:    {args: expireArgs, reply: integer},
	drivers.OpPersist:   {args: plain("persist"), reply: integer},
	drivers.OpReconcile: {args: withKeys("exists"), reply: presence, keys: otherKeys},
	drivers.OpSeal:      {args: sealArgs, reply: integers, keys: otherKeys},
}

func timeArgs(cmd drivers.Command) []any { return []any{"evalsha", serverTime.sha, 1, cmd.Key} }

func sealArgs(cmd drivers.Command) []any {
	args := []any{"evalsha", seal.sha, 1 + len(cmd.Keys), cmd.Key}
	for _, key := range cmd.Keys {
		args = append(args, key)
	}
	return append(args, cmd.Start, cmd.Amount)
}

func expireArgs(cmd drivers.Command) []any {
	return []any{expireCommand(cmd.Expiry), cmd.Key, millisOf(cmd.Expiry)}
}

// expireCommand is the command that sets a time to live, to the millisecond.
func expireCommand(expiry drivers.Expiry) any {
	if expiry.Mode == drivers.ExpireAt {
		return "pexpireat"
	}
	return "pexpire"
}

// millisOf are the milliseconds of what sets a time to live. SET does not take
// the epoch for a moment; the one after it is as long ago.
func millisOf(expiry drivers.Expiry) int64 { return max(expiry.Millis, 1) }

// starts reports whether expiry sets a time to live.
func starts(expiry drivers.Expiry) bool {
	return expiry.Mode == drivers.ExpireIn || expiry.Mode == drivers.ExpireAt
}
