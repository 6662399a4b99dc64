package kv

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/samber/lo"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/dsl"
)

// difference is a finding of what a registry or an index says of an id.
type difference struct {
	path  string // of what the id stands for, or of the registry
	index string
	err   error
	cmd   drivers.Command // repairs it, where the registry and the indexes are known to have all else
	// guarded says that the command is right only as long as its key is there.
	guarded bool
}

func (d difference) finding() Finding {
	return Finding{Kind: StaleIndex, Path: d.path, At: d.index, Err: d.err}
}

// tellDifference tells of a difference. Where that is to be repaired, and the registry may lack more, or there are indexes,
// all of the store is gone through.
func (a *auditing) tellDifference(ctx context.Context, registry string, found difference) error {
	if !a.repairs[StaleIndex] {
		return a.tell(found.finding(), nil)
	}
	store, below := a.storeOf(registry)
	if below && !a.rebuilt[registry] {
		complete, err := sealedAll(ctx, store)
		if err != nil {
			return err
		}
		if !complete || store.isCollection() {
			return a.rebuild(ctx, store)
		}
	}
	return a.tell(found.finding(), func() error {
		switch {
		case below && a.rebuilt[registry] && store.isCollection():
			return fmt.Errorf("%w: it was found again after all of %s was indexed", ErrConflict, store.path())
		case !found.guarded:
			_, err := a.root.driver.Do(ctx, found.cmd)
			return err
		}
		return a.guarded(ctx, found.cmd.Key, func(tx drivers.Transaction) ([]drivers.Command, error) {
			exists, err := a.ask(ctx, tx, found.cmd.Key, drivers.Command{Op: drivers.OpExists})
			if err != nil || exists.Int == 0 {
				return nil, err
			}
			return []drivers.Command{found.cmd}, nil
		})
	})
}

// storeOf is the store of a registry, if it is the root or lies below it.
func (a *auditing) storeOf(registry string) (ref, bool) {
	path := strings.TrimPrefix(registry, dsl.RegistryKey(""))
	if path == a.root.path() {
		return a.root, a.root.node.index() != nil
	}
	at, err := a.root.below(path)
	return at, err == nil && at.node.index() != nil
}

// sealedAll reports whether the registry and all indexes of a store have their seals.
func sealedAll(ctx context.Context, store ref) (bool, error) {
	seals, err := store.seals(ctx, "Audit")
	return err == nil && lo.EveryBy(seals, func(item drivers.Item) bool { return item.Reply.Sealed() }), err
}

// rebuild repairs all there is to a store's registry and indexes, and tells of it.
func (a *auditing) rebuild(ctx context.Context, store ref) error {
	a.rebuilt[store.registry()] = true
	var pending []stale
	note := func(found stale) error {
		pending = append(pending, found)
		return nil
	}
	err := store.tellLost(ctx, note)
	if err == nil {
		err = store.tellDropped(ctx, note)
	}
	if err != nil {
		return err
	}
	refused := map[string]error{}
	s := newSubtree([]SubtreeOption{OnRefused(func(path string, err error) { refused[path] = err })})
	removed := func() error {
		for _, found := range pending {
			if found.err != nil {
				continue // which the walk has told
			}
			told := differenceOf(store, found)
			if err := a.tell(told.finding(), func() error { return refused[told.path] }); err != nil {
				return err
			}
		}
		pending = pending[:0]
		return nil
	}
	if store.isCollection() {
		_, err = store.reindexing(ctx, s, func(found stale) { pending = append(pending, found) }, removed)
		return err
	}
	if len(pending) == 0 {
		pending = append(pending, stale{lost: true})
	}
	if _, err = store.reregister(ctx, s); err != nil {
		return err
	}
	return removed()
}

// differenceOf says what Check would say.
func differenceOf(store ref, found stale) difference {
	told := difference{path: store.registry(), index: found.index, err: errors.New(found.String()), cmd: store.repairingAny(found)}
	if found.index != "" || found.dropped {
		told.path = drivers.IndexKey(store.registry(), found.index)
	}
	switch {
	case found.lost:
		told.err = fmt.Errorf("%w: %v", ErrIncomplete, found)
	case !found.dropped:
		told.path = store.child(found.id).path()
	}
	return told
}

// repairingAny is the command that removes a difference of an id.
func (r ref) repairingAny(found stale) drivers.Command {
	if found.id == "" {
		return drivers.Command{}
	}
	return r.repairing(found, 0)
}
