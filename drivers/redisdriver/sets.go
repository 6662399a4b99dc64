package redisdriver

import "github.com/kvstore-go/kvstore/drivers"

// setOperations are those of sets.
var setOperations = operations{
	drivers.OpSAdd:        {args: withValues("sadd"), reply: integer, starts: ownKey, each: 1},
	drivers.OpSRem:        {args: withValues("srem"), reply: integer, each: 1},
	drivers.OpSReplace:    {args: replaceArgs("set"), reply: integer},
	drivers.OpSIsMember:   {args: withValue("sismember"), reply: integer},
	drivers.OpSCard:       {args: plain("scard"), reply: integer},
	drivers.OpSMembers:    {args: plain("smembers"), reply: texts},
	drivers.OpSScan:       {args: scanArgs("sscan"), reply: page},
	drivers.OpSPop:        {args: withAmount("spop"), reply: texts},
	drivers.OpSRandMember: {args: withAmount("srandmember"), reply: texts},
	drivers.OpSMove:       {args: moveArgs, reply: integer, keys: destination, starts: movesTo, parts: there},
	drivers.OpSInter:      {args: withKeys("sinter"), reply: texts, keys: otherKeys},
	drivers.OpSUnion:      {args: withKeys("sunion"), reply: texts, keys: otherKeys},
	drivers.OpSDiff:       {args: withKeys("sdiff"), reply: texts, keys: otherKeys},
}

// withValues is the command name with the key and Values.
func withValues(name any) func(drivers.Command) []any {
	return func(cmd drivers.Command) []any {
		if len(cmd.Values) > 2 {
			args := append(make([]any, 0, 2+len(cmd.Values)), name, cmd.Key)
			return appendStrings(args, cmd.Values)
		}
		s := &short{}
		args := append(s.args[:0], name, cmd.Key)
		for i := range s.texts[:copy(s.texts[:], cmd.Values)] {
			args = append(args, &s.texts[i])
		}
		return args
	}
}

var conditionNames = [...]any{
	drivers.Always: "", drivers.IfAbsent: "nx", drivers.IfExists: "xx", drivers.IfGreater: "gt", drivers.IfLess: "lt",
}

// replaceArgs are those of the script that replaces a collection of a type.
func replaceArgs(kind any) func(drivers.Command) []any {
	return func(cmd drivers.Command) []any {
		args := append(make([]any, 0, 8+len(cmd.Values)), replaceHead(kind, cmd)...)
		return appendStrings(args, cmd.Values)
	}
}

// replaceHead is what precedes the values.
func replaceHead(kind any, cmd drivers.Command) []any {
	command, millis := startArgs(cmd.Expiry)
	if cmd.Expiry.Mode == drivers.KeepTTL {
		command = "keepttl"
	}
	return []any{"evalsha", replace.sha, 1, cmd.Key, conditionNames[cmd.If], command, millis, kind}
}

// scanArgs are those of a scan of one key.
func scanArgs(name any) func(drivers.Command) []any {
	return func(cmd drivers.Command) []any {
		args := append(make([]any, 0, 9), "evalsha", scan.sha, 1, cmd.Key, uint64(cmd.Start), cmd.Expected, name)
		if cmd.Amount > 0 {
			args = append(args, "count", cmd.Amount)
		}
		return args
	}
}

func withAmount(name any) func(drivers.Command) []any {
	return func(cmd drivers.Command) []any { return []any{name, cmd.Key, cmd.Amount} }
}

func withKeys(name any) func(drivers.Command) []any {
	return func(cmd drivers.Command) []any {
		args := append(make([]any, 0, 2+len(cmd.Keys)), name, cmd.Key)
		for _, key := range cmd.Keys {
			args = append(args, key)
		}
		return args
	}
}

func moveArgs(cmd drivers.Command) []any { return []any{"smove", cmd.Key, cmd.Keys[0], cmd.Value} }

func destination(cmd drivers.Command) []string { return cmd.Keys[:1] }
