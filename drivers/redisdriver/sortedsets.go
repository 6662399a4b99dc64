package redisdriver

import (
	"context"
	"math"
	"strconv"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/drivers/internal/redisvalue"
)

// sortedSetHandlers are those of sorted sets.
var sortedSetHandlers = handlers{
	{drivers.OpZAdd, handler{call: zAddCall, reply: integer, expires: ownKey, perValue: 2}},
	{drivers.OpZReplace, handler{call: zReplaceCall, reply: integer}},
	{drivers.OpZIncrBy, handler{call: zIncrByCall, reply: float, expires: ownKey}},
	{drivers.OpZRem, handler{call: withValues("zrem"), reply: integer, perValue: 1}},
	{drivers.OpZScore, handler{call: withValue("zscore"), reply: float}},
	{drivers.OpZMScore, handler{call: withValues("zmscore"), reply: floats}},
	{drivers.OpZRank, handler{call: zRankCall, reply: integer}},
	{drivers.OpZCard, handler{call: plain("zcard"), reply: integer}},
	{drivers.OpZCount, handler{call: withEnds("zcount"), reply: integer}},
	{drivers.OpZLexCount, handler{call: withEnds("zlexcount"), reply: integer}},
	{drivers.OpZRange, handler{call: zRangeCall, reply: scored}},
	{drivers.OpZRangeByScore, handler{call: zRangeByScoreCall, reply: scored}},
	{drivers.OpZRangeByLex, handler{call: zRangeByLexCall, reply: texts}},
	{drivers.OpZScan, handler{call: scanCall("zscan"), reply: scoredPage}},
	{drivers.OpZPopMin, handler{call: withAmount("zpopmin"), reply: scored, waits: waitToPopScored("min")}},
	{drivers.OpZPopMax, handler{call: withAmount("zpopmax"), reply: scored, waits: waitToPopScored("max")}},
	{drivers.OpZMPop, handler{call: popAnyScoredCall, reply: poppedScored, keys: otherKeys, waits: &waiting{call: waitToPopAnyScored, reply: poppedScored}}},
	{drivers.OpZRemRangeByRank, handler{call: withRanks("zremrangebyrank"), reply: integer}},
	{drivers.OpZRemRangeByScore, handler{call: withEnds("zremrangebyscore"), reply: integer}},
	{drivers.OpZRemRangeByLex, handler{call: withEnds("zremrangebylex"), reply: integer}},
	{drivers.OpZUnion, handler{call: zCombineCall("zunion"), reply: scored, keys: otherKeys}},
	{drivers.OpZInter, handler{call: zCombineCall("zinter"), reply: scored, keys: otherKeys}},
	{drivers.OpZDiff, handler{call: zCombineCall("zdiff"), reply: scored, keys: otherKeys}},
	{drivers.OpZUnionStore, handler{call: zStoreCall("zunionstore"), reply: integer, keys: otherKeys, expires: ownKey, join: joinTouched}},
	{drivers.OpZInterStore, handler{call: zStoreCall("zinterstore"), reply: integer, keys: otherKeys, expires: ownKey, join: joinTouched}},
	{drivers.OpZDiffStore, handler{call: zStoreCall("zdiffstore"), reply: integer, keys: otherKeys, expires: ownKey, join: joinTouched}},
}

var (
	// scored is members with their scores.
	scored = replyType{
		command: func(ctx context.Context, args []any) redis.Cmder { return redis.NewZSliceCmd(ctx, args...) },
		read: func(answer redis.Cmder) drivers.Reply {
			members := answer.(*redis.ZSliceCmd).Val()
			reply := scoredReply(len(members))
			for i, member := range members {
				reply.Values[i], reply.Floats[i] = member.Member.(string), redisvalue.UnsignedZero(member.Score)
			}
			return reply
		},
	}
	// scoredPage is a cursor with members, each followed by its score.
	scoredPage = replyType{command: newScan, read: func(answer redis.Cmder) drivers.Reply {
		values, cursor, server := pageOf(answer)
		reply := scoredReply(len(values) / 2)
		reply.Int, reply.Value = cursor, server
		for i := range reply.Values {
			reply.Values[i], reply.Floats[i] = values[2*i], numberIn(values[2*i+1])
		}
		return reply
	}}
	// floats are numbers, NaN where there is none.
	floats = replyType{command: newSlice, read: func(answer redis.Cmder) drivers.Reply {
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

func zAddCall(cmd drivers.Command) call {
	if len(cmd.Values) == 1 && cmd.If == drivers.Always && !cmd.CountsChanged() {
		s := &smallCall{texts: [2]string{cmd.Values[0]}, floats: [2]float64{cmd.Scores()[0]}}
		return s.command("zadd", cmd.Key, &s.floats[0], &s.texts[0])
	}
	return appendScored(addOptions(commandWith(2+2*len(cmd.Values), "zadd", cmd.Key), cmd), cmd)
}

// addOptions appends what ZADD and GEOADD take before the members.
func addOptions(c call, cmd drivers.Command) call {
	if cmd.If != drivers.Always {
		c = c.and(conditionNames[cmd.If])
	}
	if cmd.CountsChanged() {
		c = c.and("ch")
	}
	return c
}

// appendScored appends the members, each behind its score.
func appendScored(c call, cmd drivers.Command) call {
	own := append(make([]string, 0, len(cmd.Values)), cmd.Values...)
	for i := range own {
		c = c.and(cmd.Scores()[i], &own[i])
	}
	return c
}

func zReplaceCall(cmd drivers.Command) call {
	return appendScored(replaceWith("zset", cmd, 2*len(cmd.Values)), cmd)
}

func zIncrByCall(cmd drivers.Command) call {
	if cmd.If == drivers.Always {
		s := &smallCall{texts: [2]string{cmd.Value}, floats: [2]float64{cmd.ScoreIncrement()}}
		return s.command("zincrby", cmd.Key, &s.floats[0], &s.texts[0])
	}
	return command("zadd", cmd.Key, conditionNames[cmd.If], "incr", cmd.ScoreIncrement(), cmd.Value)
}

func zRankCall(cmd drivers.Command) call {
	if cmd.Reverse {
		return command("zrevrank", cmd.Key, cmd.Value)
	}
	return command("zrank", cmd.Key, cmd.Value)
}

func withEnds(name any) func(drivers.Command) call {
	return func(cmd drivers.Command) call { return command(name, cmd.Key, cmd.Min(), cmd.Max()) }
}

func withRanks(name any) func(drivers.Command) call {
	return func(cmd drivers.Command) call { return command(name, cmd.Key, cmd.Start, cmd.Stop) }
}

func zRangeCall(cmd drivers.Command) call {
	if cmd.Reverse {
		return command("zrange", cmd.Key, cmd.Start, cmd.Stop, "rev", "withscores")
	}
	return command("zrange", cmd.Key, cmd.Start, cmd.Stop, "withscores")
}

func zRangeByScoreCall(cmd drivers.Command) call {
	return rangeCall("zrangebyscore", "zrevrangebyscore", cmd).and("withscores")
}

func zRangeByLexCall(cmd drivers.Command) call {
	return rangeCall("zrangebylex", "zrevrangebylex", cmd)
}

// rangeCall reads a part of a range, from its end by the command that is called backwards.
func rangeCall(forwards, backwards any, cmd drivers.Command) call {
	name, from, to := forwards, cmd.Min(), cmd.Max()
	if cmd.Reverse {
		name, from, to = backwards, cmd.Max(), cmd.Min()
	}
	c := commandWith(4, name, cmd.Key, from, to)
	if cmd.Skip() == 0 && cmd.Amount == 0 {
		return c
	}
	amount := cmd.Amount
	if amount == 0 {
		amount = -1 // all
	}
	return c.and("limit", cmd.Skip(), amount)
}

func zCombineCall(name any) func(drivers.Command) call {
	return func(cmd drivers.Command) call {
		c := commandWith(4+len(cmd.Keys())+len(cmd.Weights()), name, 1+len(cmd.Keys()), cmd.Key)
		return appendSources(c, cmd).and("withscores")
	}
}

func zStoreCall(name any) func(drivers.Command) call {
	return func(cmd drivers.Command) call {
		return appendSources(commandWith(3+len(cmd.Keys())+len(cmd.Weights()), name, cmd.Key, len(cmd.Keys())), cmd)
	}
}

// appendSources appends the further keys, and what is done with the scores.
func appendSources(c call, cmd drivers.Command) call {
	c = c.andKeys(cmd.Keys())
	if cmd.Op == drivers.OpZDiff || cmd.Op == drivers.OpZDiffStore {
		return c
	}
	if len(cmd.Weights()) > 0 {
		c = c.and("weights")
		for _, weight := range cmd.Weights() {
			c = c.and(weight)
		}
	}
	if cmd.Aggregation() != "" {
		c = c.and("aggregate", cmd.Aggregation())
	}
	return c
}

// waitToPopScored makes OpZPopMin and OpZPopMax wait.
func waitToPopScored(end string) *waiting {
	return &waiting{reply: poppedScored, call: func(cmd drivers.Command, limit time.Duration) call {
		return command("bzmpop", seconds(limit), 1, cmd.Key, end, "count", cmd.Amount)
	}}
}

func popAnyScoredCall(cmd drivers.Command) call { return popAnyScored(command("zmpop"), cmd) }

func waitToPopAnyScored(cmd drivers.Command, limit time.Duration) call {
	return popAnyScored(command("bzmpop", seconds(limit)), cmd)
}

func popAnyScored(c call, cmd drivers.Command) call {
	end := "min"
	if cmd.Reverse {
		end = "max"
	}
	return c.andAllKeys(cmd).and(end, "count", cmd.Amount)
}

// poppedScored is a key with members and their scores that were taken out.
var poppedScored = replyType{command: newScoredWithKey, readFor: func(cmd drivers.Command, answer redis.Cmder) drivers.Reply {
	key, popped := answer.(*redis.ZSliceWithKeyCmd).Val()
	reply := drivers.Reply{Int: placeOf(cmd, key)}
	for _, z := range popped {
		reply.Values = append(reply.Values, z.Member.(string))
		reply.Floats = append(reply.Floats, redisvalue.UnsignedZero(z.Score))
	}
	return reply
}}

func newScoredWithKey(ctx context.Context, args []any) redis.Cmder {
	return redis.NewZSliceWithKeyCmd(ctx, args...)
}
