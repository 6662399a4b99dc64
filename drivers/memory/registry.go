package memory

import (
	"slices"
	"strconv"
	"strings"

	"github.com/kvstore-go/kvstore/drivers"
)

// registry is an Index with the keys it is about, all of them locked.
type registry struct {
	*drivers.Index
	ks     keyspace
	begins bool // the store did not exist: see drivers.Index
}

func (ks keyspace) registries(cmd *drivers.Command) []registry {
	all := make([]registry, len(cmd.Indexes()))
	for i := range all {
		all[i] = registry{Index: &cmd.Indexes()[i], ks: ks}
	}
	return all
}

// beginning reports whether nothing is there of the store yet.
func (r registry) beginning() bool {
	for key := range r.StoreKeys() {
		if r.ks.find(key) != nil {
			return false
		}
	}
	return r.ks.find(r.Key) == nil
}

// runIndexed executes a write and keeps its Indexes up to date. After refuse their keys
// have the right types, unless the command itself gives one another: it then stays so.
func (ks keyspace) runIndexed(h *handler, cmd *drivers.Command) (drivers.Reply, error) {
	registries := ks.registries(cmd)
	for i := range registries {
		r := &registries[i]
		r.begins = cmd.Op != drivers.OpReconcile && r.beginning()
		if err := r.refuse(); err != nil {
			return drivers.Reply{}, err
		}
	}
	reply, err := h.write(ks, *cmd)
	if err != nil {
		return reply, err
	}
	for _, r := range registries {
		for _, other := range r.holders() {
			r.forget(other.id, other.entry)
		}
	}
	for _, there := range []bool{true, false} { // what comes, before what goes: a store must not seem to end in between
		for _, r := range registries {
			if r.there(cmd.Op, reply) == there {
				r.follow(cmd, reply, there)
			}
		}
	}
	return reply, nil
}

// refuse says why the command must not be executed, if so.
func (r registry) refuse() error {
	if _, err := hashOf(r.ks.find(r.Registry)); err != nil {
		return err
	}
	for _, name := range r.Names {
		if _, err := sortedSetOf(r.ks.find(r.indexKey(name))); err != nil {
			return err
		}
	}
	for _, entry := range r.Entries {
		if entry.Unique && !r.begins && (!r.sealedRegistry() || !r.sealedIndex(entry.Name)) {
			return drivers.Errorf(drivers.ErrIncomplete, "%s", r.indexKey(entry.Name))
		}
	}
	for _, other := range r.holders() {
		if r.ks.find(r.child(other.id)) != nil {
			return &drivers.DuplicateError{Index: r.indexKey(other.entry.Name), Holder: other.id}
		}
	}
	return nil
}

// sealedIndex reports whether an index has the seal, or the mark of who executes the command.
func (r registry) sealedIndex(name string) bool {
	z, err := sortedSetOf(r.ks.find(r.indexKey(name)))
	if err != nil {
		return false
	}
	score, there := z.score(drivers.Seal)
	return there && (score == 0 || score == -float64(r.Mark))
}

func (r registry) sealedRegistry() bool {
	h, err := hashOf(r.ks.find(r.Registry))
	if err != nil {
		return false
	}
	value, there := h.get(drivers.Seal)
	return there && (value == "" || value == strconv.FormatInt(r.Mark, 10))
}

func (r registry) indexKey(name string) string { return drivers.IndexKey(r.Registry, name) }

// child is the key of another child of the store. It is for an Index with unique entries.
func (r registry) child(id string) string { return strings.TrimSuffix(r.Key, r.ID) + id }

// claims reports whether a command has unique entries.
func claims(cmd *drivers.Command) bool {
	return slices.ContainsFunc(cmd.Indexes(), func(ix drivers.Index) bool {
		return slices.ContainsFunc(ix.Entries, func(e drivers.Entry) bool { return e.Unique })
	})
}

// holder is another id that has a unique entry.
type holder struct {
	id    string
	entry drivers.Entry
}

// holders are all that have the unique entries, be their children there or not.
func (r registry) holders() []holder {
	var holders []holder
	for _, entry := range r.Entries {
		if !entry.Unique {
			continue
		}
		z, err := sortedSetOf(r.ks.find(r.indexKey(entry.Name)))
		if err != nil {
			continue
		}
		from, to := z.lexRange("["+entry.Value, "("+drivers.AfterValue(entry.Value))
		z.order.ascend(from, func(s scored) bool {
			if from++; from > to {
				return false
			}
			// Members of another's making may have scores that put them anywhere. The seal has no id.
			if id, ours := strings.CutPrefix(s.member, entry.Value); ours && id != r.ID && id != "" {
				holders = append(holders, holder{id, entry})
			}
			return true
		})
	}
	return holders
}

// there reports whether the child, or the part of it that Key is, exists after a command.
func (r registry) there(op drivers.Op, reply drivers.Reply) bool {
	if op == drivers.OpReconcile {
		return reply.Int == 1
	}
	return r.ks.find(r.Key) != nil
}

// follow makes the registry and its indexes agree with what the command did.
func (r registry) follow(cmd *drivers.Command, reply drivers.Reply, there bool) {
	allOfChild := r.Whole || cmd.Op == drivers.OpReconcile
	old, registered := r.registered(r.ID)
	if there && r.begins {
		r.seal()
	}
	switch {
	case there && cmd.GivesEntries(reply):
		for _, entry := range r.Entries {
			r.putIn(entry.Name, entry.Member(r.ID))
		}
		r.register(r.ID, drivers.PackEntries(r.Entries))
		r.list(cmd.Op, registered)
		r.takeOut(r.ID, r.Stray, r.Entries)
		r.takeOut(r.ID, old, r.Entries)
	case there:
		r.takeOut(r.ID, r.Stray, old)
		if !registered {
			r.register(r.ID, "")
		}
		r.list(cmd.Op, registered)
	case allOfChild:
		r.forget(r.ID, r.Stray...)
		r.end()
	default:
		r.takeOut(r.ID, r.Stray, nil)
	}
}

// registered is whether the registry has an id, and with which entries of indexes that
// are declared.
func (r registry) registered(id string) (entries []drivers.Entry, there bool) {
	h, err := hashOf(r.ks.find(r.Registry))
	if err != nil {
		return nil, false
	}
	packed, there := h.get(id)
	entries, _ = drivers.UnpackEntries(packed) //nolint:errcheck // nothing else is ever put in
	return slices.DeleteFunc(entries, func(e drivers.Entry) bool { return !slices.Contains(r.Names, e.Name) }), there
}

// seal says that the registry and its indexes have all they should.
func (r registry) seal() {
	r.register(drivers.Seal, "")
	for _, name := range r.Names {
		r.putIn(name, drivers.Seal)
	}
}

// end removes the store's own keys where all have nothing but their seal. The registry says
// so: an index may have been lost.
func (r registry) end() {
	h, err := hashOf(r.ks.find(r.Registry))
	if err != nil || !r.sealedRegistry() || h.len() > 1 {
		return
	}
	for _, name := range r.Names {
		z, err := sortedSetOf(r.ks.find(r.indexKey(name)))
		if _, has := z.score(drivers.Seal); err != nil || z.len() > 1 || z.len() == 1 && !has {
			return
		}
	}
	for key := range r.StoreKeys() {
		if e := r.ks.find(key); e != nil {
			r.ks.remove(e)
		}
	}
}

// register puts an id in, with its entries.
func (r registry) register(id, packed string) {
	e := r.ks.find(r.Registry)
	if e == nil {
		e = r.ks.create(r.Registry)
		e.hold(&hash{})
	}
	if h, err := hashOf(e); err == nil && h.put(id, packed) {
		r.ks.changed(e)
	}
}

// forget takes an id out of the registry, and its entries and further ones out of the indexes.
func (r registry) forget(id string, further ...drivers.Entry) {
	entries, _ := r.registered(id)
	r.takeOut(id, entries, nil)
	r.takeOut(id, further, nil)
	if slices.Contains(r.Names, "") {
		r.takeOut(id, []drivers.Entry{{}}, nil)
	}
	e := r.ks.find(r.Registry)
	if h, err := hashOf(e); err == nil && h.remove(id) {
		r.ks.changed(e)
	}
}

// list keeps the index of the ids themselves. One that was lost is built anew by whoever
// rebuilds the others.
func (r registry) list(op drivers.Op, known bool) {
	if slices.Contains(r.Names, "") && (!known || r.Mark != 0 || op == drivers.OpReconcile) {
		r.putIn("", r.ID)
	}
}

func (r registry) putIn(name, member string) { r.ks.addMember(r.indexKey(name), member, 0) }

// addMember puts a member into the sorted set of key, unless the key has another type.
func (ks keyspace) addMember(key, member string, score float64) {
	e := ks.find(key)
	if e == nil {
		e = ks.create(key)
		e.hold(&sortedSet{})
	}
	if z, err := sortedSetOf(e); err == nil && z.add(member, score) {
		ks.changed(e)
	}
}

// takeOut removes entries of an id from their indexes, but for those that stay.
func (r registry) takeOut(id string, entries, stay []drivers.Entry) {
	for _, entry := range entries {
		if entry.In(stay) {
			continue
		}
		e := r.ks.find(r.indexKey(entry.Name))
		if z, err := sortedSetOf(e); err == nil && z.remove(entry.Member(id)) {
			r.ks.changed(e)
		}
	}
}

func reconcile(ks keyspace, cmd drivers.Command) (drivers.Reply, error) {
	there := ks.find(cmd.Key) != nil
	for _, key := range cmd.Keys() {
		there = there || ks.find(key) != nil
	}
	return truth(there)
}

// lockHolders locks the shards of a write, and of the children that hold its unique
// entries: who they are can be seen only once the first are locked.
func (d *Driver) lockHolders(set *shardSet, cmd *drivers.Command) (unlock func()) {
	for {
		locked := *set
		unlock = d.lockAll(locked, true)
		for _, r := range (keyspace{d: d}).registries(cmd) {
			for _, other := range r.holders() {
				set.add(shardNumber(r.child(other.id)))
			}
		}
		if *set == locked {
			return unlock
		}
		unlock()
	}
}
