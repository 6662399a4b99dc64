package kv

import (
	"slices"
	"sync"

	"github.com/kvstore-go/kvstore/drivers"
)

// workspace is most of the memory that a batch takes, which the next one uses again: drivers do not keep batches.
type workspace struct {
	begun []pending     // operations that were begun
	batch drivers.Batch // what they have asked for, with the outcome once it was sent
}

var workspaces = sync.Pool{New: func() any { return new(workspace) }}

func workspaceFor(operations int) *workspace {
	w := workspaces.Get().(*workspace) //nolint:forcetypeassert // New makes nothing else
	w.begun, w.batch.Items = slices.Grow(w.begun, operations), slices.Grow(w.batch.Items, operations)
	return w
}

// release leaves the workspace to others, empty, unless it is uncommonly large.
func (w *workspace) release() {
	if cap(w.batch.Items) > 2*batchCommands {
		return
	}
	clear(w.begun)
	clear(w.batch.Items)
	w.begun, w.batch = w.begun[:0], drivers.Batch{Items: w.batch.Items[:0]}
	workspaces.Put(w)
}
