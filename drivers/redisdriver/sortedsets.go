package redisdriver

import "github.com/kvstore-go/kvstore/drivers"

func lexCountArgs(cmd drivers.Command) []any { return []any{"zlexcount", cmd.Key, cmd.Min, cmd.Max} }

func rangeByLexArgs(cmd drivers.Command) []any {
	args := append(make([]any, 0, 7), "zrangebylex", cmd.Key, cmd.Min, cmd.Max)
	if cmd.Reverse {
		args = append(args[:0], "zrevrangebylex", cmd.Key, cmd.Max, cmd.Min)
	}
	if cmd.Start == 0 && cmd.Amount == 0 {
		return args
	}
	amount := cmd.Amount
	if amount == 0 {
		amount = -1 // all
	}
	return append(args, "limit", cmd.Start, amount)
}
