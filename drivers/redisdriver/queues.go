package redisdriver

import (
	"strconv"

	"github.com/redis/go-redis/v9"

	"github.com/kvstore-go/kvstore/drivers"
)

// queueHandlers are those of queues.
var queueHandlers = handlers{
	{drivers.OpJobAdd, handler{call: jobAddCall, reply: integer}},
	{drivers.OpJobTake, handler{call: jobTakeCall, reply: takenJob}},
	{drivers.OpJobMove, handler{call: jobMoveCall, reply: integer}},
	{drivers.OpJobRemove, handler{call: jobRemoveCall, reply: integer}},
}

func jobAddCall(cmd drivers.Command) call {
	return job.on(cmd.Key, "add", cmd.JobID(), cmd.JobText(), conditionNames[cmd.If], cmd.Start, cmd.Stop)
}

func jobTakeCall(cmd drivers.Command) call {
	return job.on(cmd.Key, "take", cmd.JobToken(), cmd.LeaseMillis())
}

func jobMoveCall(cmd drivers.Command) call {
	return job.on(cmd.Key, "move", cmd.JobID(), cmd.JobToken(), int64(cmd.JobState()), cmd.Start, cmd.Stop)
}

func jobRemoveCall(cmd drivers.Command) call {
	return job.onKeys([]string{cmd.Key}, len(cmd.Values), "remove", cmd.JobToken()).andStrings(cmd.Values)
}

// takenJob is the id, the text and how often it was taken; or how many milliseconds it takes
// until something is due, if anything will be.
var takenJob = replyType{command: newStrings, read: func(answer redis.Cmder) drivers.Reply {
	answers := answer.(*redis.StringSliceCmd).Val()
	if len(answers) == 3 {
		tries, _ := strconv.ParseInt(answers[2], 10, 64)
		return drivers.Reply{Value: answers[0], Values: answers[1:2:2], Int: tries}
	}
	none := drivers.Reply{Nil: true}
	for _, wait := range answers {
		millis, _ := strconv.ParseInt(wait, 10, 64)
		none.Ints = append(none.Ints, millis)
	}
	return none
}}
