package redisdriver

import (
	"context"
	"math"
	"strconv"

	"github.com/redis/go-redis/v9"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/drivers/internal/redisvalue"
)

// sortedSetOperations are those of sorted sets.
var sortedSetOperations = operations{
	drivers.OpZAdd:             {args: zAddArgs, reply: integer, starts: ownKey, each: 2},
	drivers.OpZReplace:         {args: zReplaceArgs, reply: integer},
	drivers.OpZIncrBy:          {args: zIncrByArgs, reply: float, starts: ownKey},
	drivers.OpZRem:             {args: withValues("zrem"), reply: integer, each: 1},
	drivers.OpZScore:           {args: withValue("zscore"), reply: float},
	drivers.OpZMScore:          {args: withValues("zmscore"), reply: floats},
	drivers.OpZRank:            {args: zRankArgs, reply: integer},
	drivers.OpZCard:            {args: plain("zcard"), reply: integer},
	drivers.OpZCount:           {args: withEnds("zcount"), reply: integer},
	drivers.OpZLexCount:        {args: withEnds("zlexcount"), reply: integer},
	drivers.OpZRange:           {args: zRangeArgs, reply: scored},
	drivers.OpZRangeByScore:    {args: zRangeByScoreArgs, reply: scored},
	drivers.OpZRangeByLex:      {args: zRangeByLexArgs, reply: texts},
	drivers.OpZScan:            {args: scanArgs("zscan"), reply: scoredPage},
	drivers.OpZPopMin:          {args: withAmount("zpopmin"), reply: scored, waits: waitToPopScored("min")},
	drivers.OpZPopMax:          {args: withAmount("zpopmax"), reply: scored, waits: waitToPopScored("max")},
	drivers.OpZRemRangeByRank:  {args: withRanks("zremrangebyrank"), reply: integer},
	drivers.OpZRemRangeByScore: {args: withEnds("zremrangebyscore"), reply: integer},
	drivers.OpZRemRangeByLex:   {args: withEnds("zremrangebylex"), reply: integer},
	drivers.OpZUnion:           {args: zCombineArgs("zunion"), reply: scored, keys: otherKeys},
	drivers.OpZInter:           {args: zCombineArgs("zinter"), reply: scored, keys: otherKeys},
	drivers.OpZDiff:            {args: zCombineArgs("zdiff"), reply: scored, keys: otherKeys},
	drivers.OpZUnionStore:      {args: zStoreArgs("zunionstore"), reply: integer, keys: otherKeys, starts: ownKey, parts: there},
	drivers.OpZInterStore:      {args: zStoreArgs("zinterstore"), reply: integer, keys: otherKeys, starts: ownKey, parts: there},
	drivers.OpZDiffStore:       {args: zStoreArgs("zdiffstore"), reply: integer, keys: otherKeys, starts: ownKey, parts: there},
}

var (
	// scored is members with their scores.
	scored = shape{
		func(ctx context.Context, args []any) redis.Cmder { return redis.NewZSliceCmd(ctx, args...) },
		func(_ drivers.Command, answer redis.Cmder) drivers.Reply {
			members := answer.(*redis.ZSliceCmd).Val()
			reply := scoredReply(len(members))
			for i, member := range members {
				reply.Values[i], reply.Floats[i] = member.Member.(string), redisvalue.UnsignedZero(member.Score)
			}
			return reply
		},
	}
	// scoredPage is a cursor with members, each followed by its score.
	scoredPage = shape{newScan, func(_ drivers.Command, answer redis.Cmder) drivers.Reply {
		values, cursor, server := pageOf(answer)
		reply := scoredReply(len(values) / 2)
		reply.Int, reply.Value = cursor, server
		for i := range reply.Values {
			reply.Values[i], reply.Floats[i] = values[2*i], numberIn(values[2*i+1])
		}
		return reply
	}}
	// floats are numbers, NaN where there is none.
	floats = shape{newSlice, func(_ drivers.Command, answer redis.Cmder) drivers.Reply {
		return drivers.Reply{Floats: numbersIn(answer.(*redis.SliceCmd).Val())}
	}}
)

// fewScored is room for a few members and their scores, in one allocation.
type fewScored struct {
	members [16]string
	scores  [16]float64
}

// scoredReply is a reply with room for so many members and their scores.
func scoredReply(size int) drivers.Reply {
	if size == 0 || size > len(fewScored{}.members) {
		return drivers.Reply{Values: make([]string, size), Floats: make([]float64, size)}
	}
	few := &fewScored{}
	return drivers.Reply{Values: few.members[:size:size], Floats: few.scores[:size:size]}
}

func newSlice(ctx context.Context, args []any) redis.Cmder { return redis.NewSliceCmd(ctx, args...) }

func numbersIn(answers []any) []float64 {
	numbers := make([]float64, len(answers))
	for i, answer := range answers {
		numbers[i] = numberIn(answer)
	}
	return numbers
}

// numberIn is a score or another number as RESP3 has it, or as text, as RESP2 does.
func numberIn(answer any) float64 {
	switch answer := answer.(type) {
	case float64:
		return redisvalue.UnsignedZero(answer)
	case string:
		if number, err := strconv.ParseFloat(answer, 64); err == nil {
			return redisvalue.UnsignedZero(number)
		}
	}
	return math.NaN()
}

func zAddArgs(cmd drivers.Command) []any {
	if len(cmd.Values) == 1 && cmd.If == drivers.Always && cmd.Amount == 0 {
		s := &short{texts: [2]string{cmd.Values[0]}, floats: [2]float64{cmd.Scores[0]}}
		return append(s.args[:0], "zadd", cmd.Key, &s.floats[0], &s.texts[0])
	}
	args := append(make([]any, 0, 4+2*len(cmd.Values)), "zadd", cmd.Key)
	if cmd.If != drivers.Always {
		args = append(args, conditionNames[cmd.If])
	}
	if cmd.Amount == 1 {
		args = append(args, "ch")
	}
	return appendScored(args, cmd)
}

// appendScored appends the members, each behind its score.
func appendScored(args []any, cmd drivers.Command) []any {
	own := append(make([]string, 0, len(cmd.Values)), cmd.Values...)
	for i := range own {
		args = append(args, cmd.Scores[i], &own[i])
	}
	return args
}

func zReplaceArgs(cmd drivers.Command) []any {
	args := append(make([]any, 0, 8+2*len(cmd.Values)), replaceHead("zset", cmd)...)
	return appendScored(args, cmd)
}

func zIncrByArgs(cmd drivers.Command) []any {
	if cmd.If == drivers.Always {
		s := &short{texts: [2]string{cmd.Value}, floats: [2]float64{cmd.Scores[0]}}
		return append(s.args[:0], "zincrby", cmd.Key, &s.floats[0], &s.texts[0])
	}
	return []any{"zadd", cmd.Key, conditionNames[cmd.If], "incr", cmd.Scores[0], cmd.Value}
}

func zRankArgs(cmd drivers.Command) []any {
	if cmd.Reverse {
		return []any{"zrevrank", cmd.Key, cmd.Value}
	}
	return []any{"zrank", cmd.Key, cmd.Value}
}

func withEnds(name any) func(drivers.Command) []any {
	return func(cmd drivers.Command) []any { return []any{name, cmd.Key, cmd.Min, cmd.Max} }
}

func withRanks(name any) func(drivers.Command) []any {
	return func(cmd drivers.Command) []any { return []any{name, cmd.Key, cmd.Start, cmd.Stop} }
}

func zRangeArgs(cmd drivers.Command) []any {
	args := append(make([]any, 0, 6), "zrange", cmd.Key, cmd.Start, cmd.Stop)
	if cmd.Reverse {
		args = append(args, "rev")
	}
	return append(args, "withscores")
}

func zRangeByScoreArgs(cmd drivers.Command) []any {
	return append(rangeArgs("zrangebyscore", "zrevrangebyscore", cmd), "withscores")
}

func zRangeByLexArgs(cmd drivers.Command) []any {
	return rangeArgs("zrangebylex", "zrevrangebylex", cmd)
}

// rangeArgs are those of a part of a range, which the command that is called backwards
// reads from its end.
func rangeArgs(forwards, backwards any, cmd drivers.Command) []any {
	args := append(make([]any, 0, 8), forwards, cmd.Key, cmd.Min, cmd.Max)
	if cmd.Reverse {
		args = append(args[:0], backwards, cmd.Key, cmd.Max, cmd.Min)
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

func zCombineArgs(name any) func(drivers.Command) []any {
	return func(cmd drivers.Command) []any {
		args := append(make([]any, 0, 7+2*len(cmd.Keys)+len(cmd.Scores)), name, 1+len(cmd.Keys), cmd.Key)
		return append(appendSources(args, cmd), "withscores")
	}
}

func zStoreArgs(name any) func(drivers.Command) []any {
	return func(cmd drivers.Command) []any {
		args := append(make([]any, 0, 6+2*len(cmd.Keys)+len(cmd.Scores)), name, cmd.Key, len(cmd.Keys))
		return appendSources(args, cmd)
	}
}

// appendSources appends the further keys, and what is done with the scores.
func appendSources(args []any, cmd drivers.Command) []any {
	for _, key := range cmd.Keys {
		args = append(args, key)
	}
	if cmd.Op == drivers.OpZDiff || cmd.Op == drivers.OpZDiffStore {
		return args
	}
	if len(cmd.Scores) > 0 {
		args = append(args, "weights")
		for _, weight := range cmd.Scores {
			args = append(args, weight)
		}
	}
	if cmd.Value != "" {
		args = append(args, "aggregate", cmd.Value)
	}
	return args
}
