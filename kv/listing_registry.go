package kv

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"strings"

	"github.com/samber/lo"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/dsl"
)

// registry is the key of the registry of the dynamic store r.
func (r ref) registry() string { return dsl.RegistryKey(r.path()) }

// indexKeys are the keys of its indexes, in the order of their names.
func (r ref) indexKeys() []string {
	registry := r.registry()
	return lo.Map(r.node.index().Stored(), func(name string, _ int) string { return drivers.IndexKey(registry, name) })
}

// registryRead reads what the registry has of an id.
func (r ref) registryRead(id string) drivers.Command {
	return drivers.Command{Op: drivers.OpHGet, Key: r.registry(), Value: id, Pattern: r.node.pattern}
}

// indexRead reads whether an index has a member.
func (r ref) indexRead(index, member string) drivers.Command {
	return drivers.Command{Op: drivers.OpZScore, Key: drivers.IndexKey(r.registry(), index), Value: member, Pattern: r.node.pattern}
}

// membersAfter reads up to so many members of an index behind last, in their order.
func (r ref) membersAfter(index, last string, most int) drivers.Command {
	return drivers.Command{
		Op: drivers.OpZRangeByLex, Key: drivers.IndexKey(r.registry(), index), Pattern: r.node.pattern,
		Extra: &drivers.Extra{Min: exclusive(last), Max: "+"}, Amount: int64(most),
	}
}

// storesWithRegistry goes through the dynamic stores that keep a registry: those below r of which anything
// is stored, found by a scan if there may be any, and then r.
func (r ref) storesWithRegistry(ctx context.Context) iter.Seq2[ref, error] {
	return func(yield func(ref, error) bool) {
		if r.node.element.indexedBelow() {
			for key, err := range r.scanAt(ctx, drivers.OpScanKeys, r.registry()) {
				at, keeps := ref{}, false
				if err == nil {
					at, keeps, err = r.storeOfRegistry(ctx, key)
				}
				if (keeps || err != nil) && !yield(at, err) || err != nil {
					return
				}
			}
		}
		if r.node.index() != nil {
			yield(r, nil)
		}
	}
}

// storeOfRegistry is the store below r whose registry a key is, or one of its indexes where that has
// no registry any more.
func (r ref) storeOfRegistry(ctx context.Context, key string) (at ref, keeps bool, err error) {
	path, _, isIndex := strings.Cut(strings.TrimPrefix(key, dsl.RegistryKey("")), separator+separator)
	at, foreign := r.below(path)
	if foreign != nil || at.node.index() == nil || !isIndex {
		return at, foreign == nil && at.node.index() != nil, nil
	}
	there, err := r.driver.Do(ctx, drivers.Command{Op: drivers.OpExists, Key: at.registry(), Pattern: at.node.pattern})
	return at, there.Int == 0, err
}

// registered goes through the registry page by page. What has expired is still there:
// it is taken out when it is met.
func (r ref) registered(ctx context.Context) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		err := errBeganMeanwhile
		for tries := 0; errors.Is(err, errBeganMeanwhile) && tries <= completeTries; tries++ {
			err = r.eachRegistered(ctx, func(segment string) bool { return yield(segment, nil) })
		}
		if err != nil {
			yield("", err)
		}
	}
}

// eachRegistered is registered, once. It is errBeganMeanwhile, before it has yielded anything, where the
// store began after it was asked.
func (r ref) eachRegistered(ctx context.Context, yield func(segment string) bool) error {
	first := true
	for page, err := range r.registryPages(ctx) {
		if err == nil && !page.sealed {
			if err = r.checkComplete(ctx, r.registryRead(drivers.Seal)); errors.Is(err, errBeganMeanwhile) && !first {
				err = ErrIncomplete
			}
		}
		if err != nil {
			return err
		}
		first = false
		exists, err := r.existing(ctx, page.ids)
		if err != nil {
			return err
		}
		for i, id := range page.ids {
			if exists[i] && !yield(r.node.element.node.TagSegment(id)) {
				return nil
			}
		}
	}
	return nil
}

// prune takes out of the registry what holds nothing.
func (r ref) prune(ctx context.Context) error {
	for page, err := range r.registryPages(ctx) {
		if err == nil {
			_, err = r.existing(ctx, page.ids)
		}
		if err != nil {
			return err
		}
	}
	for ids, err := range r.idPages(ctx, "", scanPage) {
		if err == nil || errors.Is(err, ErrIncomplete) && !errors.Is(err, errBeganMeanwhile) {
			_, err = r.existing(ctx, ids)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// registryPage is a part of what a registry has.
type registryPage struct {
	ids    []string
	sealed bool // the registry has all that it should
}

// registryPages goes through the registry. One round trip a page.
func (r ref) registryPages(ctx context.Context) iter.Seq2[registryPage, error] {
	return func(yield func(registryPage, error) bool) {
		var seen drivers.RecentNames
		cmd := drivers.Command{Op: drivers.OpHScan, Key: r.registry(), Pattern: r.node.pattern, Amount: scanPage}
		for {
			batch := drivers.NewBatch(cmd, r.registryRead(drivers.Seal))
			if _, err := r.run(ctx, batch); err != nil {
				yield(registryPage{}, err)
				return
			}
			reply := batch.Items[0].Reply
			page := registryPage{sealed: batch.Items[1].Reply.Sealed()}
			for i := 0; i < len(reply.Values); i += 2 {
				if id := reply.Values[i]; id != drivers.Seal && !seen.Seen(id) {
					page.ids = append(page.ids, id)
				}
			}
			if !yield(page, nil) || !cmd.Continue(reply) {
				return
			}
		}
	}
}

// errBeganMeanwhile says that what had no seal has one by now: the store began meanwhile.
var errBeganMeanwhile = fmt.Errorf("%w: it began meanwhile", ErrIncomplete)

// completeTries bounds how often it is looked again whether a store is there that comes and goes.
const completeTries = 3

// sealed executes a read of the registry, or of indexes, together with those of their seals, and anew
// where the store began meanwhile.
func (r ref) sealed(ctx context.Context, read drivers.Command, seals ...drivers.Command) (drivers.Reply, error) {
	var err error
	for range completeTries {
		batch := drivers.NewBatch(append([]drivers.Command{read}, seals...)...)
		if _, err = r.run(ctx, batch); err == nil {
			err = r.checkSeals(ctx, batch.Items[1:])
		}
		if err == nil {
			return batch.Items[0].Reply, nil
		}
		if !errors.Is(err, errBeganMeanwhile) {
			break
		}
	}
	return drivers.Reply{}, err
}

// checkSeals reports what has no seal. See checkComplete.
func (r ref) checkSeals(ctx context.Context, seals []drivers.Item) error {
	for _, item := range seals {
		if !item.Reply.Sealed() {
			if err := r.checkComplete(ctx, item.Command); err != nil {
				return err
			}
		}
	}
	return nil
}

// checkComplete reports that the registry or an index of r, which had no seal when seal asked for it,
// does not have all that it should, unless there never was anything in the store; errBeganMeanwhile where
// it has its seal by now. Two round trips, a few more before it is ErrIncomplete.
func (r ref) checkComplete(ctx context.Context, seal drivers.Command) error {
	for range completeTries {
		batch := drivers.NewBatch()
		for _, key := range append(r.indexKeys(), r.registry()) {
			batch.Add(drivers.Command{Op: drivers.OpExists, Key: key, Pattern: r.node.pattern})
		}
		batch.Add(seal) // last: it comes with the keys, and goes with them
		if _, err := r.run(ctx, batch); err != nil {
			return err
		}
		there := 0
		for _, item := range batch.Items[:len(batch.Items)-1] {
			there += int(item.Reply.Int)
		}
		switch sealed := batch.Items[len(batch.Items)-1].Reply; {
		case sealed.Sealed():
			return errBeganMeanwhile
		case there == 0:
			return r.checkEviction(ctx)
		}
	}
	return drivers.Errorf(ErrIncomplete, "%s", seal.Key)
}

// checkEviction reports a server that may have evicted all that a store had.
func (r ref) checkEviction(ctx context.Context) error {
	evicts, err := r.driver.Evicts(ctx, r.registry())
	if err == nil && evicts {
		err = drivers.Errorf(ErrIncomplete, "the server evicts keys")
	}
	return err
}

// existing finds out which of the ids hold something, and takes the others out of the
// registry and the indexes. One round trip, and another if there are any such.
func (r ref) existing(ctx context.Context, ids []string) ([]bool, error) {
	exists, err := r.exist(ctx, lo.Map(ids, func(id string, _ int) ref { return r.child(id) }))
	if err != nil {
		return nil, err
	}
	absent := drivers.NewBatch()
	for i, id := range ids {
		if !exists[i] {
			absent.Add(r.reconciling(id))
		}
	}
	return exists, r.runBatch(ctx, "Keys", absent)
}

// reconciling is the command that takes an id that holds nothing out of the registry
// and the indexes, and registers one that does.
func (r ref) reconciling(id string) drivers.Command { return r.child(id).reconciled() }

// reconciled is reconciling as seen from the child.
func (r ref) reconciled() drivers.Command {
	var keys []string
	for key := range declaredKeys(r) {
		keys = append(keys, key)
	}
	for store := range dynamicStores(r) {
		keys = append(keys, store.registry())
	}
	own := r.node.indexes(r.path())[0]
	own.Key = keys[0]
	return drivers.Command{Op: drivers.OpReconcile, Key: keys[0], Pattern: r.node.pattern, Extra: &drivers.Extra{Keys: keys[1:], Indexes: []drivers.Index{own}}}
}

// indexedBelow reports whether there is a registry anywhere below.
func (b *bound) indexedBelow() bool {
	if b.element != nil {
		return b.index() != nil || b.element.indexedBelow()
	}
	for _, field := range b.fields {
		if field.indexedBelow() {
			return true
		}
	}
	return false
}
