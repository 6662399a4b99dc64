package redisdriver

import (
	"context"

	"github.com/redis/go-redis/v9"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/drivers/internal/redisvalue"
)

// replyType is a type of answer: the go-redis command that decodes it, and how that
// becomes a Reply. A nil answer is Reply.Nil in every type.
type replyType struct {
	command func(ctx context.Context, args []any) redis.Cmder
	read    func(answer redis.Cmder) drivers.Reply
	// readFor is read for answers that do not say by themselves what they mean.
	readFor func(cmd drivers.Command, answer redis.Cmder) drivers.Reply
}

func (t *replyType) reply(cmd *drivers.Command, answer redis.Cmder) drivers.Reply {
	if t.readFor != nil {
		return t.readFor(*cmd, answer)
	}
	return t.read(answer)
}

var (
	// integer is a number.
	integer = replyType{command: newInt, read: func(answer redis.Cmder) drivers.Reply {
		return drivers.Reply{Int: answer.(*redis.IntCmd).Val()}
	}}
	// presence is how many keys there are, of which one is enough.
	presence = replyType{command: newInt, read: func(answer redis.Cmder) drivers.Reply {
		return drivers.Reply{Int: min(answer.(*redis.IntCmd).Val(), 1)}
	}}
	// timeToLive is a number of milliseconds; -2 stands for an absent key.
	timeToLive = replyType{command: newInt, read: func(answer redis.Cmder) drivers.Reply {
		millis := answer.(*redis.IntCmd).Val()
		if millis == -2 {
			return drivers.Reply{Nil: true}
		}
		return drivers.Reply{Int: millis}
	}}
	// text is a string.
	text = replyType{command: newString, read: func(answer redis.Cmder) drivers.Reply {
		return drivers.Reply{Value: answer.(*redis.StringCmd).Val()}
	}}
	// float is a number that is not an integer.
	float = replyType{command: newFloat, read: func(answer redis.Cmder) drivers.Reply {
		return drivers.Reply{Float: redisvalue.UnsignedZero(answer.(*redis.FloatCmd).Val())}
	}}
	// done is an OK that says nothing more.
	done = replyType{command: newString, read: func(redis.Cmder) drivers.Reply { return drivers.Reply{} }}
	// anything is an answer that does not matter.
	anything = replyType{command: newAny, read: func(redis.Cmder) drivers.Reply { return drivers.Reply{} }}
	// texts is a list or a set of strings.
	texts = replyType{command: newStrings, read: func(answer redis.Cmder) drivers.Reply {
		return drivers.Reply{Values: answer.(*redis.StringSliceCmd).Val()}
	}}
	// page is a cursor with strings.
	page = replyType{command: newScan, read: func(answer redis.Cmder) drivers.Reply {
		values, cursor, server := pageOf(answer)
		return drivers.Reply{Values: values, Int: cursor, Value: server}
	}}
)

func newInt(ctx context.Context, args []any) redis.Cmder    { return redis.NewIntCmd(ctx, args...) }
func newFloat(ctx context.Context, args []any) redis.Cmder  { return redis.NewFloatCmd(ctx, args...) }
func newString(ctx context.Context, args []any) redis.Cmder { return redis.NewStringCmd(ctx, args...) }
func newStrings(ctx context.Context, args []any) redis.Cmder {
	return redis.NewStringSliceCmd(ctx, args...)
}
func newScan(ctx context.Context, args []any) redis.Cmder { return redis.NewScanCmd(ctx, nil, args...) }

// pageOf takes apart what lua/scan.lua answers.
func pageOf(answer redis.Cmder) (values []string, cursor int64, server string) {
	values, next := answer.(*redis.ScanCmd).Val()
	if last := len(values) - 1; next != 0 && last >= 0 {
		values, server = values[:last], values[last]
	}
	return values, int64(next), server
}
