package redisdriver

import (
	"strconv"

	"github.com/redis/go-redis/v9"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/drivers/internal/redisvalue"
)

// bitSetHandlers are those of rows of integers.
var bitSetHandlers = handlers{
	{drivers.OpBitGet, handler{call: bitGetCall, reply: number}},
	{drivers.OpBitSet, handler{call: bitChangeCall("SET"), reply: number}},
	{drivers.OpBitIncrement, handler{call: bitChangeCall("INCRBY"), reply: number}},
	{drivers.OpBitRange, handler{call: bitRangeCall, reply: numbers}},
	{drivers.OpBitSum, handler{call: bitRangeCall, reply: sumOfNumbers}},
}

var overflowNames = [...]any{drivers.Wrap: "WRAP", drivers.Saturate: "SAT", drivers.Fail: "FAIL"}

// signedNames and unsignedNames are Redis's names of the types, by width.
var signedNames, unsignedNames = typeNames("i"), typeNames("u")

func typeNames(sign string) (names [65]any) {
	for width := range names {
		names[width] = sign + strconv.Itoa(width)
	}
	return names
}

func typeName(bits drivers.BitType) any {
	if bits.Signed {
		return signedNames[bits.Width]
	}
	return unsignedNames[bits.Width]
}

// firstBit is where the slot begins that a command names.
func firstBit(cmd drivers.Command) int64 { return cmd.Start * int64(cmd.Bits.Width) }

func bitGetCall(cmd drivers.Command) call {
	return command("bitfield", cmd.Key, "GET", typeName(cmd.Bits), firstBit(cmd))
}

// bitChangeCall calls BITFIELD's SET or INCRBY.
func bitChangeCall(change any) func(drivers.Command) call {
	return func(cmd drivers.Command) call {
		kind, overflow := typeName(cmd.Bits), overflowNames[cmd.Bits.Overflow]
		if startsTTL(cmd.Expiry) || len(cmd.Indexes()) > 0 { // a script, which must not hand on BITFIELD's number
			from, to := redisvalue.BitType(cmd.Bits).Bytes(cmd.Start, cmd.Start+1)
			expire, millis := startArgs(cmd.Expiry)
			return changeSlot.on(cmd.Key, expire, millis, from, to-1, change, overflow, kind, firstBit(cmd), cmd.Amount).readAs(&numberInBytes)
		}
		c := command("bitfield", cmd.Key, "OVERFLOW", overflow, change, kind, firstBit(cmd), cmd.Amount)
		if cmd.Bits.Overflow == drivers.Fail {
			return c.readAs(&numberOrNil)
		}
		return c
	}
}

// bitRangeCall asks for the bytes the slots lie in. GETRANGE never gets an end
// before its start, which it would read as something else; of an empty range it
// is asked for one byte that nobody reads, because the type of the key counts.
func bitRangeCall(cmd drivers.Command) call {
	from, to := redisvalue.BitType(cmd.Bits).Bytes(cmd.Start, cmd.Stop)
	return command("getrange", cmd.Key, from, max(to-1, from))
}

var (
	// number is one slot of a bitset, BITFIELD's list of one.
	number = replyType{command: newInts, read: func(answer redis.Cmder) drivers.Reply {
		return drivers.Reply{Int: answer.(*redis.IntSliceCmd).Val()[0]}
	}}
	// numberOrNil is one that may be refused, which IntSliceCmd, the quicker, would read as 0.
	numberOrNil = replyType{command: newSlice, read: func(answer redis.Cmder) drivers.Reply {
		number, ok := answer.(*redis.SliceCmd).Val()[0].(int64)
		return drivers.Reply{Int: number, Nil: !ok}
	}}
	// numberInBytes is one that a script answers with, as the bytes that it lies in.
	numberInBytes = replyType{command: newString, readFor: func(cmd drivers.Command, answer redis.Cmder) drivers.Reply {
		data, _ := answer.(*redis.StringCmd).Bytes()
		return drivers.Reply{Int: redisvalue.BitType(cmd.Bits).Get(data, firstBit(cmd)%8)}
	}}
	// numbers are the slots of a bitset, decoded from the bytes they lie in.
	numbers = replyType{command: newString, readFor: func(cmd drivers.Command, answer redis.Cmder) drivers.Reply {
		data, _ := answer.(*redis.StringCmd).Bytes()
		ints := make([]int64, cmd.Stop-cmd.Start)
		redisvalue.BitType(cmd.Bits).GetAll(data, firstBit(cmd)%8, ints)
		return drivers.Reply{Ints: ints}
	}}
	// sumOfNumbers is what the slots of a bitset add up to.
	sumOfNumbers = replyType{command: newString, readFor: func(cmd drivers.Command, answer redis.Cmder) drivers.Reply {
		data, _ := answer.(*redis.StringCmd).Bytes()
		return cmd.SumOfSlots(data)
	}}
)

// bitmapHandlers are those of single bits of strings.
var bitmapHandlers = handlers{
	{drivers.OpGetBit, handler{call: func(cmd drivers.Command) call { return command("getbit", cmd.Key, cmd.Start) }, reply: integer}},
	{drivers.OpSetBit, handler{
		call:  func(cmd drivers.Command) call { return command("setbit", cmd.Key, cmd.Start, cmd.Bit()) },
		reply: integer, expires: ownKey,
	}},
	{drivers.OpBitCount, handler{
		call:  func(cmd drivers.Command) call { return command("bitcount", cmd.Key, cmd.Start, cmd.Stop, "BIT") },
		reply: integer,
	}},
	{drivers.OpBitPos, handler{call: bitPosCall, reply: integer}},
	{drivers.OpBitOp, handler{call: bitOpCall, reply: integer, keys: otherKeys, expires: ownKey, join: joinTouched}},
}

func bitPosCall(cmd drivers.Command) call {
	if cmd.Stop == drivers.NoStop {
		return command("bitpos", cmd.Key, cmd.Bit())
	}
	return command("bitpos", cmd.Key, cmd.Bit(), cmd.Start, cmd.Stop, "BIT")
}

func bitOpCall(cmd drivers.Command) call {
	return commandWith(len(cmd.Keys()), "bitop", cmd.BitOperation(), cmd.Key).andStrings(cmd.Keys())
}
