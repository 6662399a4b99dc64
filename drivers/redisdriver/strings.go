package redisdriver

import "github.com/kvstore-go/kvstore/drivers"

// stringOperations are those of strings.
var stringOperations = operations{
	drivers.OpGet:            {args: plain("get"), reply: text},
	drivers.OpSet:            {args: setArgs, reply: done},
	drivers.OpSwap:           {args: swapArgs, reply: text},
	drivers.OpCompareAndSwap: {args: compareAndSwapArgs, reply: integer},
	drivers.OpAppend:         {args: withValue("append"), reply: integer, starts: ownKey},
	drivers.OpStrLen:         {args: plain("strlen"), reply: integer},
	drivers.OpGetRange:       {args: getRangeArgs, reply: text},
	drivers.OpSetRange:       {args: setRangeArgs, reply: integer, starts: ownKey},
	drivers.OpIncrBy:         {args: incrByArgs, reply: sumOfInts},
	drivers.OpIncrByFloat:    {args: incrByFloatArgs, reply: text},
}

// Redis reads SET's options in any order; these come last, so that what is there
// without any is the plain command.
func setArgs(cmd drivers.Command) []any {
	return appendSetOptions(withValue("set")(cmd), cmd)
}

func swapArgs(cmd drivers.Command) []any {
	args := make([]any, 0, 7)
	return appendSetOptions(append(args, "set", cmd.Key, cmd.Value, "get"), cmd)
}

func appendSetOptions(args []any, cmd drivers.Command) []any {
	if cmd.If != drivers.Always {
		args = append(args, conditionNames[cmd.If])
	}
	return appendSetExpiry(args, cmd)
}

func appendSetExpiry(args []any, cmd drivers.Command) []any {
	switch cmd.Expiry.Mode {
	case drivers.KeepTTL:
		args = append(args, "keepttl")
	case drivers.ClearTTL: // is what SET does
	case drivers.ExpireIn:
		args = append(args, "px", millisOf(cmd.Expiry))
	case drivers.ExpireAt:
		args = append(args, "pxat", millisOf(cmd.Expiry))
	}
	return args
}

func compareAndSwapArgs(cmd drivers.Command) []any {
	args := make([]any, 0, 8)
	return appendSetExpiry(append(args, "evalsha", compareAndSwap.sha, 1, cmd.Key, cmd.Expected, cmd.Value), cmd)
}

func getRangeArgs(cmd drivers.Command) []any {
	return []any{"getrange", cmd.Key, cmd.Start, cmd.Stop}
}

func setRangeArgs(cmd drivers.Command) []any {
	return []any{"setrange", cmd.Key, cmd.Start, cmd.Value}
}
