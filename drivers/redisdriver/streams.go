package redisdriver

import (
	"cmp"
	"math"
	"time"

	"github.com/kvstore-go/kvstore/drivers"
)

// streamOperations are those of streams.
var streamOperations = operations{
	drivers.OpXAdd:    {call: xAddCall, reply: text, starts: ownKey},
	drivers.OpXLen:    {call: plain("xlen"), reply: integer},
	drivers.OpXRange:  {call: xRangeCall, reply: streamEntries},
	drivers.OpXRead:   {call: xReadCall, reply: streamRead, answers: noEntries, waits: &waiting{call: xReadWaiting, reply: streamRead}},
	drivers.OpXTrim:   {call: xTrimCall, reply: integer},
	drivers.OpXDel:    {call: withValues("xdel"), reply: integer, each: 1},
	drivers.OpXLastID: {call: lastIDCall, reply: lastID, answers: noStream},

	drivers.OpXGroupCreate:  {call: ofGroup(groupCreateCall), reply: created, answers: noChange},
	drivers.OpXGroupDestroy: {call: ofGroup(groupDestroyCall), reply: integer, answers: noChange},
	drivers.OpXReadGroup: {call: ofGroup(xReadGroupCall), reply: inGroup(streamRead), answers: noGroup,
		waits: &waiting{call: xReadGroupWaiting, reply: streamRead}},
	drivers.OpXAck:       {call: xAckCall, reply: integer, each: 1},
	drivers.OpXPending:   {call: xPendingCall, reply: pendingEntries, answers: noGroup},
	drivers.OpXClaim:     {call: ofGroup(xClaimCall), reply: inGroup(streamEntries), answers: noGroup},
	drivers.OpXAutoClaim: {call: ofGroup(xAutoClaimCall), reply: inGroup(claimedEntries), answers: noGroup},
}

func xAddCall(cmd drivers.Command) call {
	c := commandWith(4+len(cmd.Values), "xadd", cmd.Key)
	if cmd.Amount > 0 {
		c = c.and("maxlen", "=", cmd.Amount)
	}
	return c.and(cmd.Value).andStrings(cmd.Values)
}

func xRangeCall(cmd drivers.Command) call {
	name, from, to := any("xrange"), cmp.Or(cmd.Min, "-"), cmp.Or(cmd.Max, "+")
	if cmd.Reverse {
		name, from, to = "xrevrange", to, from
	}
	return appendCount(commandWith(2, name, cmd.Key, from, to), cmd)
}

func appendCount(c call, cmd drivers.Command) call {
	if cmd.Amount > 0 {
		c = c.and("count", cmd.Amount)
	}
	return c
}

func xReadCall(cmd drivers.Command) call {
	return appendCount(commandWith(5, "xread"), cmd).and("streams", cmd.Key, cmd.Value)
}

func xReadWaiting(cmd drivers.Command, limit time.Duration) call {
	return appendCount(commandWith(7, "xread"), cmd).and("block", limit.Milliseconds(), "streams", cmd.Key, cmd.Value)
}

func xTrimCall(cmd drivers.Command) call {
	if cmd.Min != "" {
		return command("xtrim", cmd.Key, "minid", "=", cmd.Min)
	}
	return command("xtrim", cmd.Key, "maxlen", "=", cmd.Amount)
}

func lastIDCall(cmd drivers.Command) call { return command("xinfo", "stream", cmd.Key) }

func groupCreateCall(cmd drivers.Command) call {
	return command("xgroup", "create", cmd.Key, cmd.Value, cmd.Expected, "mkstream")
}

func groupDestroyCall(cmd drivers.Command) call {
	return command("xgroup", "destroy", cmd.Key, cmd.Value)
}

func xReadGroupCall(cmd drivers.Command) call {
	return appendCount(commandWith(5, "xreadgroup", "group", cmd.Value, cmd.Expected), cmd).and("streams", cmd.Key, cmd.Min)
}

func xReadGroupWaiting(cmd drivers.Command, limit time.Duration) call {
	c := appendCount(commandWith(7, "xreadgroup", "group", cmd.Value, cmd.Expected), cmd)
	return c.and("block", limit.Milliseconds(), "streams", cmd.Key, cmd.Min)
}

func xAckCall(cmd drivers.Command) call {
	return commandWith(len(cmd.Values), "xack", cmd.Key, cmd.Value).andStrings(cmd.Values)
}

func xPendingCall(cmd drivers.Command) call {
	c := commandWith(6, "xpending", cmd.Key, cmd.Value)
	if cmd.Start > 0 {
		c = c.and("idle", cmd.Start)
	}
	amount := cmd.Amount
	if amount == 0 {
		amount = math.MaxInt64 // all
	}
	c = c.and(cmp.Or(cmd.Min, "-"), cmp.Or(cmd.Max, "+"), amount)
	if cmd.Expected != "" {
		c = c.and(cmd.Expected)
	}
	return c
}

func xClaimCall(cmd drivers.Command) call {
	return commandWith(len(cmd.Values), "xclaim", cmd.Key, cmd.Value, cmd.Expected, cmd.Start).andStrings(cmd.Values)
}

func xAutoClaimCall(cmd drivers.Command) call {
	return command("xautoclaim", cmd.Key, cmd.Value, cmd.Expected, cmd.Start, cmd.Min, "count", cmd.Amount)
}

// ofGroup makes a command on a group one that a script calls where there are indexes: its
// errors that are answers must not keep the script from bringing those up to date.
func ofGroup(plain func(drivers.Command) call) func(drivers.Command) call {
	return func(cmd drivers.Command) call {
		c := plain(cmd)
		if len(cmd.Indexes) == 0 {
			return c
		}
		return groupCall.on(cmd.Key, c.words...)
	}
}
