package redisdriver

import (
	"context"
	"slices"
	"strings"

	"github.com/redis/go-redis/v9"
)

// guard is a command for the end of a transaction in which one command may leave nothing of
// a key that a script wants after it: in a slot that is about to move, Redis would execute the
// first and refuse the other. It looks at a key that is never there, for which Redis then
// refuses the transaction as a whole, to be tried again. Nil if there is no need.
func guard(ctx context.Context, requests []batchRequest) redis.Cmder {
	ended := map[any]bool{} // keys of which nothing may be left
	for i := range requests {
		cmd := &requests[i].item.Command
		keys := requests[i].call.scriptKeys()
		if slices.ContainsFunc(keys, func(key any) bool { return ended[key] }) {
			return redis.NewIntCmd(ctx, "exists", absentIn(cmd.Key))
		}
		if !cmd.MayEnd() {
			continue
		}
		ended[cmd.Key] = true
		for _, key := range requests[i].handler.otherKeys(cmd) {
			ended[key] = true
		}
		for _, key := range keys { // with those of indexes
			ended[key] = true
		}
	}
	return nil
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
