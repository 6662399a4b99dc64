package redisdriver

import "github.com/kvstore-go/kvstore/drivers"

// stringHandlers are those of strings.
var stringHandlers = handlers{
	{drivers.OpGet, handler{call: plain("get"), reply: text}},
	{drivers.OpGetEx, handler{call: getExCall, reply: text}},
	{drivers.OpSet, handler{call: setCall, reply: done}},
	{drivers.OpSwap, handler{call: swapCall, reply: text}},
	{drivers.OpCompareAndSwap, handler{call: compareAndSwapCall, reply: integer}},
	{drivers.OpAppend, handler{call: withValue("append"), reply: integer, expires: ownKey}},
	{drivers.OpStrLen, handler{call: plain("strlen"), reply: integer}},
	{drivers.OpGetRange, handler{call: getRangeCall, reply: text}},
	{drivers.OpSetRange, handler{call: setRangeCall, reply: integer, expires: ownKey}},
	{drivers.OpIncrBy, handler{call: incrByCall, reply: integer}},
	{drivers.OpIncrByFloat, handler{call: incrByFloatCall, reply: text}},
}

func getExCall(cmd drivers.Command) call {
	return appendSetExpiry(commandWith(2, "getex", cmd.Key), cmd)
}

// Redis reads SET's options in any order; these come last, so that what is there
// without any is the plain command.
func setCall(cmd drivers.Command) call {
	return appendSetOptions(withValue("set")(cmd), cmd)
}

func swapCall(cmd drivers.Command) call {
	return appendSetOptions(commandWith(3, "set", cmd.Key, cmd.Value, "get"), cmd)
}

func appendSetOptions(c call, cmd drivers.Command) call {
	if cmd.If != drivers.Always {
		c = c.and(conditionNames[cmd.If])
	}
	return appendSetExpiry(c, cmd)
}

func appendSetExpiry(c call, cmd drivers.Command) call {
	switch cmd.Expiry.Mode {
	case drivers.KeepTTL:
		return c.and("keepttl")
	case drivers.ClearTTL: // is what SET does
	case drivers.ExpireIn:
		return c.and("px", millisOf(cmd.Expiry))
	case drivers.ExpireAt:
		return c.and("pxat", millisOf(cmd.Expiry))
	}
	return c
}

func compareAndSwapCall(cmd drivers.Command) call {
	return appendSetExpiry(compareAndSwap.onKeys([]string{cmd.Key}, 2, cmd.Expected(), cmd.Value), cmd)
}

func getRangeCall(cmd drivers.Command) call {
	return command("getrange", cmd.Key, cmd.Start, cmd.Stop)
}

func setRangeCall(cmd drivers.Command) call {
	return command("setrange", cmd.Key, cmd.Start, cmd.Value)
}

// hyperLogLogHandlers are those of HyperLogLogs.
var hyperLogLogHandlers = handlers{
	{drivers.OpPFAdd, handler{call: withValues("pfadd"), reply: integer, expires: ownKey, perValue: 1, join: joinAny}},
	{drivers.OpPFCount, handler{call: withKeys("pfcount"), reply: integer, keys: otherKeys}},
	{drivers.OpPFMerge, handler{call: withKeys("pfmerge"), reply: done, keys: otherKeys, expires: ownKey}},
}
