package redisdriver

import "github.com/kvstore-go/kvstore/drivers"

// keyHandlers are those of any value.
var keyHandlers = handlers{
	{drivers.OpExists, handler{call: plain("exists"), reply: integer}},
	{drivers.OpDelete, handler{call: plain("unlink"), reply: integer}},
	{drivers.OpTTL, handler{call: plain("pttl"), reply: timeToLive}},
	{drivers.OpTime, handler{call: timeCall, reply: integer}},
	{drivers.OpExpire, handler{call: expireCall, reply: integer}},
	{drivers.OpPersist, handler{call: plain("persist"), reply: integer}},
	{drivers.OpReconcile, handler{call: reconcileCall, reply: presence, keys: otherKeys}},
	{drivers.OpSeal, handler{call: sealCall, reply: integers, keys: otherKeys}},
	{drivers.OpFind, handler{call: findCall, reply: foundMembers, keys: otherKeys}},
	{drivers.OpMemoryUsage, handler{call: memoryUsageCall, reply: integer}},
}

func timeCall(cmd drivers.Command) call { return serverTime.on(cmd.Key) }

func memoryUsageCall(cmd drivers.Command) call { return command("memory", "usage", cmd.Key) }

// reconcileCall is a script where there are indexes, which is what it is for.
func reconcileCall(cmd drivers.Command) call {
	if len(cmd.Indexes()) > 0 {
		return reconcile.onKeys(allKeys(cmd), 0)
	}
	return withKeys("exists")(cmd)
}

func sealCall(cmd drivers.Command) call {
	return seal.onKeys(allKeys(cmd), 0, cmd.Mark(), flag(cmd.SealsMarks()))
}

func expireCall(cmd drivers.Command) call {
	return command(expireCommand(cmd.Expiry), cmd.Key, millisOf(cmd.Expiry))
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

// startsTTL reports whether expiry sets a time to live.
func startsTTL(expiry drivers.Expiry) bool {
	return expiry.Mode == drivers.ExpireIn || expiry.Mode == drivers.ExpireAt
}
