package redisdriver

import "github.com/kvstore-go/kvstore/drivers"

// limiterOperations are those of rate limiters.
var limiterOperations = operations{
	drivers.OpThrottle: {call: throttleCall, reply: integers},
}

func throttleCall(cmd drivers.Command) call {
	return throttle.on(cmd.Key, cmd.Cost(), cmd.IntervalMicros(), cmd.Burst())
}
