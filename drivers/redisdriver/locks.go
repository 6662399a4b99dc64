package redisdriver

import (
	"strconv"

	"github.com/redis/go-redis/v9"

	"github.com/kvstore-go/kvstore/drivers"
)

// lockHandlers are those of locks.
var lockHandlers = handlers{
	{drivers.OpLockAcquire, handler{call: lockCall("acquire"), reply: acquisition}},
	{drivers.OpLockRenew, handler{call: lockCall("renew"), reply: integer}},
	{drivers.OpLockRelease, handler{call: lockCall("release"), reply: integer}},
	{drivers.OpLockHolder, handler{call: lockCall("holder"), reply: holder}},
}

func lockCall(verb any) func(drivers.Command) call {
	return func(cmd drivers.Command) call {
		return lock.on(cmd.Key, verb, cmd.Owner(), cmd.LeaseMillis())
	}
}

// acquisition is 1 and the token, or 0 and how many milliseconds another has the lock.
var acquisition = replyType{command: integers.command, read: func(answer redis.Cmder) drivers.Reply {
	answers := answer.(*redis.IntSliceCmd).Val()
	if answers[0] == 0 {
		return drivers.Reply{Nil: true, Ints: answers[1:]}
	}
	return drivers.Reply{Int: answers[1]}
}}

// holder is the owner, the token and how many milliseconds are left, all as text.
var holder = replyType{command: newStrings, read: func(answer redis.Cmder) drivers.Reply {
	answers := answer.(*redis.StringSliceCmd).Val()
	token, _ := strconv.ParseInt(answers[1], 10, 64)
	left, _ := strconv.ParseInt(answers[2], 10, 64)
	return drivers.Reply{Value: answers[0], Int: token, Ints: []int64{left}}
}}

// limiterHandlers are those of rate limiters.
var limiterHandlers = handlers{
	{drivers.OpThrottle, handler{call: throttleCall, reply: integers}},
}

func throttleCall(cmd drivers.Command) call {
	c := throttle.onKeys([]string{cmd.Key}, len(cmd.Scores()), cmd.Cost())
	for _, limit := range cmd.Limits() {
		c = c.and(limit.IntervalMicros, limit.Burst)
	}
	return c
}
