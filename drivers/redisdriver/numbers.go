package redisdriver

import (
	"context"
	"math/big"
	"strconv"

	"github.com/redis/go-redis/v9"

	"github.com/kvstore-go/kvstore/drivers"
)

// sumOfInts is a number that was added to, as an integer or, from a script, as text.
var sumOfInts = shape{
	command: func(ctx context.Context, args []any) redis.Cmder {
		if args[0] == "incrby" {
			return redis.NewIntCmd(ctx, args...)
		}
		return redis.NewStringCmd(ctx, args...)
	},
	read: func(_ drivers.Command, answer redis.Cmder) drivers.Reply {
		if plain, ok := answer.(*redis.IntCmd); ok {
			return drivers.Reply{Int: plain.Val()}
		}
		number, _ := strconv.ParseInt(answer.(*redis.StringCmd).Val(), 10, 64)
		return drivers.Reply{Int: number}
	},
}

func incrByArgs(cmd drivers.Command) []any {
	return incrementArgs(boundedBefore(cmd), "get", "incrby", cmd.Key, cmd.Amount)
}

func incrByFloatArgs(cmd drivers.Command) []any {
	return incrementArgs(cmd, "get", withValue("incrbyfloat")(cmd)...)
}

// boundedBefore gives an increment of an integer the bounds of what is there before it,
// so that nothing has to be taken back.
func boundedBefore(cmd drivers.Command) drivers.Command {
	cmd.Min, cmd.Max = less(cmd.Min, cmd.Amount), less(cmd.Max, cmd.Amount)
	return cmd
}

// less is bound - amount, which may be beyond 64 bits; empty as the bound is.
func less(bound string, amount int64) string {
	if bound == "" {
		return ""
	}
	number, ok := new(big.Int).SetString(bound, 10)
	if !ok {
		return ""
	}
	return number.Sub(number, big.NewInt(amount)).String()
}

// incrementArgs are those of a command that adds to a number. What it cannot do itself
// - start a time to live, keep to bounds, tell an index the exact number - a script does.
func incrementArgs(cmd drivers.Command, read any, command ...any) []any {
	if !starts(cmd.Expiry) && cmd.Min == "" && cmd.Max == "" && len(cmd.Indexes) == 0 {
		return command
	}
	expire, millis := startArgs(cmd.Expiry)
	words := len(command) - 2 // between the name and the amount
	return append([]any{"evalsha", increment.sha, 1, cmd.Key, expire, millis, cmd.Min, cmd.Max, words, read}, command...)
}
