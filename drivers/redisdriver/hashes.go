package redisdriver

import (
	"context"

	"github.com/redis/go-redis/v9"

	"github.com/kvstore-go/kvstore/drivers"
)

// hashOperations are those of hashes.
var hashOperations = operations{
	drivers.OpHSet:           {args: withValues("hset"), reply: integer, starts: ownKey, each: 1},
	drivers.OpHReplace:       {args: replaceArgs("hash"), reply: integer},
	drivers.OpHCompareAndSet: {args: compareAndSetArgs, reply: integer},
	drivers.OpHDel:           {args: withValues("hdel"), reply: integer, each: 1},
	drivers.OpHGet:           {args: withValue("hget"), reply: text},
	drivers.OpHMGet:          {args: withValues("hmget"), reply: optionals},
	drivers.OpHExists:        {args: withValue("hexists"), reply: integer},
	drivers.OpHLen:           {args: plain("hlen"), reply: integer},
	drivers.OpHKeys:          {args: plain("hkeys"), reply: texts},
	drivers.OpHGetAll:        {args: plain("hgetall"), reply: pairs},
	drivers.OpHScan:          {args: scanArgs("hscan"), reply: page},
	drivers.OpHIncrBy:        {args: hIncrByArgs, reply: integer},
	drivers.OpHIncrByFloat:   {args: hIncrByFloatArgs, reply: text},
	drivers.OpHExpire:        {args: hExpireArgs, reply: integers, newer: true},
	drivers.OpHTTL:           {args: withFields("hpttl"), reply: integers, newer: true},
	drivers.OpHPersist:       {args: withFields("hpersist"), reply: integers, newer: true},
}

// pairs are fields and values.
var pairs = shape{
	command: func(ctx context.Context, args []any) redis.Cmder { return redis.NewMapStringStringCmd(ctx, args...) },
	read: func(_ drivers.Command, answer redis.Cmder) drivers.Reply {
		fields := answer.(*redis.MapStringStringCmd).Val()
		values := make([]string, 0, 2*len(fields))
		for field, value := range fields {
			values = append(values, field, value)
		}
		return drivers.Reply{Values: values}
	},
}

// optionals are strings each of which may be absent.
var optionals = shape{
	command: func(ctx context.Context, args []any) redis.Cmder { return redis.NewSliceCmd(ctx, args...) },
	read: func(_ drivers.Command, answer redis.Cmder) drivers.Reply {
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
var integers = shape{
	command: func(ctx context.Context, args []any) redis.Cmder { return redis.NewIntSliceCmd(ctx, args...) },
	read: func(_ drivers.Command, answer redis.Cmder) drivers.Reply {
		return drivers.Reply{Ints: answer.(*redis.IntSliceCmd).Val()}
	},
}

func compareAndSetArgs(cmd drivers.Command) []any {
	args := append(make([]any, 0, 5+len(cmd.Values)), "evalsha", compareAndSet.sha, 1, cmd.Key, cmd.Amount)
	return appendStrings(args, cmd.Values)
}

func hIncrByArgs(cmd drivers.Command) []any {
	return incrementArgs(boundedBefore(cmd), "hget", "hincrby", cmd.Key, cmd.Value, cmd.Amount)
}

func hIncrByFloatArgs(cmd drivers.Command) []any {
	return incrementArgs(cmd, "hget", "hincrbyfloat", cmd.Key, cmd.Value, cmd.Expected)
}

func hExpireArgs(cmd drivers.Command) []any {
	name := any("hpexpire")
	if cmd.Expiry.Mode == drivers.ExpireAt {
		name = "hpexpireat"
	}
	args := append(make([]any, 0, 5+len(cmd.Values)), name, cmd.Key, millisOf(cmd.Expiry), "fields", len(cmd.Values))
	return appendStrings(args, cmd.Values)
}

// withFields is the command name with the key and Values, counted.
func withFields(name any) func(drivers.Command) []any {
	return func(cmd drivers.Command) []any {
		args := append(make([]any, 0, 4+len(cmd.Values)), name, cmd.Key, "fields", len(cmd.Values))
		return appendStrings(args, cmd.Values)
	}
}
