package redisdriver

import (
	"github.com/redis/go-redis/v9"

	"github.com/kvstore-go/kvstore/drivers"
)

// A write with indexes is one script: the command, or the script it is without them, between
// lua/index_before.lua and lua/index_after.lua.

// indexKeys are what a write with indexes touches besides its own keys.
func indexKeys(indexes []drivers.Index) (keys []any) {
	for i := range indexes {
		for key := range indexes[i].StoreKeys() {
			keys = append(keys, key)
		}
	}
	return keys
}

// indexMode says what becomes of the entries that there are: a change of a part leaves them.
func indexMode(op drivers.Op) string {
	switch {
	case op.MayGiveEntries():
		return "replace"
	case op == drivers.OpReconcile:
		return "reconcile"
	default:
		return "keep"
	}
}

// appendIndexes appends what lua/index_before.lua takes of each index, in its order.
func appendIndexes(args []any, indexes []drivers.Index) []any {
	for i := range indexes {
		ix := &indexes[i]
		args = append(args, ix.Key, ix.Registry, ix.ID, flag(ix.Whole), ix.Mark, len(ix.Names))
		for _, name := range ix.Names {
			args = append(args, name)
		}
		args = append(args, len(ix.Entries))
		for _, entry := range ix.Entries {
			args = append(args, entry.Name, entry.Value, flag(entry.Unique))
		}
		args = append(args, len(ix.Stray))
		for _, entry := range ix.Stray {
			args = append(args, entry.Name, entry.Value)
		}
	}
	return args
}

// indexWords is how many words indexes take: keys, what is said of them all, and of each.
func indexWords(indexes []drivers.Index) (count int) {
	if len(indexes) == 0 {
		return 0
	}
	count = 4
	for i := range indexes {
		ix := &indexes[i]
		count += 9 + 2*len(ix.Names) + 3*len(ix.Entries) + 2*len(ix.Stray)
	}
	return count
}

func flag(set bool) string {
	if set {
		return "1"
	}
	return "0"
}

// findCall is lua/find.lua.
func findCall(cmd drivers.Command) call {
	return find.onKeys(allKeys(cmd), len(cmd.Values), cmd.Amount, flag(cmd.Reverse)).andStrings(cmd.Values)
}

// foundMembers is what lua/find.lua answers.
var foundMembers = replyType{command: newAny, read: func(answer redis.Cmder) (reply drivers.Reply) {
	parts, _ := answer.(*redis.Cmd).Val().([]any)
	if len(parts) != 3 {
		return reply
	}
	reply.Int, _ = parts[0].(int64)
	sizes, _ := parts[1].([]any)
	for _, size := range sizes {
		members, _ := size.(int64)
		reply.Ints = append(reply.Ints, members)
	}
	found, _ := parts[2].([]any)
	for _, text := range found {
		value, _ := text.(string)
		reply.Values = append(reply.Values, value)
	}
	return reply
}}
