package redisdriver

import (
	_ "embed"

	"github.com/kvstore-go/kvstore/drivers"
)

var (
	//go:embed lua/index_before.lua
	indexBeforeText string
	//go:embed lua/index_after.lua
	indexAfterText string
	//go:embed lua/reconcile.lua
	reconcileText string
)

// A write with indexes is one script: the command, or the script it is without them,
// between what comes before and what comes after.
var (
	reconcile = newIndexed(reconcileText)
	// indexedScripts are the scripts with indexes, by the digest of those without.
	indexedScripts = func() map[any]*script {
		all := map[any]*script{}
		for _, s := range writeScripts {
			all[s.sha] = newIndexed(s.body)
		}
		return all
	}()
)

func newIndexed(body string) *script {
	return newScript(indexBeforeText + "\nlocal function command()\n" + body + "\nend\nlocal reply = command()\n" + indexAfterText + "\nreturn reply")
}

// withIndexes makes the arguments of a write those of the same write with indexes.
func withIndexes(op *operation, cmd drivers.Command, args []any) []any {
	indexed, keys := reconcile, 1+len(cmd.Keys)
	if cmd.Op == drivers.OpReconcile {
		args = args[1:]
	} else {
		if args[0] != "evalsha" {
			args = op.callArgs(cmd, args)
		}
		indexed, keys, args = indexedScripts[args[1]], args[2].(int), args[3:]
	}
	indexKeys := indexKeysOf(cmd)
	own := indexArgs(cmd, len(indexKeys))

	all := make([]any, 0, 3+len(args)+len(indexKeys)+len(own)+1)
	all = append(all, "evalsha", indexed.sha, keys+len(indexKeys))
	all = append(all, args[:keys]...)
	all = append(all, indexKeys...)
	all = append(all, args[keys:]...)
	all = append(all, own...)
	return append(all, len(own))
}

// indexKeysOf is what a write with indexes touches besides its own keys.
func indexKeysOf(cmd drivers.Command) (keys []any) {
	for i := range cmd.Indexes {
		ix := &cmd.Indexes[i]
		keys = append(keys, ix.Registry)
		for _, name := range ix.Names {
			keys = append(keys, drivers.IndexKey(ix.Registry, name))
		}
	}
	return keys
}

// indexArgs is what lua/index_before.lua takes, in its order.
func indexArgs(cmd drivers.Command, keys int) []any {
	mode := "keep"
	switch cmd.Op {
	case drivers.OpSet, drivers.OpCompareAndSwap:
		mode = "replace"
	case drivers.OpReconcile:
		mode = "reconcile"
	default: // a change of a part leaves the entries
	}
	args := []any{mode, keys, len(cmd.Indexes)}
	for i := range cmd.Indexes {
		ix := &cmd.Indexes[i]
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

func flag(set bool) string {
	if set {
		return "1"
	}
	return "0"
}
