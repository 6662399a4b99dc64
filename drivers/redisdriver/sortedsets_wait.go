package redisdriver

import (
	"context"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/drivers/internal/redisvalue"
)

// waitToPopScored makes OpZPopMin and OpZPopMax wait.
func waitToPopScored(end string) *waiting {
	return &waiting{reply: poppedScored, call: func(cmd drivers.Command, limit time.Duration) call {
		return command("bzmpop", seconds(limit), 1, cmd.Key, end, "count", cmd.Amount)
	}}
}

// poppedScored is a key with members and their scores that were taken out.
var poppedScored = shape{newScoredWithKey, func(_ drivers.Command, answer redis.Cmder) drivers.Reply {
	_, popped := answer.(*redis.ZSliceWithKeyCmd).Val()
	var reply drivers.Reply
	for _, z := range popped {
		reply.Values = append(reply.Values, z.Member.(string))
		reply.Floats = append(reply.Floats, redisvalue.UnsignedZero(z.Score))
	}
	return reply
}}

func newScoredWithKey(ctx context.Context, args []any) redis.Cmder {
	return redis.NewZSliceWithKeyCmd(ctx, args...)
}
