package kv

import (
	"slices"
	"sync"

	"github.com/kvstore-go/kvstore/drivers"
)

// workspace is most of the memory that a batch takes, which the next one uses again: drivers do not keep batches.
type workspace struct {
	ops   []operation   // of the batch, in the order in which they were added
	begun []pending     // those that were begun since something was sent
	batch drivers.Batch // what they have asked for, with the outcome once it was sent
}

var workspaces = sync.Pool{New: func() any { return new(workspace) }}

func newWorkspace() *workspace {
	return workspaces.Get().(*workspace) //nolint:forcetypeassert // New makes nothing else
}

// grow makes room for operations to be begun.
func (w *workspace) grow(operations int) {
	w.begun, w.batch.Items = slices.Grow(w.begun, operations), slices.Grow(w.batch.Items, operations)
}

// clear forgets what was begun.
func (w *workspace) clear() {
	clear(w.begun)
	clear(w.batch.Items)
	w.begun, w.batch = w.begun[:0], drivers.Batch{Items: w.batch.Items[:0]}
}

// release leaves the workspace to others, empty, unless it is uncommonly large.
func (w *workspace) release() {
	if cap(w.batch.Items) > 2*batchCommands || cap(w.ops) > 2*batchCommands {
		return
	}
	clear(w.ops)
	w.ops = w.ops[:0]
	workspaces.Put(w)
}
