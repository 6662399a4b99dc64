package redisdriver

import (
	"cmp"
	"math"
	"time"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/drivers/internal/redisvalue"
)

// streamHandlers are those of streams.
var streamHandlers = handlers{
	{drivers.OpXAdd, handler{call: xAddCall, reply: text, expires: ownKey}},
	{drivers.OpXLen, handler{call: plain("xlen"), reply: integer}},
	{drivers.OpXRange, handler{call: xRangeCall, reply: streamEntries}},
	{drivers.OpXRead, handler{call: xReadCall, reply: streamRead, replyTo: noEntries, waits: &waiting{call: xReadWaiting, reply: streamRead}}},
	{drivers.OpXTrim, handler{call: xTrimCall, reply: integer}},
	{drivers.OpXDel, handler{call: withValues("xdel"), reply: integer, perValue: 1}},
	{drivers.OpXLastID, handler{call: lastIDCall, reply: lastID, replyTo: noStream}},

	{drivers.OpXGroupCreate, handler{call: ofGroup(groupCreateCall), reply: created, replyTo: noChange}},
	{drivers.OpXGroupDestroy, handler{call: ofGroup(groupDestroyCall), reply: integer, replyTo: noChange}},
	{drivers.OpXReadGroup, handler{call: ofGroup(xReadGroupCall), reply: inGroup(streamRead), replyTo: noGroup,
		waits: &waiting{call: xReadGroupWaiting, reply: streamRead}}},
	{drivers.OpXAck, handler{call: xAckCall, reply: integer, perValue: 1}},
	{drivers.OpXPending, handler{call: xPendingCall, reply: pendingEntries, replyTo: noGroup}},
	{drivers.OpXClaim, handler{call: ofGroup(xClaimCall), reply: inGroup(streamEntries), replyTo: noGroup}},
	{drivers.OpXAutoClaim, handler{call: ofGroup(xAutoClaimCall), reply: inGroup(claimedEntries), replyTo: noGroup}},

	{drivers.OpXClaimOwn, handler{call: xClaimOwnCall, reply: integer}},
	{drivers.OpXMove, handler{call: xMoveCall, reply: integer, keys: destination}},
	{drivers.OpXConsumers, handler{call: xConsumersCall, reply: consumers, replyTo: noGroupOrStream}},
	{drivers.OpXDelConsumer, handler{call: xDelConsumerCall, reply: inGroup(handedOn), replyTo: noGroup}},
	{drivers.OpXLag, handler{call: xGroupsCall, reply: lag, replyTo: noGroupOrStream}},
	{drivers.OpXGroups, handler{call: xGroupsCall, reply: groupNames, replyTo: noGroups}},
}

func xAddCall(cmd drivers.Command) call {
	c := commandWith(4+len(cmd.Values), "xadd", cmd.Key)
	if cmd.Cap() > 0 {
		c = c.and("maxlen", "=", cmd.Cap())
	}
	return c.and(cmd.EntryID()).andStrings(cmd.Values)
}

func xRangeCall(cmd drivers.Command) call {
	name, from, to := any("xrange"), cmp.Or(cmd.Min(), "-"), cmp.Or(cmd.Max(), "+")
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
	return appendCount(commandWith(5, "xread"), cmd).and("streams", cmd.Key, cmd.After())
}

func xReadWaiting(cmd drivers.Command, limit time.Duration) call {
	return appendCount(commandWith(7, "xread"), cmd).and("block", limit.Milliseconds(), "streams", cmd.Key, cmd.After())
}

func xTrimCall(cmd drivers.Command) call {
	if cmd.FirstKept() != "" {
		return command("xtrim", cmd.Key, "minid", "=", cmd.FirstKept())
	}
	return command("xtrim", cmd.Key, "maxlen", "=", cmd.Keep())
}

func lastIDCall(cmd drivers.Command) call { return command("xinfo", "stream", cmd.Key) }

func groupCreateCall(cmd drivers.Command) call {
	return command("xgroup", "create", cmd.Key, cmd.Group(), cmd.After(), "mkstream")
}

func groupDestroyCall(cmd drivers.Command) call {
	return command("xgroup", "destroy", cmd.Key, cmd.Group())
}

func xReadGroupCall(cmd drivers.Command) call {
	return appendCount(commandWith(5, "xreadgroup", "group", cmd.Group(), cmd.Consumer()), cmd).and("streams", cmd.Key, cmd.After())
}

func xReadGroupWaiting(cmd drivers.Command, limit time.Duration) call {
	c := appendCount(commandWith(7, "xreadgroup", "group", cmd.Group(), cmd.Consumer()), cmd)
	return c.and("block", limit.Milliseconds(), "streams", cmd.Key, cmd.After())
}

func xAckCall(cmd drivers.Command) call {
	return commandWith(len(cmd.Values), "xack", cmd.Key, cmd.Group()).andStrings(cmd.Values)
}

func xPendingCall(cmd drivers.Command) call {
	c := commandWith(6, "xpending", cmd.Key, cmd.Group())
	if cmd.MinIdleMillis() > 0 {
		c = c.and("idle", cmd.MinIdleMillis())
	}
	amount := cmd.Amount
	if amount == 0 {
		amount = math.MaxInt64 // all
	}
	c = c.and(cmp.Or(cmd.Min(), "-"), cmp.Or(cmd.Max(), "+"), amount)
	if cmd.Consumer() != "" {
		c = c.and(cmd.Consumer())
	}
	return c
}

func xClaimCall(cmd drivers.Command) call {
	return commandWith(len(cmd.Values), "xclaim", cmd.Key, cmd.Group(), cmd.Consumer(), cmd.MinIdleMillis()).andStrings(cmd.Values)
}

func xAutoClaimCall(cmd drivers.Command) call {
	return command("xautoclaim", cmd.Key, cmd.Group(), cmd.Consumer(), cmd.MinIdleMillis(), cmd.FirstClaimed(), "count", cmd.Amount)
}

func xClaimOwnCall(cmd drivers.Command) call {
	c := claimOwn.onKeys([]string{cmd.Key}, len(cmd.Values), cmd.Group(), cmd.Consumer(), cmd.IdleMillis(), cmd.MoreDeliveries())
	return c.andStrings(redisvalue.SpellOutStreamIDs(cmd.Values))
}

func xMoveCall(cmd drivers.Command) call {
	expire, millis := startArgs(cmd.Expiry)
	c := moveEntries.onKeys([]string{cmd.Key, cmd.Destination()}, len(cmd.Values), expire, millis, cmd.Cap(), cmd.Group(), cmd.Consumer())
	return c.andStrings(redisvalue.SpellOutStreamIDs(cmd.Values))
}

func xConsumersCall(cmd drivers.Command) call {
	return command("xinfo", "consumers", cmd.Key, cmd.Group())
}

func xDelConsumerCall(cmd drivers.Command) call {
	return deleteConsumer.on(cmd.Key, cmd.Group(), cmd.Consumer(), cmd.Heir())
}

func xGroupsCall(cmd drivers.Command) call { return command("xinfo", "groups", cmd.Key) }

// ofGroup makes a command on a group one that a script calls where there are indexes: its
// errors that are answers must not keep the script from bringing those up to date.
func ofGroup(plain func(drivers.Command) call) func(drivers.Command) call {
	return func(cmd drivers.Command) call {
		c := plain(cmd)
		if len(cmd.Indexes()) == 0 {
			return c
		}
		return groupCall.on(cmd.Key, c.words...)
	}
}
