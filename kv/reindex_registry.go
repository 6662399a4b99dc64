package kv

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/kvstore-go/kvstore/drivers"
)

// reregisterTries bounds how often a Reindex begins anew: once more for registries that it
// makes itself, and again if they are lost meanwhile.
const reregisterTries = 4

// Reindex builds the registry of a store again, and those of the stores below it: after IndexKeys was declared for a
// store that has data already, or after the registry was lost (ErrIncomplete). It registers the keys that hold
// something, and takes out those that hold nothing. Collections below the store have a Reindex of their own. Indexes
// that are left from when the store was declared as a collection are erased. It works while the store is in use, and
// returns how many values it looked at. It costs a scan, one more where there are registries below, and a round trip
// for 512 values.
func Reindex[K, H any](ctx context.Context, store KeyedStore[K, H], options ...SubtreeOption) (int, error) {
	return store.at.reregister(ctx, newSubtree(options))
}

func (r ref) reregister(ctx context.Context, s *subtree) (int, error) {
	if err := r.carried("Reindex"); err != nil {
		return 0, err
	}
	if r.node.index() == nil {
		return 0, r.fail("Reindex", fmt.Errorf("%w: the store is not declared IndexKeys", ErrInvalid))
	}
	if r.isCollection() {
		return r.reindex(ctx, s)
	}
	err := r.registerAnew(ctx, s)
	if err != nil {
		err = r.fail("Reindex", err)
	}
	return s.done.Keys, err
}

func (r ref) registerAnew(ctx context.Context, s *subtree) error {
	for range reregisterTries {
		mark := newMark()
		s.done = Progress{}
		if err := r.markAll(ctx, mark); err != nil {
			return err
		}
		if err := r.registerAll(ctx, s); err != nil {
			return err
		}
		complete, err := r.sealAll(ctx, mark)
		if err != nil {
			return err
		}
		if complete {
			return r.eraseDropped(ctx)
		}
	}
	return ErrIncomplete
}

// markAll marks what has no seal at and below r. Collections below have a Reindex of their own.
func (r ref) markAll(ctx context.Context, mark int64) error {
	for store, err := range r.storesWithRegistry(ctx) {
		if err == nil && !store.isCollection() {
			_, err = store.seal(ctx, drivers.MarkUnsealed, mark)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// sealAll seals what is marked at and below r, and reports whether that is all: a registry
// that was only made meanwhile has no mark.
func (r ref) sealAll(ctx context.Context, mark int64) (complete bool, err error) {
	complete = true
	for store, err := range r.storesWithRegistry(ctx) {
		if err == nil {
			err = store.prune(ctx)
		}
		if err == nil && !store.isCollection() {
			err = store.sealMarked(ctx, mark)
		}
		switch {
		case errors.Is(err, ErrIncomplete):
			complete = false
		case err != nil:
			return false, err
		}
	}
	return complete, nil
}

// registerAll registers all stored keys below r.
func (r ref) registerAll(ctx context.Context, s *subtree) error {
	looked := 0
	commands := paging[drivers.Command]{size: scanPage, do: func(page []drivers.Command) error {
		err := r.runBatch(ctx, "Reindex", drivers.NewBatch(page...))
		s.advance(looked)
		looked = 0
		return err
	}}
	for key, err := range r.scan(ctx, drivers.OpScanKeys) {
		if err != nil {
			return err
		}
		next := r.registrations(key)
		if r.isOlder(key) {
			next = []drivers.Command{{Op: drivers.OpDelete, Key: key, Pattern: r.node.pattern}}
		} else if len(next) > 0 {
			looked++
		}
		if err := commands.add(next...); err != nil {
			return err
		}
	}
	return commands.flush()
}

// registrations register a stored key with all stores from r down that keep a registry,
// the innermost first, as what an outer one registers may be the registry of an inner one.
func (r ref) registrations(key string) (commands []drivers.Command) {
	at, rest := r, key[len(r.path())+len(separator):]
	for more := true; more; {
		var segment string
		segment, rest, more = strings.Cut(rest, separator)
		next, err := at.descend(segment)
		if err != nil {
			return nil // foreign, or an index
		}
		if at.node.index() != nil {
			id, _ := at.node.element.node.UntagSegment(segment) // descend has made sure
			commands = append(commands, at.reconciling(id))
		}
		at = next
	}
	slices.Reverse(commands)
	return commands
}
