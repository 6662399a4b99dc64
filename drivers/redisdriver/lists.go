package redisdriver

import (
	"context"
	"math"
	"strconv"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/kvstore-go/kvstore/drivers"
)

// listHandlers are those of lists.
var listHandlers = handlers{
	{drivers.OpLPush, handler{call: pushCall("lpush", drivers.LeftEnd), reply: integer, expires: ownKey, perValue: 1, join: joinLast}},
	{drivers.OpRPush, handler{call: pushCall("rpush", drivers.RightEnd), reply: integer, expires: ownKey, perValue: 1, join: joinLast}},
	{drivers.OpLReplace, handler{call: replaceCall("list"), reply: integer}},
	{drivers.OpLPop, handler{call: withAmount("lpop"), reply: texts, waits: &waiting{call: waitToPop(drivers.LeftEnd), reply: popped}}},
	{drivers.OpRPop, handler{call: withAmount("rpop"), reply: texts, waits: &waiting{call: waitToPop(drivers.RightEnd), reply: popped}}},
	{drivers.OpLMPop, handler{call: popAnyCall, reply: popped, keys: otherKeys, waits: &waiting{call: waitToPopAny, reply: popped}}},
	{drivers.OpLLen, handler{call: plain("llen"), reply: integer}},
	{drivers.OpLIndex, handler{call: withStart("lindex"), reply: text}},
	{drivers.OpLSet, handler{call: setElementCall, reply: success, replyTo: noElement}},
	{drivers.OpLInsert, handler{call: insertCall, reply: integer}},
	{drivers.OpLRem, handler{call: removeCall, reply: integer}},
	{drivers.OpLRange, handler{call: withRange("lrange"), reply: texts}},
	{drivers.OpLTrim, handler{call: withRange("ltrim"), reply: done}},
	{drivers.OpLPos, handler{call: positionCall, reply: matches}},
	{drivers.OpLMove, handler{
		call: moveElementCall, reply: text, keys: destination, expires: movesTo, join: joinTouched,
		waits: &waiting{call: waitToMove, reply: text, after: trimDestination},
	}},
}

var (
	// success is an OK that stands for 1, or another number.
	success = replyType{command: newString, read: func(answer redis.Cmder) drivers.Reply {
		number, err := strconv.ParseInt(answer.(*redis.StringCmd).Val(), 10, 64)
		if err != nil {
			number = 1
		}
		return drivers.Reply{Int: number}
	}}
	// matches are a list of places.
	matches = replyType{command: newInts, read: func(answer redis.Cmder) drivers.Reply {
		return drivers.Reply{Ints: answer.(*redis.IntSliceCmd).Val()}
	}}
	// popped is a key with strings that were taken out.
	popped = replyType{command: newKeyValues, readFor: func(cmd drivers.Command, answer redis.Cmder) drivers.Reply {
		key, values := answer.(*redis.KeyValuesCmd).Val()
		return drivers.Reply{Int: placeOf(cmd, key), Values: values}
	}}
)

func newInts(ctx context.Context, args []any) redis.Cmder { return redis.NewIntSliceCmd(ctx, args...) }
func newKeyValues(ctx context.Context, args []any) redis.Cmder {
	return redis.NewKeyValuesCmd(ctx, args...)
}

// noElement: there is no list, or it has no such element.
func noElement(err error) (drivers.Reply, bool) {
	switch {
	case answerContains(err, "no such key"):
		return drivers.Reply{Int: 0}, true
	case answerContains(err, "index out of range"):
		return drivers.Reply{Int: -1}, true
	}
	return drivers.Reply{}, false
}

func endName(end drivers.ListEnd) string {
	if end == drivers.LeftEnd {
		return "left"
	}
	return "right"
}

// keptBeside is the range of the elements that a cap leaves when more come at an end.
func keptBeside(end drivers.ListEnd, amount int64) (start, stop int64) {
	if end == drivers.LeftEnd {
		return 0, amount - 1
	}
	return -amount, -1
}

// cappedCall makes a command that adds to a list at an end one that a script calls, which
// drops what is too much at the other, if there is a cap. All but head of its words are values.
func cappedCall(cmd drivers.Command, end drivers.ListEnd, head int, plain call) call {
	if cmd.Cap() == 0 {
		return plain
	}
	expire, millis := startArgs(cmd.Expiry)
	start, stop := keptBeside(end, cmd.Cap())
	return capped.onKeys(allKeys(cmd), len(plain.words), expire, millis, cmd.Cap(), start, stop, head).and(plain.words...)
}

func pushCall(name string, end drivers.ListEnd) func(drivers.Command) call {
	plain := withValues(name)
	return func(cmd drivers.Command) call {
		cmd.OwnExtra().Keys = nil
		return cappedCall(cmd, end, 2, plain(cmd))
	}
}

func withStart(name string) func(drivers.Command) call {
	return func(cmd drivers.Command) call { return command(name, cmd.Key, cmd.Start) }
}

func withRange(name string) func(drivers.Command) call {
	return func(cmd drivers.Command) call { return command(name, cmd.Key, cmd.Start, cmd.Stop) }
}

// setElementCall: errors that are answers must not keep a script from bringing indexes up to date.
func setElementCall(cmd drivers.Command) call {
	if len(cmd.Indexes()) > 0 {
		return setElement.on(cmd.Key, cmd.Start, cmd.Value)
	}
	return command("lset", cmd.Key, cmd.Start, cmd.Value)
}

func insertCall(cmd drivers.Command) call {
	where := "before"
	if cmd.Behind() {
		where = "after"
	}
	cmd.OwnExtra().Keys, cmd.Expiry = nil, drivers.Expiry{}
	c := command("linsert", cmd.Key, where, cmd.Pivot(), cmd.Value)
	return cappedCall(cmd, drivers.RightEnd, len(c.words), c)
}

// removeCall leaves out the most negative number, which newer servers refuse: from the
// right, all of them are one less.
func removeCall(cmd drivers.Command) call {
	return command("lrem", cmd.Key, max(cmd.Amount, -math.MaxInt64), cmd.Value)
}

func positionCall(cmd drivers.Command) call {
	return command("lpos", cmd.Key, cmd.Value, "rank", cmd.Rank(), "count", cmd.Amount, "maxlen", cmd.MaxLen())
}

func moveElementCall(cmd drivers.Command) call {
	c := command("lmove", cmd.Key, cmd.Destination(), endName(cmd.FromEnd()), endName(cmd.ToEnd()))
	cmd.OwnExtra().Keys = cmd.Keys()[:1]
	return cappedCall(cmd, cmd.ToEnd(), len(c.words), c)
}

// seconds are a limit as the commands that wait take it.
func seconds(limit time.Duration) any { return limit.Seconds() }

func waitToPop(end drivers.ListEnd) func(drivers.Command, time.Duration) call {
	return func(cmd drivers.Command, limit time.Duration) call {
		return command("blmpop", seconds(limit), 1, cmd.Key, endName(end), "count", cmd.Amount)
	}
}

func popAnyCall(cmd drivers.Command) call { return popAny(command("lmpop"), cmd) }

func waitToPopAny(cmd drivers.Command, limit time.Duration) call {
	return popAny(command("blmpop", seconds(limit)), cmd)
}

// popAny appends the keys, and what is taken out of one.
func popAny(c call, cmd drivers.Command) call {
	end := drivers.LeftEnd
	if cmd.Reverse {
		end = drivers.RightEnd
	}
	return c.andAllKeys(cmd).and(endName(end), "count", cmd.Amount)
}

func waitToMove(cmd drivers.Command, limit time.Duration) call {
	return command("blmove", cmd.Key, cmd.Destination(), endName(cmd.FromEnd()), endName(cmd.ToEnd()), seconds(limit))
}

// trimDestination keeps the cap of a move that waited.
func trimDestination(cmd drivers.Command) call {
	if cmd.Cap() == 0 {
		return call{}
	}
	start, stop := keptBeside(cmd.ToEnd(), cmd.Cap())
	return command("ltrim", cmd.Destination(), start, stop)
}
