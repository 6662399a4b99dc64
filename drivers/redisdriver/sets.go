package redisdriver

import "github.com/kvstore-go/kvstore/drivers"

// setHandlers are those of sets.
var setHandlers = handlers{
	{drivers.OpSAdd, handler{call: withValues("sadd"), reply: integer, expires: ownKey, perValue: 1}},
	{drivers.OpSRem, handler{call: withValues("srem"), reply: integer, perValue: 1}},
	{drivers.OpSReplace, handler{call: replaceCall("set"), reply: integer}},
	{drivers.OpSIsMember, handler{call: withValue("sismember"), reply: integer}},
	{drivers.OpSCard, handler{call: plain("scard"), reply: integer}},
	{drivers.OpSMembers, handler{call: plain("smembers"), reply: texts}},
	{drivers.OpSScan, handler{call: scanCall("sscan"), reply: page}},
	{drivers.OpSPop, handler{call: withAmount("spop"), reply: texts}},
	{drivers.OpSRandMember, handler{call: withAmount("srandmember"), reply: texts}},
	{drivers.OpSMove, handler{call: moveCall, reply: integer, keys: destination, expires: movesTo, join: joinTouched}},
	{drivers.OpSInter, handler{call: withKeys("sinter"), reply: texts, keys: otherKeys}},
	{drivers.OpSUnion, handler{call: withKeys("sunion"), reply: texts, keys: otherKeys}},
	{drivers.OpSDiff, handler{call: withKeys("sdiff"), reply: texts, keys: otherKeys}},
}

// withValues is the command name with the key and Values.
func withValues(name any) func(drivers.Command) call {
	return func(cmd drivers.Command) call {
		if len(cmd.Values) > 2 {
			return commandWith(len(cmd.Values), name, cmd.Key).andStrings(cmd.Values)
		}
		s := &smallCall{}
		c := s.command(name, cmd.Key)
		for i := range s.texts[:copy(s.texts[:], cmd.Values)] {
			c = c.and(&s.texts[i])
		}
		return c
	}
}

var conditionNames = [...]any{
	drivers.Always: "", drivers.IfAbsent: "nx", drivers.IfExists: "xx", drivers.IfGreater: "gt", drivers.IfLess: "lt",
}

// replaceCall calls the script that replaces a collection of a type.
func replaceCall(kind any) func(drivers.Command) call {
	return func(cmd drivers.Command) call {
		return replaceWith(kind, cmd, len(cmd.Values)).andStrings(cmd.Values)
	}
}

// replaceWith is what precedes the values, with room for them.
func replaceWith(kind any, cmd drivers.Command, room int) call {
	command, millis := startArgs(cmd.Expiry)
	if cmd.Expiry.Mode == drivers.KeepTTL {
		command = "keepttl"
	}
	return replace.onKeys([]string{cmd.Key}, room, conditionNames[cmd.If], command, millis, kind)
}

// scanCall scans one key.
func scanCall(name any) func(drivers.Command) call {
	return func(cmd drivers.Command) call {
		return appendCount(scan.onKeys([]string{cmd.Key}, 2, uint64(cmd.Cursor()), cmd.CursorServer(), name), cmd)
	}
}

func withAmount(name any) func(drivers.Command) call {
	return func(cmd drivers.Command) call { return command(name, cmd.Key, cmd.Amount) }
}

func withKeys(name any) func(drivers.Command) call {
	return func(cmd drivers.Command) call {
		return commandWith(len(cmd.Keys()), name, cmd.Key).andKeys(cmd.Keys())
	}
}

func moveCall(cmd drivers.Command) call {
	return command("smove", cmd.Key, cmd.Destination(), cmd.Value)
}

func destination(cmd drivers.Command) []string { return cmd.Keys()[:1] }
