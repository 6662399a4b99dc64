package overlay

import (
	"context"
	"slices"

	"github.com/kvstore-go/kvstore/drivers"
)

// bookkeeping is the registry and the indexes of a store that the transaction has written below.
type bookkeeping struct {
	store drivers.Index // its Registry and its Names
	// entries are by index and id those of documents that were written.
	entries map[string]map[string][]string
	// engine has the registry, the indexes and what was written below, as the writes so far
	// leave them, under keys. It is made when somebody asks; nil if there were writes since.
	engine *engine
	keys   []string
}

// forget gives the engine up, as what it has is no longer true or no longer needed.
func (b *bookkeeping) forget() {
	if b.engine != nil {
		b.engine.release(b.keys)
		b.engine = nil
	}
}

// wroteIndexes notes what a write has done to the registries that it keeps.
func (o *Overlay) wroteIndexes(cmd drivers.Command, reply drivers.Reply) {
	for i := range cmd.Indexes() {
		ix := &cmd.Indexes()[i]
		b := o.stores[ix.Registry]
		if b == nil {
			b = &bookkeeping{store: drivers.Index{Registry: ix.Registry}, entries: map[string]map[string][]string{}}
			if o.stores == nil {
				o.stores = map[string]*bookkeeping{}
			}
			o.stores[ix.Registry] = b
		}
		b.forget()
		for _, name := range ix.Names {
			if !slices.Contains(b.store.Names, name) {
				b.store.Names = append(b.store.Names, name)
				o.stores[drivers.IndexKey(ix.Registry, name)] = b
			}
			if cmd.GivesEntries(reply) || cmd.Op == drivers.OpDelete {
				b.note(ix, name)
			}
		}
	}
}

// note notes the entries that a document has from now on in an index.
func (b *bookkeeping) note(ix *drivers.Index, name string) {
	key := drivers.IndexKey(ix.Registry, name)
	if b.entries[key] == nil {
		b.entries[key] = map[string][]string{}
	}
	b.entries[key][ix.ID] = nil
	for _, entry := range ix.Entries {
		if entry.Name == name {
			b.entries[key][ix.ID] = append(b.entries[key][ix.ID], entry.Value)
		}
	}
}

// readUnique reads for drivers.Unique: who has a value of an index is known without a copy of
// the index.
func (o *Overlay) readUnique(ctx context.Context) drivers.ReadAll {
	return func(items []drivers.Item) error {
		held := &items[0].Command
		if held.Op != drivers.OpZRangeByLex {
			return o.Read(ctx, items)
		}
		if err := o.load(ctx, items); err != nil {
			return err
		}
		b := o.stores[held.Key]
		if b == nil {
			return nil
		}
		if err := o.readSeals(ctx, items[1:]); err != nil {
			return err
		}
		value, written := held.Min()[1:], b.entries[held.Key]
		members := slices.DeleteFunc(items[0].Reply.Values, func(member string) bool {
			_, anew := written[member[len(value):]]
			return anew
		})
		for id, values := range written {
			if slices.Contains(values, value) {
				members = append(members, value+id)
			}
		}
		items[0].Reply.Values = members
		return nil
	}
}

// readSeals reads again, as the transaction leaves it, what says that a store is not sealed: it
// may have begun the store, or ended it. There is then little to copy.
func (o *Overlay) readSeals(ctx context.Context, items []drivers.Item) error {
	for i := range items {
		exists := items[i].Command.Op == drivers.OpExists
		if items[i].Err == nil && !exists && items[i].Reply.Sealed() {
			continue
		}
		if err := o.Read(ctx, items[i:i+1]); err != nil {
			return err
		}
	}
	return nil
}

// answer answers a read of a registry or an index. It needs all of the store's.
func (b *bookkeeping) answer(ctx context.Context, o *Overlay, cmd drivers.Command) (drivers.Reply, error) {
	if b.engine == nil {
		if err := b.make(ctx, o, cmd.Pattern); err != nil {
			return drivers.Reply{}, err
		}
	}
	return read(ctx, b.engine, cmd)
}

// make executes the writes so far on a copy of what is committed of the store, and of what they
// bring together with it.
func (b *bookkeeping) make(ctx context.Context, o *Overlay, pattern string) error {
	keys := slices.Collect(b.store.StoreKeys())
	o.connect(&keys, func(cmd *drivers.Command) []string {
		keys := keysOf(cmd)
		for i := range cmd.Indexes() {
			keys = slices.AppendSeq(keys, cmd.Indexes()[i].StoreKeys())
		}
		return keys
	})
	if err := o.read(ctx, keys, pattern); err != nil {
		return err
	}
	engine := newEngine()
	for _, key := range keys {
		if err := o.copies.restore(ctx, engine, key); err != nil {
			return err
		}
	}
	err := o.replay(ctx, engine, func(write *drivers.Command) bool {
		return anyKey(write, func(key string) bool { return slices.Contains(keys, key) })
	})
	if err == nil {
		err = b.unseal(ctx, o, engine)
	}
	if err == nil {
		b.engine, b.keys = engine, keys
	}
	return err
}

// unseal takes the seals away that a store has begun with in the copy, and does not in a store
// that may lose keys. See drivers.Index.
func (b *bookkeeping) unseal(ctx context.Context, o *Overlay, engine *engine) error {
	if len(o.copies.committed[b.store.Registry]) > 0 {
		return nil
	}
	evicts, err := o.store.Evicts(ctx, b.store.Registry)
	if err != nil || !evicts {
		return err
	}
	seal := []string{drivers.Seal}
	commands := []drivers.Command{{Op: drivers.OpHDel, Key: b.store.Registry, Values: seal}}
	for _, name := range b.store.Names {
		commands = append(commands, drivers.Command{Op: drivers.OpZRem, Key: drivers.IndexKey(b.store.Registry, name), Values: seal})
	}
	return engine.execute(ctx, commands...)
}
