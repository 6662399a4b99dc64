package redisdriver

import (
	"context"

	"github.com/redis/go-redis/v9"

	"github.com/kvstore-go/kvstore/drivers"
)

// hashHandlers are those of hashes.
var hashHandlers = handlers{
	{drivers.OpHSet, handler{call: withValues("hset"), reply: integer, expires: ownKey, perValue: 1}},
	{drivers.OpHReplace, handler{call: replaceCall("hash"), reply: integer}},
	{drivers.OpHCompareAndSet, handler{call: compareAndSetCall, reply: integer}},
	{drivers.OpHDel, handler{call: withValues("hdel"), reply: integer, perValue: 1}},
	{drivers.OpHGet, handler{call: withValue("hget"), reply: text}},
	{drivers.OpHMGet, handler{call: withValues("hmget"), reply: optionals}},
	{drivers.OpHExists, handler{call: withValue("hexists"), reply: integer}},
	{drivers.OpHLen, handler{call: plain("hlen"), reply: integer}},
	{drivers.OpHKeys, handler{call: plain("hkeys"), reply: texts}},
	{drivers.OpHGetAll, handler{call: plain("hgetall"), reply: pairs}},
	{drivers.OpHScan, handler{call: scanCall("hscan"), reply: page}},
	{drivers.OpHIncrBy, handler{call: hIncrByCall, reply: integer}},
	{drivers.OpHIncrByFloat, handler{call: hIncrByFloatCall, reply: text}},
	{drivers.OpHExpire, handler{call: hExpireCall, reply: integers, newer: true}},
	{drivers.OpHTTL, handler{call: withFields("hpttl"), reply: integers, newer: true}},
	{drivers.OpHPersist, handler{call: withFields("hpersist"), reply: integers, newer: true}},
}

// pairs are fields and values.
var pairs = replyType{
	command: func(ctx context.Context, args []any) redis.Cmder { return redis.NewMapStringStringCmd(ctx, args...) },
	read: func(answer redis.Cmder) drivers.Reply {
		fields := answer.(*redis.MapStringStringCmd).Val()
		values := make([]string, 0, 2*len(fields))
		for field, value := range fields {
			values = append(values, field, value)
		}
		return drivers.Reply{Values: values}
	},
}

// optionals are strings each of which may be absent.
var optionals = replyType{
	command: func(ctx context.Context, args []any) redis.Cmder { return redis.NewSliceCmd(ctx, args...) },
	read: func(answer redis.Cmder) drivers.Reply {
		answers := answer.(*redis.SliceCmd).Val()
		reply := drivers.Reply{Values: make([]string, len(answers)), Ints: make([]int64, len(answers))}
		for i, one := range answers {
			if value, there := one.(string); there {
				reply.Values[i], reply.Ints[i] = value, 1
			}
		}
		return reply
	},
}

// integers are one for each field, none of which is absent.
var integers = replyType{
	command: func(ctx context.Context, args []any) redis.Cmder { return redis.NewIntSliceCmd(ctx, args...) },
	read: func(answer redis.Cmder) drivers.Reply {
		return drivers.Reply{Ints: answer.(*redis.IntSliceCmd).Val()}
	},
}

func compareAndSetCall(cmd drivers.Command) call {
	return compareAndSet.onKeys([]string{cmd.Key}, len(cmd.Values), len(cmd.ExpectedPairs())).andStrings(cmd.Values)
}

func hIncrByCall(cmd drivers.Command) call {
	return incrementCall(boundedBefore(cmd), "hget", command("hincrby", cmd.Key, cmd.Value, cmd.Amount))
}

func hIncrByFloatCall(cmd drivers.Command) call {
	return incrementCall(cmd, "hget", command("hincrbyfloat", cmd.Key, cmd.Value, cmd.FloatIncrement()))
}

func hExpireCall(cmd drivers.Command) call {
	name := any("hpexpire")
	if cmd.Expiry.Mode == drivers.ExpireAt {
		name = "hpexpireat"
	}
	return commandWith(len(cmd.Values), name, cmd.Key, millisOf(cmd.Expiry), "fields", len(cmd.Values)).andStrings(cmd.Values)
}

// withFields is the command name with the key and Values, counted.
func withFields(name any) func(drivers.Command) call {
	return func(cmd drivers.Command) call {
		return commandWith(len(cmd.Values), name, cmd.Key, "fields", len(cmd.Values)).andStrings(cmd.Values)
	}
}
