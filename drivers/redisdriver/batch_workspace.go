package redisdriver

import (
	"slices"
	"sync"

	"github.com/redis/go-redis/v9"
)

// workspace is memory that a batch needs while it is under way, and the next one uses again.
type workspace struct {
	requests []batchRequest
	commands []redis.Cmder // what is sent, of which go-redis's pipelines make a copy
}

var workspaces = sync.Pool{New: func() any { return new(workspace) }}

func workspaceFor(items int) *workspace {
	w := workspaces.Get().(*workspace)
	w.requests, w.commands = slices.Grow(w.requests, items), slices.Grow(w.commands, items)
	return w
}

// release leaves the workspace to others, empty, unless it is uncommonly large.
func (w *workspace) release() {
	if cap(w.requests) > mostKept {
		return
	}
	clear(w.requests)
	clear(w.commands)
	w.requests, w.commands = w.requests[:0], w.commands[:0]
	workspaces.Put(w)
}

// mostKept is how many items a workspace has room for at most that is used again: twice what kv sends at once.
const mostKept = 2000
