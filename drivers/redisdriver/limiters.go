package redisdriver

import "github.com/kvstore-go/kvstore/drivers"

// limiterOperations are those of rate limiters.
var limiterOperations = operations{
	drivers.OpThrottle: {args: throttleArgs, reply: integers},
}

func throttleArgs(cmd drivers.Command) []any {
	return []any{"evalsha", throttle.sha, 1, cmd.Key, cmd.Amount, cmd.Start, cmd.Stop}
}
