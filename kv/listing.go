package kv

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"strings"

	"github.com/samber/lo"

	"github.com/kvstore-go/kvstore/drivers"
)

// children goes through the stored segments of a dynamic store's keys that hold
// something: by its registry if it keeps one, else by a scan of the database.
func (r ref) children(ctx context.Context) iter.Seq2[string, error] {
	if r.node.node.Index() != nil {
		return r.registered(ctx)
	}
	return r.scanned(ctx)
}

// foreignKey is a stored key below a store that is none of its schema's. It is the error
// of that key alone, and does not end a listing.
type foreignKey struct {
	key string
	error
}

func (f foreignKey) Unwrap() error { return f.error }

func isForeign(err error) bool {
	_, foreign := err.(foreignKey) //nolint:errorlint // as children yields it
	return foreign
}

// scanned lists the children by what is stored below them. A foreign key among that comes
// as its error.
func (r ref) scanned(ctx context.Context) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		seen := map[string]bool{} // of a store: its keys are many
		for key, err := range r.scan(ctx, drivers.OpScanKeys) {
			if err != nil {
				yield("", err)
				return
			}
			at := r.locate(key)
			switch {
			case at.foreign != nil:
				if !yield("", foreignKey{key, at.foreign}) {
					return
				}
				continue
			}
			segment := key[len(r.path())+len(separator):]
			if r.node.element.isStore() {
				segment, _, _ = strings.Cut(segment, separator)
				if seen[segment] {
					continue
				}
				seen[segment] = true
			}
			if !yield(segment, nil) {
				return
			}
		}
	}
}

// eachChild hands yield the stored segments of the keys of a dynamic store that hold
// something, one by one, until it returns false. A foreign key comes as an error; any
// other error ends it.
func (r ref) eachChild(ctx context.Context, op string, yield func(segment string, err error) bool) {
	if err := r.err(); err != nil {
		yield("", err)
		return
	}
	for segment, err := range r.children(ctx) {
		foreign, one := err.(foreignKey) //nolint:errorlint // as children yields it
		switch {
		case one:
			err = fail(op, foreign.key, foreign.error)
		case err != nil:
			err = r.fail(op, err)
		}
		if !yield(segment, err) || err != nil && !one {
			return
		}
	}
}

// length counts the keys of a dynamic store that hold something.
func (r ref) length(ctx context.Context) (count int, err error) {
	if err := r.err(); err != nil {
		return 0, err
	}
	for segment, err := range r.children(ctx) {
		switch {
		case isForeign(err):
		case err != nil:
			return 0, r.fail("Len", err)
		case r.admits(segment) == nil:
			count++
		}
	}
	return count, nil
}

// scan lists what is stored below r.
func (r ref) scan(ctx context.Context, op drivers.Op) iter.Seq2[string, error] {
	return r.scanAt(ctx, op, r.path())
}

func (r ref) scanAt(ctx context.Context, op drivers.Op, path string) iter.Seq2[string, error] {
	return drivers.Scan(ctx, r.driver, drivers.Command{Op: op, Key: path, Pattern: r.node.pattern})
}

// registered goes through the registry page by page. What has expired is still there:
// it is taken out when it is met.
func (r ref) registered(ctx context.Context) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		err := errBegun
		for tries := 0; errors.Is(err, errBegun) && tries <= vouchTries; tries++ {
			err = r.eachRegistered(ctx, func(segment string) bool { return yield(segment, nil) })
		}
		if err != nil {
			yield("", err)
		}
	}
}

// eachRegistered is registered, once. It is errBegun, before it has yielded anything, where the
// store began after it was asked.
func (r ref) eachRegistered(ctx context.Context, yield func(segment string) bool) error {
	first := true
	for page, err := range r.registryPages(ctx) {
		if err == nil && !page.sealed {
			if err = r.vouch(ctx, drivers.Command{Op: drivers.OpHGet, Key: r.registry()}); errors.Is(err, errBegun) && !first {
				err = ErrIncomplete
			}
		}
		if err != nil {
			return err
		}
		first = false
		held, err := r.held(ctx, page.ids)
		if err != nil {
			return err
		}
		for i, id := range page.ids {
			if held[i] && !yield(r.node.element.node.TagSegment(id)) {
				return nil
			}
		}
	}
	return nil
}

// tidied takes out of the registry what holds nothing.
func (r ref) tidied(ctx context.Context) error {
	for page, err := range r.registryPages(ctx) {
		if err == nil {
			_, err = r.held(ctx, page.ids)
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
			batch := drivers.NewBatch(cmd, drivers.Command{Op: drivers.OpHGet, Key: cmd.Key, Value: drivers.Seal, Pattern: cmd.Pattern})
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

// errBegun says that what had no seal has one by now: the store began meanwhile.
var errBegun = fmt.Errorf("%w: it began meanwhile", ErrIncomplete)

// vouchTries bounds how often it is looked again whether a store is there that comes and goes.
const vouchTries = 3

// vouch reports that the registry or an index of r, which had no seal when seal asked for it,
// does not have all that it should, unless there never was anything in the store; errBegun where
// it has its seal by now. Two round trips, a few more before it is ErrIncomplete.
func (r ref) vouch(ctx context.Context, seal drivers.Command) error {
	seal.Value, seal.Pattern = drivers.Seal, r.node.pattern
	for range vouchTries {
		batch := drivers.NewBatch()
		for _, key := range append(r.indexKeys(), r.registry()) {
			batch.Items = append(batch.Items, drivers.Item{Command: drivers.Command{Op: drivers.OpExists, Key: key, Pattern: r.node.pattern}})
		}
		batch.Items = append(batch.Items, drivers.Item{Command: seal}) // last: it comes with the keys, and goes with them
		if _, err := r.run(ctx, batch); err != nil {
			return err
		}
		there := 0
		for _, item := range batch.Items[:len(batch.Items)-1] {
			there += int(item.Reply.Int)
		}
		switch sealed := batch.Items[len(batch.Items)-1].Reply; {
		case sealed.Sealed():
			return errBegun
		case there == 0:
			return r.trusted(ctx)
		}
	}
	return drivers.Errorf(ErrIncomplete, "%s", seal.Key)
}

// trusted reports a server that may have evicted all that a store had.
func (r ref) trusted(ctx context.Context) error {
	evicts, err := drivers.Evicts(ctx, r.driver, r.registry())
	if err == nil && evicts {
		err = drivers.Errorf(ErrIncomplete, "the server evicts keys")
	}
	return err
}

// child is the place below a dynamic store that an id of its registry stands for.
func (r ref) child(id string) ref {
	element := r.node.element
	return ref{r.driver, element, r.path() + separator + element.node.TagSegment(id)}
}

// held finds out which of the ids hold something, and takes the others out of the
// registry and the indexes. One round trip, and another if there are any such.
func (r ref) held(ctx context.Context, ids []string) ([]bool, error) {
	held, err := r.holding(ctx, lo.Map(ids, func(id string, _ int) ref { return r.child(id) }))
	if err != nil {
		return nil, err
	}
	absent := drivers.NewBatch()
	for i, id := range ids {
		if !held[i] {
			absent.Items = append(absent.Items, drivers.Item{Command: r.reconciling(id)})
		}
	}
	return held, r.runBatch(ctx, "Keys", absent)
}

// holding finds out at which of the places below r something is stored. One round trip
// (EXISTS of every declared key), and for a place without any that has dynamic stores a
// listing that stops at the first key.
func (r ref) holding(ctx context.Context, places []ref) ([]bool, error) {
	held := make([]bool, len(places))
	var owners []int
	batch := drivers.NewBatch()
	for i, place := range places {
		for key, node := range declaredKeys(place) {
			owners = append(owners, i)
			batch.Items = append(batch.Items, drivers.Item{Command: drivers.Command{Op: drivers.OpExists, Key: key, Pattern: node.pattern}})
		}
	}
	if err := r.runBatch(ctx, "Keys", batch); err != nil {
		return nil, err
	}
	for i, owner := range owners {
		held[owner] = held[owner] || batch.Items[i].Reply.Int == 1
	}
	for i, place := range places {
		if held[i] {
			continue
		}
		below, err := place.anyChild(ctx)
		if err != nil {
			return nil, err
		}
		held[i] = below
	}
	return held, nil
}

// anyChild reports whether a dynamic store that can be reached from r has a child. Where its
// registry may have lost one, it is looked for.
func (r ref) anyChild(ctx context.Context) (bool, error) {
	for store := range dynamicStores(r) {
		any, err := first(store.children(ctx))
		if errors.Is(err, ErrIncomplete) {
			any, err = first(store.scanned(ctx))
		}
		if any || err != nil {
			return any, err
		}
	}
	return false, nil
}

// first reports whether a listing of children comes to any.
func first(children iter.Seq2[string, error]) (bool, error) {
	for _, err := range children {
		if !isForeign(err) {
			return err == nil, err
		}
	}
	return false, nil
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
	return drivers.Command{Op: drivers.OpReconcile, Key: keys[0], Keys: keys[1:], Pattern: r.node.pattern, Indexes: []drivers.Index{own}}
}
