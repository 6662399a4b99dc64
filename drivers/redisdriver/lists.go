package redisdriver

import (
	"context"
	"math"
	"strconv"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/kvstore-go/kvstore/drivers"
)

// listOperations are those of lists.
var listOperations = operations{
	drivers.OpLPush:    {args: pushArgs("lpush", leftEnd), reply: integer, starts: ownKey, each: 1, parts: last},
	drivers.OpRPush:    {args: pushArgs("rpush", rightEnd), reply: integer, starts: ownKey, each: 1, parts: last},
	drivers.OpLReplace: {args: replaceArgs("list"), reply: integer},
	drivers.OpLPop:     {args: withAmount("lpop"), reply: texts, waits: &waiting{args: waitToPop(leftEnd), reply: popped}},
	drivers.OpRPop:     {args: withAmount("rpop"), reply: texts, waits: &waiting{args: waitToPop(rightEnd), reply: popped}},
	drivers.OpLLen:     {args: plain("llen"), reply: integer},
	drivers.OpLIndex:   {args: withStart("lindex"), reply: text},
	drivers.OpLSet:     {args: setElementArgs, reply: success, answers: noElement},
	drivers.OpLInsert:  {args: insertArgs, reply: integer},
	drivers.OpLRem:     {args: removeArgs, reply: integer},
	drivers.OpLRange:   {args: withRange("lrange"), reply: texts},
	drivers.OpLTrim:    {args: withRange("ltrim"), reply: done},
	drivers.OpLPos:     {args: positionArgs, reply: matches},
	drivers.OpLMove: {
		args: moveElementArgs, reply: text, keys: destination, starts: movesTo, parts: there,
		waits: &waiting{args: waitToMove, reply: text, after: trimDestination},
	},
}

var (
	// success is an OK that stands for 1, or another number.
	success = shape{newString, func(_ drivers.Command, answer redis.Cmder) drivers.Reply {
		number, err := strconv.ParseInt(answer.(*redis.StringCmd).Val(), 10, 64)
		if err != nil {
			number = 1
		}
		return drivers.Reply{Int: number}
	}}
	// matches are a list of places.
	matches = shape{newInts, func(_ drivers.Command, answer redis.Cmder) drivers.Reply {
		return drivers.Reply{Ints: answer.(*redis.IntSliceCmd).Val()}
	}}
	// popped is a key with strings that were taken out.
	popped = shape{newKeyValues, func(_ drivers.Command, answer redis.Cmder) drivers.Reply {
		_, values := answer.(*redis.KeyValuesCmd).Val()
		return drivers.Reply{Values: values}
	}}
)

func newInts(ctx context.Context, args []any) redis.Cmder { return redis.NewIntSliceCmd(ctx, args...) }
func newKeyValues(ctx context.Context, args []any) redis.Cmder {
	return redis.NewKeyValuesCmd(ctx, args...)
}

// noElement: there is no list, or it has no such element.
func noElement(err error) (drivers.Reply, bool) {
	switch {
	case saysOf(err, "no such key"):
		return drivers.Reply{Int: 0}, true
	case saysOf(err, "index out of range"):
		return drivers.Reply{Int: -1}, true
	}
	return drivers.Reply{}, false
}

// The ends of a list, as OpLMove has them.
const (
	leftEnd  int64 = 0
	rightEnd int64 = -1
)

func endName(end int64) string {
	if end == leftEnd {
		return "left"
	}
	return "right"
}

// keptBeside is the range of the elements that a cap leaves when more come at an end.
func keptBeside(end, amount int64) (start, stop int64) {
	if end == leftEnd {
		return 0, amount - 1
	}
	return -amount, -1
}

// cappedArgs makes a command that adds to a list at an end one that a script calls, which
// drops what is too much at the other, if there is a cap. All but head of its words are values.
func cappedArgs(cmd drivers.Command, end int64, head int, command []any) []any {
	if cmd.Amount == 0 {
		return command
	}
	expire, millis := startArgs(cmd.Expiry)
	start, stop := keptBeside(end, cmd.Amount)
	keys := []any{cmd.Key}
	for _, key := range cmd.Keys {
		keys = append(keys, key)
	}
	args := append(make([]any, 0, 12+len(command)), "evalsha", capped.sha, len(keys))
	args = append(append(args, keys...), expire, millis, cmd.Amount, start, stop, head)
	return append(args, command...)
}

func pushArgs(name string, end int64) func(drivers.Command) []any {
	plain := withValues(name)
	return func(cmd drivers.Command) []any {
		cmd.Keys = nil
		return cappedArgs(cmd, end, 2, plain(cmd))
	}
}

func withStart(name string) func(drivers.Command) []any {
	return func(cmd drivers.Command) []any { return []any{name, cmd.Key, cmd.Start} }
}

func withRange(name string) func(drivers.Command) []any {
	return func(cmd drivers.Command) []any { return []any{name, cmd.Key, cmd.Start, cmd.Stop} }
}

// setElementArgs: errors that are answers must not keep a script from bringing indexes up to date.
func setElementArgs(cmd drivers.Command) []any {
	if len(cmd.Indexes) > 0 {
		return []any{"evalsha", setElement.sha, 1, cmd.Key, cmd.Start, cmd.Value}
	}
	return []any{"lset", cmd.Key, cmd.Start, cmd.Value}
}

func insertArgs(cmd drivers.Command) []any {
	where := "before"
	if cmd.Reverse {
		where = "after"
	}
	cmd.Keys, cmd.Expiry = nil, drivers.Expiry{}
	command := []any{"linsert", cmd.Key, where, cmd.Expected, cmd.Value}
	return cappedArgs(cmd, rightEnd, len(command), command)
}

// removeArgs leave out the most negative number, which newer servers refuse: from the
// right, all of them are one less.
func removeArgs(cmd drivers.Command) []any {
	return []any{"lrem", cmd.Key, max(cmd.Amount, -math.MaxInt64), cmd.Value}
}

func positionArgs(cmd drivers.Command) []any {
	return []any{"lpos", cmd.Key, cmd.Value, "rank", cmd.Start, "count", cmd.Amount, "maxlen", cmd.Stop}
}

func moveElementArgs(cmd drivers.Command) []any {
	command := []any{"lmove", cmd.Key, cmd.Keys[0], endName(cmd.Start), endName(cmd.Stop)}
	cmd.Keys = cmd.Keys[:1]
	return cappedArgs(cmd, cmd.Stop, len(command), command)
}

// seconds are a limit as the commands that wait take it.
func seconds(limit time.Duration) any { return limit.Seconds() }

func waitToPop(end int64) func(drivers.Command, time.Duration) []any {
	return func(cmd drivers.Command, limit time.Duration) []any {
		return []any{"blmpop", seconds(limit), 1, cmd.Key, endName(end), "count", cmd.Amount}
	}
}

func waitToMove(cmd drivers.Command, limit time.Duration) []any {
	return []any{"blmove", cmd.Key, cmd.Keys[0], endName(cmd.Start), endName(cmd.Stop), seconds(limit)}
}

// trimDestination keeps the cap of a move that waited.
func trimDestination(cmd drivers.Command) []any {
	if cmd.Amount == 0 {
		return []any{"exists", cmd.Keys[0]}
	}
	start, stop := keptBeside(cmd.Stop, cmd.Amount)
	return []any{"ltrim", cmd.Keys[0], start, stop}
}
