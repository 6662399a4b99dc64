package kv

import (
	"context"
	"errors"
	"fmt"
	"slices"
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

// called names a registry or an index, as Check does.
func called(index string) string {
	if index == "" {
		return "registry"
	}
	return "index " + index
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
	var lost []finding
	note := func(found finding) error {
		lost = append(lost, found)
		return nil
	}
	err := store.auditSeals(ctx, note)
	if err == nil {
		err = store.auditDropped(ctx, note)
	}
	if err != nil {
		return err
	}
	pending := slices.Clone(lost)
	refused := map[string]error{}
	s := newSubtree([]SubtreeOption{OnRefused(func(path string, err error) { refused[path] = err })})
	removed := func() error {
		for _, found := range pending {
			if found.err != nil {
				continue // which the walk has told
			}
			told := a.differenceOf(store, found)
			if err := a.tell(told.finding(), func() error { return refused[told.path] }); err != nil {
				return err
			}
		}
		pending = pending[:0]
		return nil
	}
	if store.isCollection() {
		_, err = store.reindexing(ctx, s, func(found finding) { pending = append(pending, found) }, removed)
		return err
	}
	if len(pending) == 0 {
		pending = append(pending, finding{lost: true})
	}
	if _, err = store.reregister(ctx, s); err != nil {
		return err
	}
	return removed()
}

// differenceOf says what Check would say.
func (a *auditing) differenceOf(store ref, found finding) difference {
	told := difference{path: store.registry(), index: found.index, cmd: store.repairingAny(found)}
	if found.index != "" || found.dropped {
		told.path = drivers.IndexKey(store.registry(), found.index)
	}
	switch {
	case found.dropped:
		told.err = fmt.Errorf("the index %s is not declared", found.index)
		return told
	case found.lost:
		told.err = fmt.Errorf("%w: the %s may have lost what it had", ErrIncomplete, called(found.index))
		return told
	case found.missing:
		told.err = fmt.Errorf("the %s lacks it", called(found.index))
	default:
		told.err = fmt.Errorf("the %s should not have it", called(found.index))
	}
	told.path = store.child(found.id).path()
	return told
}

// repairingAny is the command that removes a difference of an id.
func (r ref) repairingAny(found finding) drivers.Command {
	if found.id == "" {
		return drivers.Command{}
	}
	return r.repairing(found, 0)
}

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
	return a.tell(a.differenceOf(store, finding{index: index, dropped: true}).finding(), func() error { return a.erase(ctx, key) })
}

// auditStore tells what the registry and the indexes of a store have too much, or may have lost.
func (a *auditing) auditStore(ctx context.Context, store ref) error {
	if a.rebuilt[store.registry()] {
		return nil
	}
	lost := 0
	err := store.auditSeals(ctx, func(found finding) error {
		if lost++; a.repairs[StaleIndex] {
			return nil
		}
		return a.tell(a.differenceOf(store, found).finding(), nil)
	})
	if err != nil {
		return err
	}
	if lost > 0 && a.repairs[StaleIndex] {
		return a.rebuild(ctx, store)
	}
	tell := func(found finding) error {
		if found.err != nil {
			return nil // which the walk has told
		}
		if there, err := store.stillThere(ctx, found); err != nil || !there {
			return err
		}
		err := a.tellDifference(ctx, store.registry(), a.differenceOf(store, found))
		if err == nil && a.rebuilt[store.registry()] {
			err = errRebuilt
		}
		return err
	}
	if store.isCollection() {
		err = store.auditIndexes(ctx, tell)
	} else {
		err = store.auditChildren(ctx, tell)
	}
	if errors.Is(err, errRebuilt) {
		return nil
	}
	return err
}

// stillThere reports whether a registry or an index has too much still, when it is looked at again: what is written or
// erased meanwhile may have seemed so.
func (r ref) stillThere(ctx context.Context, found finding) (bool, error) {
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
		err := r.auditPresence(ctx, []string{found.id}, func(finding) error {
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

// auditChildren tells which children a store that keeps no other indexes has registered that hold nothing.
func (r ref) auditChildren(ctx context.Context, report func(finding) error) error {
	for page, err := range r.registryPages(ctx) {
		if err == nil {
			err = r.auditPresence(ctx, page.ids, report)
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
			err = r.auditPresence(ctx, ids, report)
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

// auditPresence tells which ids hold nothing. It looks where OpReconcile does, and changes nothing.
func (r ref) auditPresence(ctx context.Context, ids []string, report func(finding) error) error {
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
			if err := report(finding{id: id}); err != nil {
				return err
			}
		}
	}
	return nil
}
