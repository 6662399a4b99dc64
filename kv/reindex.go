package kv

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"

	"github.com/kvstore-go/kvstore/drivers"
)

// Stale is a difference between what a store holds and what its registry and indexes say.
type Stale[K any] struct {
	Key   K
	Index string // the name of the index; empty for the registry of keys
	// Missing is what should be there and is not; otherwise it is there and should not be.
	Missing bool
}

// String says it in a few words.
func (s Stale[K]) String() string {
	where, what := "index "+s.Index, "should not have"
	if s.Index == "" {
		where = "registry"
	}
	if s.Missing {
		what = "lacks"
	}
	return fmt.Sprintf("the %s %s %v", where, what, s.Key)
}

// Check compares the registry and the indexes of the collection with its documents and
// goes through the differences, which Reindex removes. There are none but for documents
// that have expired, that were there before an index was declared or its function
// changed, or that something other than this library wrote or erased. A document that
// does not fit the schema comes as ErrCorrupt. What is written meanwhile may come as a
// difference that is none. It costs a scan, and three round trips for a page of
// documents and one for a page of index entries.
func (c KeyedCollection[K, T]) Check(ctx context.Context) iter.Seq2[Stale[K], error] {
	return func(yield func(Stale[K], error) bool) {
		err := c.audit(ctx, newSubtree(nil), func(found finding) error {
			key, err := c.keyOf(found.id)
			if err = cmp.Or(found.err, err); err != nil {
				err = fail("Check", c.child(found.id).path(), err)
			}
			if !yield(Stale[K]{key, found.index, found.missing}, err) {
				return errEnough
			}
			return nil
		})
		if err != nil && !errors.Is(err, errEnough) {
			yield(Stale[K]{}, c.fail("Check", err))
		}
	}
}

// Reindex makes the registry and the indexes of the collection what its documents say,
// and returns how many documents it looked at. It works online: each document is
// compared and indexed in one atomic step, so that a write meanwhile is never undone.
// Documents that do not fit the schema, or have a value of a unique index that another
// has, are told to OnRefused, or end it. After an error a repetition finishes the job.
// It costs what Check costs, and a round trip for 256 differences.
func (c KeyedCollection[K, T]) Reindex(ctx context.Context, options ...SubtreeOption) (int, error) {
	s := newSubtree(options)
	page := drivers.NewBatch()
	err := c.audit(ctx, s, func(found finding) error {
		if found.err != nil {
			if err := c.refuse(s, found.id, found.err); err != nil {
				return err
			}
			found = finding{id: found.id} // its key is registered all the same
		}
		cmd := c.repairing(found)
		if last := len(page.Items) - 1; found.missing && last >= 0 && puts(page.Items[last].Command, cmd) {
			return nil // one command puts in all that the document lacks
		}
		if page.Items = append(page.Items, drivers.Item{Command: cmd}); len(page.Items) < readPage {
			return nil
		}
		repairs := page
		page = drivers.NewBatch()
		return c.repair(ctx, s, repairs)
	})
	if err == nil {
		err = c.repair(ctx, s, page)
	}
	if err != nil {
		err = c.fail("Reindex", err)
	}
	return s.done.Keys, err
}

// puts reports whether a repair puts in what another one would.
func puts(repair, other drivers.Command) bool {
	return repair.Key == other.Key && len(repair.Indexes[0].Stray) == 0
}

// refuse tells of a document that cannot be indexed.
func (c KeyedCollection[K, T]) refuse(s *subtree, id string, err error) error {
	path := c.child(id).path()
	return s.refuse(path, fail("Reindex", path, err))
}

// Reindex registers the keys of a store that was declared IndexKeys when it had data
// already, and of those below it, and takes out those that hold nothing. It returns how
// many values it looked at. It costs a scan, and a round trip for 512 values.
func Reindex[K, H any](ctx context.Context, store KeyedStore[K, H], options ...SubtreeOption) (int, error) {
	if err := store.err(); err != nil {
		return 0, err
	}
	if store.node.node.Index() == nil {
		return 0, store.fail("Reindex", fmt.Errorf("%w: the store is not declared IndexKeys", ErrInvalid))
	}
	s := newSubtree(options)
	page, looked := drivers.NewBatch(), 0
	flush := func() error {
		err := store.runBatch(ctx, "Reindex", page)
		s.advance(looked)
		page, looked = drivers.NewBatch(), 0
		return err
	}
	for key, err := range store.scan(ctx, drivers.OpScanKeys) {
		if err != nil {
			return s.done.Keys, store.fail("Reindex", err)
		}
		if registry := store.locate(key).registry; registry.node != nil && key == registryBelow(registry.path()) {
			for _, err := range registry.registered(ctx) { // which takes out what holds nothing
				if err != nil {
					return s.done.Keys, store.fail("Reindex", err)
				}
			}
			continue
		}
		registrations := store.registrations(key)
		if len(registrations) == 0 {
			continue
		}
		page.Items, looked = append(page.Items, registrations...), looked+1
		if looked == scanPage {
			if err := flush(); err != nil {
				return s.done.Keys, err
			}
		}
	}
	err := flush()
	return s.done.Keys, err
}

// registrations register a stored key with all stores from r down that keep a registry,
// the innermost first, as what an outer one registers may be the registry of an inner one.
func (r ref) registrations(key string) []drivers.Item {
	var items []drivers.Item
	at, rest := r, key[len(r.path())+len(separator):]
	for more := true; more; {
		var segment string
		segment, rest, more = strings.Cut(rest, separator)
		next, ok := at.descend(segment)
		if !ok {
			return nil // foreign, or an index
		}
		if at.node.node.Index() != nil {
			id, _ := at.node.element.node.UntagSegment(segment) // descend has made sure
			items = append(items, drivers.Item{Command: at.reconciling(id)})
		}
		at = next
	}
	slices.Reverse(items)
	return items
}

var errEnough = errors.New("no more findings are wanted")

// finding is a difference, or a document that cannot be indexed.
type finding struct {
	id      string
	index   string
	missing bool
	err     error

	text    string          // the document, if there is one
	exists  bool            // whether there is
	entries []drivers.Entry // what the indexes should have of it
	stray   drivers.Entry   // what an index has and should not have
}

// repairing is the command that removes a difference, unless the document has changed
// since: then its writer has.
func (c KeyedCollection[K, T]) repairing(found finding) drivers.Command {
	cmd := c.reconciling(found.id)
	if found.exists {
		cmd.Op, cmd.Keys = drivers.OpCompareAndSwap, nil
		cmd.Expected, cmd.Value = found.text, found.text
		cmd.Indexes[0].Entries = found.entries
	}
	if found.stray.Name != "" {
		cmd.Indexes[0].Stray = []drivers.Entry{found.stray}
	}
	return cmd
}

// repair executes repairs. Of a document that is refused, the key at least is registered.
func (c KeyedCollection[K, T]) repair(ctx context.Context, s *subtree, repairs *drivers.Batch) error {
	if err := drivers.DoBatch(ctx, c.driver, repairs); err != nil {
		return err
	}
	refused := drivers.NewBatch()
	for _, item := range repairs.Items {
		id := item.Command.Indexes[0].ID
		switch {
		case item.Err == nil:
		case errors.Is(item.Err, ErrDuplicate) || ofOneValue(item.Err):
			if err := c.refuse(s, id, item.Err); err != nil {
				return err
			}
			refused.Items = append(refused.Items, drivers.Item{Command: c.reconciling(id)})
		default:
			return item.Err
		}
	}
	return c.runBatch(ctx, "Reindex", refused)
}

// audit tells of all differences: first what is there too much, so that no unique index
// has what stands in the way of another document, then what the documents lack.
func (c KeyedCollection[K, T]) audit(ctx context.Context, s *subtree, tell func(finding) error) error {
	if err := c.err(); err != nil {
		return err
	}
	if err := c.auditIndexes(ctx, tell); err != nil {
		return err
	}
	var page []string
	for segment, err := range c.scan(ctx, drivers.OpScanLeaves) {
		if err != nil {
			return err
		}
		if _, bad := c.keyOf(segment); bad != nil {
			continue // its own registry, or foreign
		}
		if page = append(page, segment); len(page) == readPage {
			if err := c.auditDocuments(ctx, page, tell); err != nil {
				return err
			}
			s.advance(len(page))
			page = page[:0]
		}
	}
	err := c.auditDocuments(ctx, page, tell)
	if err == nil {
		s.advance(len(page))
	}
	return err
}

// documents reads the documents of ids, with what the indexes should have of them.
func (c KeyedCollection[K, T]) documents(ctx context.Context, ids []string) ([]finding, error) {
	batch := drivers.NewBatch()
	for _, id := range ids {
		batch.Items = append(batch.Items, drivers.Item{Command: drivers.Command{Op: drivers.OpGet, Key: c.child(id).path(), Pattern: c.node.element.pattern}})
	}
	if err := drivers.DoBatch(ctx, c.driver, batch); err != nil {
		return nil, err
	}
	found := make([]finding, len(ids))
	for i, id := range ids {
		reply, err := batch.Items[i].Reply, batch.Items[i].Err
		found[i] = finding{id: id, text: reply.Value, exists: err == nil && !reply.Nil, err: err}
		if found[i].exists {
			next, err := handle[JSONField[T]](c.child(id)).admit(reply.Value)
			found[i].entries, found[i].err = next.entries, err
		}
		if err := found[i].err; err != nil && !ofOneValue(err) {
			return nil, err
		}
	}
	return found, nil
}

// auditDocuments tells what the registry and the indexes lack of documents.
func (c KeyedCollection[K, T]) auditDocuments(ctx context.Context, ids []string, tell func(finding) error) error {
	documents, err := c.documents(ctx, ids)
	if err != nil {
		return err
	}
	registry := registryBelow(c.path())
	var owners []finding
	batch := drivers.NewBatch()
	for _, found := range documents {
		switch {
		case found.err != nil:
			if err := tell(found); err != nil {
				return err
			}
			continue
		case !found.exists:
			continue
		}
		ask := func(index string, cmd drivers.Command) {
			found.index, found.missing, cmd.Pattern = index, true, c.node.pattern
			owners, batch.Items = append(owners, found), append(batch.Items, drivers.Item{Command: cmd})
		}
		ask("", drivers.Command{Op: drivers.OpHGet, Key: registry, Value: found.id})
		for _, entry := range found.entries {
			ask(entry.Name, drivers.Command{Op: drivers.OpZScore, Key: drivers.IndexKey(registry, entry.Name), Value: entry.Member(found.id)})
		}
	}
	if err := c.runBatch(ctx, "Check", batch); err != nil {
		return err
	}
	for i, found := range owners {
		reply := batch.Items[i].Reply
		if reply.Nil || found.index == "" && reply.Value != drivers.PackEntries(found.entries) {
			if err := tell(found); err != nil {
				return err
			}
		}
	}
	return nil
}

// auditIndexes tells what the registry and the indexes have and no document accounts for.
func (c KeyedCollection[K, T]) auditIndexes(ctx context.Context, tell func(finding) error) error {
	for page, err := range c.registry(ctx) {
		if err != nil {
			return err
		}
		documents, err := c.documents(ctx, page)
		if err != nil {
			return err
		}
		for _, found := range documents {
			if !found.exists && found.err == nil {
				if err := tell(found); err != nil {
					return err
				}
			}
		}
	}
	for _, name := range c.indexes().names {
		cmd := drivers.Command{
			Op: drivers.OpZRangeByLex, Key: drivers.IndexKey(registryBelow(c.path()), name), Pattern: c.node.pattern,
			Min: "-", Max: "+", Amount: readPage,
		}
		for more := true; more; {
			reply, err := c.driver.Do(ctx, cmd)
			if err != nil {
				return err
			}
			if more = len(reply.Values) == readPage; more {
				cmd.Min = "(" + reply.Values[readPage-1]
			}
			if err := c.auditMembers(ctx, name, reply.Values, tell); err != nil {
				return err
			}
		}
	}
	return nil
}

func (c KeyedCollection[K, T]) auditMembers(ctx context.Context, name string, members []string, tell func(finding) error) error {
	var ids []string
	var entries []drivers.Entry
	for _, member := range members {
		if value, id, ok := splitMember(member); ok {
			ids, entries = append(ids, id), append(entries, drivers.Entry{Name: name, Value: value})
		}
	}
	documents, err := c.documents(ctx, ids)
	if err != nil {
		return err
	}
	var strays []finding
	registered := drivers.NewBatch()
	for i, found := range documents {
		if found.err != nil || among(found.entries, entries[i]) {
			continue
		}
		found.index, found.stray = name, entries[i]
		strays = append(strays, found)
		registered.Items = append(registered.Items, drivers.Item{Command: drivers.Command{
			Op: drivers.OpHGet, Key: registryBelow(c.path()), Value: found.id, Pattern: c.node.pattern,
		}})
	}
	if err := c.runBatch(ctx, "Check", registered); err != nil {
		return err
	}
	for i, found := range strays {
		// What it lacks is put in later, when nothing stands in its way any more.
		has, _ := drivers.UnpackEntries(registered.Items[i].Reply.Value) //nolint:errcheck // then it has nothing
		found.entries = slices.DeleteFunc(found.entries, func(e drivers.Entry) bool { return !among(has, e) })
		if err := tell(found); err != nil {
			return err
		}
	}
	return nil
}

// among reports whether one of the entries has the index and the value of another.
func among(entries []drivers.Entry, entry drivers.Entry) bool {
	return slices.ContainsFunc(entries, func(e drivers.Entry) bool { return e.Name == entry.Name && e.Value == entry.Value })
}
