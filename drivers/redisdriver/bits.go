package redisdriver

import (
	"context"
	"strconv"

	"github.com/redis/go-redis/v9"

	"github.com/kvstore-go/kvstore/drivers"
)

// bitSetOperations are those of rows of integers.
var bitSetOperations = operations{
	drivers.OpBitGet:       {args: bitGetArgs, reply: number},
	drivers.OpBitSet:       {args: bitChangeArgs("SET"), reply: number},
	drivers.OpBitIncrement: {args: bitChangeArgs("INCRBY"), reply: number},
	drivers.OpBitRange:     {args: bitRangeArgs, reply: numbers},
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

func bitGetArgs(cmd drivers.Command) []any {
	return []any{"bitfield", cmd.Key, "GET", typeName(cmd.Bits), firstBit(cmd)}
}

// bitChangeArgs makes the arguments of BITFIELD's SET and INCRBY.
func bitChangeArgs(change any) func(drivers.Command) []any {
	return func(cmd drivers.Command) []any {
		kind, overflow := typeName(cmd.Bits), overflowNames[cmd.Bits.Overflow]
		if starts(cmd.Expiry) || len(cmd.Indexes) > 0 { // a script, which must not hand on BITFIELD's number
			from, to := cmd.Bits.Bytes(cmd.Start, cmd.Start+1)
			command, millis := startArgs(cmd.Expiry)
			return []any{
				"evalsha", changeSlot.sha, 1, cmd.Key, command, millis, from, to - 1,
				change, overflow, kind, firstBit(cmd), cmd.Amount,
			}
		}
		return []any{"bitfield", cmd.Key, "OVERFLOW", overflow, change, kind, firstBit(cmd), cmd.Amount}
	}
}

// bitRangeArgs asks for the bytes the slots lie in. GETRANGE never gets an end
// before its start, which it would read as something else; of an empty range it
// is asked for one byte that nobody reads, because the type of the key counts.
func bitRangeArgs(cmd drivers.Command) []any {
	from, to := cmd.Bits.Bytes(cmd.Start, cmd.Stop)
	return []any{"getrange", cmd.Key, from, max(to-1, from)}
}

// newNumber decodes the bytes a script answers with, or BITFIELD's list of one.
// IntSliceCmd, the quicker, would read the nil of a refused number as 0.
func newNumber(ctx context.Context, args []any) redis.Cmder {
	switch {
	case args[0] != "bitfield":
		return redis.NewStringCmd(ctx, args...)
	case args[3] == "FAIL":
		return redis.NewSliceCmd(ctx, args...)
	}
	return redis.NewIntSliceCmd(ctx, args...)
}

func readNumber(cmd drivers.Command, answer redis.Cmder) drivers.Reply {
	switch answer := answer.(type) {
	case *redis.StringCmd:
		data, _ := answer.Bytes()
		return drivers.Reply{Int: cmd.Bits.Get(data, firstBit(cmd)%8)}
	case *redis.SliceCmd:
		number, ok := answer.Val()[0].(int64)
		return drivers.Reply{Int: number, Nil: !ok}
	default:
		return drivers.Reply{Int: answer.(*redis.IntSliceCmd).Val()[0]}
	}
}

func readNumbers(cmd drivers.Command, answer redis.Cmder) drivers.Reply {
	data, _ := answer.(*redis.StringCmd).Bytes()
	ints := make([]int64, cmd.Stop-cmd.Start)
	cmd.Bits.GetAll(data, firstBit(cmd)%8, ints)
	return drivers.Reply{Ints: ints}
}
