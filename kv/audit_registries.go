package kv

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/samber/lo"

	"github.com/kvstore-go/kvstore/drivers"
)

// auditKept looks at keys of registries and indexes of stores at and below the root: it tells what they have too much, what they may have
// lost, and which nothing declares.
func (a *auditing) auditKept(ctx context.Context, keys []string) error {
	if len(keys) == 0 {
		return nil
	}
	batch := drivers.NewBatch()
	for _, key := range keys {
		registry, _, _ := strings.Cut(key, separator+separator)
		batch.Add(drivers.Command{Op: drivers.OpExists, Key: registry}, drivers.Command{Op: drivers.OpTTL, Key: key})
	}
	if err := a.root.runBatch(ctx, "Audit", batch); err != nil {
		return err
	}
	for i, key := range keys {
		registry, index, isIndex := strings.Cut(key, separator+separator)
		store, declared := a.storeOf(registry)
		exists := batch.Items[2*i].Reply.Int == 1
		var err error
		switch {
		case batch.Items[2*i+1].Reply.Nil && (!declared || isIndex): // it is gone, or never was
		case !declared:
			v := visit{place: place{key: key, undeclared: fmt.Errorf("%w: no store that keeps a registry lies there", ErrUndeclared)}}
			err = a.judgeUndeclared(ctx, &v)
		case isIndex && !slices.Contains(store.node.index().Stored(), index):
			err = a.tellDropped(ctx, store, index)
		case isIndex && exists: // with the registry
		case isIndex:
			err = a.auditStoreOnce(ctx, store, index)
		default:
			err = a.auditStore(ctx, store)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// auditStoreOnce is auditStore of a store that has lost its registry, for the first of its indexes that is there.
func (a *auditing) auditStoreOnce(ctx context.Context, store ref, index string) error {
	for _, name := range store.node.index().Stored() {
		if name == index {
			return a.auditStore(ctx, store)
		}
		there, err := a.ask(ctx, a.root.driver, drivers.IndexKey(store.registry(), name), drivers.Command{Op: drivers.OpExists})
		if err != nil || there.Int == 1 {
			return err
		}
	}
	return nil
}

func (a *auditing) tellDropped(ctx context.Context, store ref, index string) error {
	key := drivers.IndexKey(store.registry(), index)
	if a.rebuilt[store.registry()] {
		return nil // told then, and gone
	}
	return a.tell(differenceOf(store, stale{index: index, dropped: true}).finding(), func() error { return a.erase(ctx, key) })
}

// auditStore tells what the registry and the indexes of a store have too much, or may have lost.
func (a *auditing) auditStore(ctx context.Context, store ref) error {
	if a.rebuilt[store.registry()] {
		return nil
	}
	lost := 0
	err := store.tellLost(ctx, func(found stale) error {
		if lost++; a.repairs[StaleIndex] {
			return nil
		}
		return a.tell(differenceOf(store, found).finding(), nil)
	})
	if err != nil {
		return err
	}
	if lost > 0 && a.repairs[StaleIndex] {
		return a.rebuild(ctx, store)
	}
	tell := func(found stale) error {
		if found.err != nil {
			return nil // which the walk has told
		}
		if there, err := store.stillThere(ctx, found); err != nil || !there {
			return err
		}
		err := a.tellDifference(ctx, store.registry(), differenceOf(store, found))
		if err == nil && a.rebuilt[store.registry()] {
			err = errRebuilt
		}
		return err
	}
	if store.isCollection() {
		err = store.tellSurplus(ctx, tell)
	} else {
		err = store.tellEmpty(ctx, tell)
	}
	if errors.Is(err, errRebuilt) {
		return nil
	}
	return err
}

// stillThere reports whether a registry or an index has too much still, when it is looked at again: what is written or
// erased meanwhile may have seemed so.
func (r ref) stillThere(ctx context.Context, found stale) (bool, error) {
	batch := drivers.NewBatch(r.registryRead(found.id), r.indexRead("", found.id))
	if found.index != "" {
		batch = drivers.NewBatch(r.indexRead(found.index, found.stray.Member(found.id)))
	}
	if err := r.runBatch(ctx, "Audit", batch); err != nil {
		return false, err
	}
	if !slices.ContainsFunc(batch.Items, func(item drivers.Item) bool { return !item.Reply.Nil }) {
		return false, nil
	}
	if !r.isCollection() {
		there := false
		err := r.tellAbsent(ctx, []string{found.id}, func(stale) error {
			there = true
			return nil
		})
		return there, err
	}
	documents, err := r.documents(ctx, []string{found.id})
	if err != nil || documents[0].err != nil {
		return false, err
	}
	if found.index == "" {
		return !documents[0].exists, nil
	}
	return !found.stray.In(documents[0].entries), nil
}

// errRebuilt says that all there was to tell of a store's registry and indexes was told, and is repaired.
var errRebuilt = errors.New("it was rebuilt")

// tellEmpty tells which children a store that keeps no other indexes has registered that hold nothing.
func (r ref) tellEmpty(ctx context.Context, report func(stale) error) error {
	for page, err := range r.registryPages(ctx) {
		if err == nil {
			err = r.tellAbsent(ctx, page.ids, report)
		}
		if err != nil {
			return err
		}
	}
	for ids, err := range r.memberPages(ctx, "") {
		if err == nil {
			ids, err = r.unregistered(ctx, ids) // of the others the registry has told
		}
		if err == nil {
			err = r.tellAbsent(ctx, ids, report)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// unregistered are those ids of which the registry has nothing.
func (r ref) unregistered(ctx context.Context, ids []string) ([]string, error) {
	batch := drivers.NewBatch()
	for _, id := range ids {
		batch.Add(r.registryRead(id))
	}
	err := r.runBatch(ctx, "Audit", batch)
	return lo.Filter(ids, func(_ string, i int) bool { return batch.Items[i].Reply.Nil }), err
}

// tellAbsent tells which ids hold nothing. It looks where OpReconcile does, and changes nothing.
func (r ref) tellAbsent(ctx context.Context, ids []string, report func(stale) error) error {
	holds, err := r.anyExist(ctx, "Audit", len(ids), func(i int, ask func(key, pattern string)) {
		cmd := r.reconciling(ids[i])
		for _, key := range append([]string{cmd.Key}, cmd.Keys()...) {
			ask(key, r.node.pattern)
		}
	})
	if err != nil {
		return err
	}
	for i, id := range ids {
		if !holds[i] {
			if err := report(stale{id: id}); err != nil {
				return err
			}
		}
	}
	return nil
}
