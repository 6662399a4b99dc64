package redisdriver

import "github.com/kvstore-go/kvstore/drivers"

// bitmapOperations are those of single bits of strings.
var bitmapOperations = operations{
	drivers.OpGetBit: {args: func(cmd drivers.Command) []any { return []any{"getbit", cmd.Key, cmd.Start} }, reply: integer},
	drivers.OpSetBit: {
		args:  func(cmd drivers.Command) []any { return []any{"setbit", cmd.Key, cmd.Start, cmd.Amount} },
		reply: integer, starts: ownKey,
	},
	drivers.OpBitCount: {
		args:  func(cmd drivers.Command) []any { return []any{"bitcount", cmd.Key, cmd.Start, cmd.Stop, "BIT"} },
		reply: integer,
	},
	drivers.OpBitPos: {args: bitPosArgs, reply: integer},
	drivers.OpBitOp:  {args: bitOpArgs, reply: integer, keys: otherKeys, starts: ownKey, parts: there},
}

func bitPosArgs(cmd drivers.Command) []any {
	args := append(make([]any, 0, 6), "bitpos", cmd.Key, cmd.Amount)
	if cmd.Stop == drivers.NoStop {
		return args
	}
	return append(args, cmd.Start, cmd.Stop, "BIT")
}

func bitOpArgs(cmd drivers.Command) []any {
	args := append(make([]any, 0, 3+len(cmd.Keys)), "bitop", cmd.Value, cmd.Key)
	return appendStrings(args, cmd.Keys)
}
