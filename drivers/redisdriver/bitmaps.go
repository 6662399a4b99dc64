package redisdriver

import "github.com/kvstore-go/kvstore/drivers"

// bitmapOperations are those of single bits of strings.
var bitmapOperations = operations{
	drivers.OpGetBit: {call: func(cmd drivers.Command) call { return command("getbit", cmd.Key, cmd.Start) }, reply: integer},
	drivers.OpSetBit: {
		call:  func(cmd drivers.Command) call { return command("setbit", cmd.Key, cmd.Start, cmd.Bit()) },
		reply: integer, starts: ownKey,
	},
	drivers.OpBitCount: {
		call:  func(cmd drivers.Command) call { return command("bitcount", cmd.Key, cmd.Start, cmd.Stop, "BIT") },
		reply: integer,
	},
	drivers.OpBitPos: {call: bitPosCall, reply: integer},
	drivers.OpBitOp:  {call: bitOpCall, reply: integer, keys: otherKeys, starts: ownKey, parts: there},
}

func bitPosCall(cmd drivers.Command) call {
	if cmd.Stop == drivers.NoStop {
		return command("bitpos", cmd.Key, cmd.Bit())
	}
	return command("bitpos", cmd.Key, cmd.Bit(), cmd.Start, cmd.Stop, "BIT")
}

func bitOpCall(cmd drivers.Command) call {
	return commandWith(len(cmd.Keys), "bitop", cmd.BitOperation(), cmd.Key).andStrings(cmd.Keys)
}
