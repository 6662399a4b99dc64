package redisdriver

import (
	"context"
	"slices"
	"strings"

	"github.com/redis/go-redis/v9"

	"github.com/kvstore-go/kvstore/drivers"
)

// guard is a command for the end of a transaction in which one command may leave nothing of
// a key that a script wants after it: in a slot that is about to move, Redis would execute the
// first and refuse the other. It looks at a key that is never there, for which Redis then
// refuses the transaction as a whole, to be tried again. Nil if there is no need.
func guard(ctx context.Context, sendings []sending) redis.Cmder {
	ended := map[any]bool{} // keys of which nothing may be left
	for i := range sendings {
		cmd := &sendings[i].item.Command
		keys := sendings[i].call.scriptKeys()
		if slices.ContainsFunc(keys, func(key any) bool { return ended[key] }) {
			return redis.NewIntCmd(ctx, "exists", absentIn(cmd.Key))
		}
		if !mayEnd(cmd) {
			continue
		}
		ended[cmd.Key] = true
		for _, key := range sendings[i].op.otherKeys(*cmd) {
			ended[key] = true
		}
		for _, key := range keys { // with those of indexes
			ended[key] = true
		}
	}
	return nil
}

// mayEnd reports a write that may leave nothing of one of its keys.
func mayEnd(cmd *drivers.Command) bool {
	if cmd.Expiry.Mode == drivers.ExpireAt {
		return true // in the past
	}
	switch cmd.Op {
	case drivers.OpSet, drivers.OpSwap, drivers.OpCompareAndSwap, drivers.OpAppend, drivers.OpSetRange, drivers.OpIncrBy, drivers.OpIncrByFloat,
		drivers.OpBitSet, drivers.OpBitIncrement, drivers.OpSetBit, drivers.OpPFAdd, drivers.OpPFMerge, drivers.OpSAdd,
		drivers.OpLPush, drivers.OpRPush, drivers.OpLSet, drivers.OpLInsert, drivers.OpHSet, drivers.OpHIncrBy, drivers.OpHIncrByFloat,
		drivers.OpZAdd, drivers.OpZIncrBy, drivers.OpGeoAdd, drivers.OpXAdd, drivers.OpPersist:
		return false
	default:
		return cmd.Op.Effect() == drivers.Writes
	}
}

// absentIn is a key in the slot of another that is never there, and that begins with it where its
// user may be confined to a prefix.
func absentIn(key string) string {
	const never = "::%" // a key of kv has no empty segment
	if _, tagged, found := strings.Cut(key, "{"); found && strings.Contains(tagged, "}") {
		return key + never
	}
	return "{" + key + "}" + never
}
