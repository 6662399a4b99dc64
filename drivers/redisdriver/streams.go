package redisdriver

import (
	"cmp"
	"time"

	"github.com/kvstore-go/kvstore/drivers"
)

// streamOperations are those of streams.
var streamOperations = operations{
	drivers.OpXAdd:    {args: xAddArgs, reply: text, starts: ownKey},
	drivers.OpXLen:    {args: plain("xlen"), reply: integer},
	drivers.OpXRange:  {args: xRangeArgs, reply: streamEntries},
	drivers.OpXRead:   {args: xReadArgs, reply: streamRead, answers: noEntries, waits: &waiting{args: xReadWaiting, reply: streamRead}},
	drivers.OpXTrim:   {args: xTrimArgs, reply: integer},
	drivers.OpXDel:    {args: withValues("xdel"), reply: integer, each: 1},
	drivers.OpXLastID: {args: lastIDArgs, reply: lastID, answers: noStream},

	drivers.OpXGroupCreate:  {args: ofGroup(groupCreateArgs), reply: created, answers: noChange},
	drivers.OpXGroupDestroy: {args: ofGroup(groupDestroyArgs), reply: integer, answers: noChange},
	drivers.OpXReadGroup: {args: ofGroup(xReadGroupArgs), reply: inGroup(streamRead), answers: noGroup,
		waits: &waiting{args: xReadGroupWaiting, reply: streamRead}},
	drivers.OpXAck:       {args: xAckArgs, reply: integer, each: 1},
	drivers.OpXPending:   {args: xPendingArgs, reply: pendingEntries, answers: noGroup},
	drivers.OpXClaim:     {args: ofGroup(xClaimArgs), reply: inGroup(streamEntries), answers: noGroup},
	drivers.OpXAutoClaim: {args: ofGroup(xAutoClaimArgs), reply: inGroup(claimedEntries), answers: noGroup},
}

func xAddArgs(cmd drivers.Command) []any {
	args := append(make([]any, 0, 6+len(cmd.Values)), "xadd", cmd.Key)
	if cmd.Amount > 0 {
		args = append(args, "maxlen", "=", cmd.Amount)
	}
	return appendStrings(append(args, cmd.Value), cmd.Values)
}

func xRangeArgs(cmd drivers.Command) []any {
	from, to := rangeEnds(cmd)
	args := append(make([]any, 0, 6), "xrange", cmd.Key, from, to)
	if cmd.Reverse {
		args = append(args[:0], "xrevrange", cmd.Key, to, from)
	}
	return appendCount(args, cmd)
}

// rangeEnds are the ends of a range, also of one that is open.
func rangeEnds(cmd drivers.Command) (from, to string) {
	return cmp.Or(cmd.Min, "-"), cmp.Or(cmd.Max, "+")
}

func appendCount(args []any, cmd drivers.Command) []any {
	if cmd.Amount > 0 {
		args = append(args, "count", cmd.Amount)
	}
	return args
}

func xReadArgs(cmd drivers.Command) []any {
	args := appendCount(append(make([]any, 0, 6), "xread"), cmd)
	return append(args, "streams", cmd.Key, cmd.Value)
}

func xReadWaiting(cmd drivers.Command, limit time.Duration) []any {
	args := appendCount(append(make([]any, 0, 8), "xread"), cmd)
	return append(args, "block", limit.Milliseconds(), "streams", cmd.Key, cmd.Value)
}

func xTrimArgs(cmd drivers.Command) []any {
	if cmd.Min != "" {
		return []any{"xtrim", cmd.Key, "minid", "=", cmd.Min}
	}
	return []any{"xtrim", cmd.Key, "maxlen", "=", cmd.Amount}
}

func lastIDArgs(cmd drivers.Command) []any { return []any{"xinfo", "stream", cmd.Key} }

func groupCreateArgs(cmd drivers.Command) []any {
	return []any{"xgroup", "create", cmd.Key, cmd.Value, cmd.Expected, "mkstream"}
}

func groupDestroyArgs(cmd drivers.Command) []any {
	return []any{"xgroup", "destroy", cmd.Key, cmd.Value}
}

func xReadGroupArgs(cmd drivers.Command) []any {
	args := appendCount(append(make([]any, 0, 9), "xreadgroup", "group", cmd.Value, cmd.Expected), cmd)
	return append(args, "streams", cmd.Key, cmd.Min)
}

func xReadGroupWaiting(cmd drivers.Command, limit time.Duration) []any {
	args := appendCount(append(make([]any, 0, 11), "xreadgroup", "group", cmd.Value, cmd.Expected), cmd)
	return append(args, "block", limit.Milliseconds(), "streams", cmd.Key, cmd.Min)
}

func xAckArgs(cmd drivers.Command) []any {
	args := append(make([]any, 0, 3+len(cmd.Values)), "xack", cmd.Key, cmd.Value)
	return appendStrings(args, cmd.Values)
}

func xPendingArgs(cmd drivers.Command) []any {
	args := append(make([]any, 0, 9), "xpending", cmd.Key, cmd.Value)
	if cmd.Start > 0 {
		args = append(args, "idle", cmd.Start)
	}
	amount := cmd.Amount
	if amount == 0 {
		amount = 1<<63 - 1 // all
	}
	from, to := rangeEnds(cmd)
	if args = append(args, from, to, amount); cmd.Expected != "" {
		args = append(args, cmd.Expected)
	}
	return args
}

func xClaimArgs(cmd drivers.Command) []any {
	args := append(make([]any, 0, 5+len(cmd.Values)), "xclaim", cmd.Key, cmd.Value, cmd.Expected, cmd.Start)
	return appendStrings(args, cmd.Values)
}

func xAutoClaimArgs(cmd drivers.Command) []any {
	return []any{"xautoclaim", cmd.Key, cmd.Value, cmd.Expected, cmd.Start, cmd.Min, "count", cmd.Amount}
}

// ofGroup makes a command on a group one that a script calls where there are indexes: its
// errors that are answers must not keep the script from bringing those up to date.
func ofGroup(args func(drivers.Command) []any) func(drivers.Command) []any {
	return func(cmd drivers.Command) []any {
		command := args(cmd)
		if len(cmd.Indexes) == 0 {
			return command
		}
		return append([]any{"evalsha", groupCall.sha, 1, cmd.Key}, command...)
	}
}
