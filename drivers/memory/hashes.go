package memory

import (
	"slices"
	"strconv"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/drivers/internal/redisvalue"
)

// hashHandlers are those of hashes.
func hashHandlers() handlers {
	return handlers{
		{drivers.OpHSet, handler{write: hSet}},
		{drivers.OpHReplace, replacing(hashOf, fillHash)},
		{drivers.OpHCompareAndSet, handler{write: hCompareAndSet}},
		{drivers.OpHDel, handler{write: hDel}},
		{drivers.OpHGet, handler{read: hGet}},
		{drivers.OpHMGet, handler{read: hMGet}},
		{drivers.OpHExists, handler{read: hExists}},
		{drivers.OpHLen, handler{readEntry: hLen}},
		{drivers.OpHKeys, handler{readEntry: hKeys}},
		{drivers.OpHGetAll, handler{readEntry: hGetAll}},
		{drivers.OpHScan, handler{read: hScan}},
		{drivers.OpHIncrBy, handler{write: hIncrBy}},
		{drivers.OpHIncrByFloat, handler{write: hIncrByFloat}},
		{drivers.OpHExpire, handler{write: hExpire}},
		{drivers.OpHTTL, handler{read: hTTL}},
		{drivers.OpHPersist, handler{write: hPersist}},
	}
}

// hash is fields with a value each.
type hash struct {
	orderedMap[string]
	ends *sortedSet // fields by the last millisecond in which they live; nil while all stay
}

var noHash hash

// hashOf is the hash of an entry. An absent one has no fields, and must not be added to.
func hashOf(e *entry) (*hash, error) {
	if e == nil {
		return &noHash, nil
	}
	if h, ok := e.object().(*hash); ok {
		return h, nil
	}
	return nil, drivers.ErrWrongType
}

func (h *hash) get(field string) (value string, there bool) {
	if i := h.find(field); i >= 0 {
		return h.slots[i].value, true
	}
	return "", false
}

// write is put of a field that stays from then on.
func (h *hash) write(field, value string) bool {
	stays := h.persist(field)
	return h.put(field, value) || stays
}

// put gives a field a value, and reports whether it had another or none. The field ends when it did before.
func (h *hash) put(field, value string) bool {
	i := h.find(field)
	if i < 0 {
		h.push(field, value)
		return true
	}
	old := &h.slots[i].value
	changes := *old != value
	*old = value
	return changes
}

// remove takes a field out and reports whether it was there.
func (h *hash) remove(field string) bool {
	h.persist(field)
	return h.orderedMap.remove(field)
}

// retain takes out every field but those wanted. Those that stay keep their place, for the sake
// of an HSCAN that is under way.
func (h *hash) retain(wanted map[string]string) {
	for _, field := range h.names() {
		if _, stays := wanted[field]; !stays {
			h.remove(field)
		}
	}
}

// pairs copies all fields and values out, by turns.
func (h *hash) pairs() []string {
	pairs := make([]string, 0, 2*h.len())
	for s := range h.before(newest) {
		pairs = append(pairs, s.name, s.value)
	}
	return pairs
}

// growHash is the entry of a key, made if there is none, with the hash to put fields in.
func (ks keyspace) growHash(e *entry, key string) (*entry, *hash) {
	if e == nil {
		e = ks.create(key)
		e.hold(&hash{})
	}
	return e, e.object().(*hash)
}

// putIn writes fields of the hash of key, whose entry is e, and returns its entry and how
// many fields were new.
func (ks keyspace) putIn(e *entry, key string, pairs ...string) (*entry, int) {
	e, h := ks.growHash(e, key)
	before, changes := h.len(), false
	for pair := range slices.Chunk(pairs, 2) {
		changes = h.write(pair[0], pair[1]) || changes
	}
	added := h.len() - before
	if changes {
		ks.changed(e)
	}
	return e, added
}

func hSet(ks keyspace, cmd drivers.Command) (drivers.Reply, error) {
	e := ks.find(cmd.Key)
	if _, err := hashOf(e); err != nil {
		return drivers.Reply{}, err
	}
	e, added := ks.putIn(e, cmd.Key, cmd.Values...)
	ks.startTTL(e, cmd.Expiry)
	return count(added)
}

func fillHash(ks keyspace, e *entry, cmd drivers.Command) *entry {
	if e != nil {
		e.object().(*hash).retain(redisvalue.Fields(cmd.Values))
	}
	e, _ = ks.putIn(e, cmd.Key, cmd.Values...)
	return e
}

func hCompareAndSet(ks keyspace, cmd drivers.Command) (drivers.Reply, error) {
	e := ks.find(cmd.Key)
	h, err := hashOf(e)
	if err != nil {
		return drivers.Reply{}, err
	}
	expected, next := cmd.ExpectedPairs(), cmd.NewPairs()
	if !drivers.SamePairs(h.pairs(), expected) {
		return count(0)
	}
	if e == nil && len(next) == 0 {
		return count(1)
	}
	e, h = ks.growHash(e, cmd.Key)
	values := redisvalue.Fields(next)
	h.retain(values)
	for pair := range slices.Chunk(next, 2) {
		if held, there := h.get(pair[0]); !there || held != values[pair[0]] { // else it ends when it did before
			h.write(pair[0], values[pair[0]])
		}
	}
	ks.changed(e)
	return count(1)
}

func hDel(ks keyspace, cmd drivers.Command) (drivers.Reply, error) {
	e := ks.find(cmd.Key)
	h, err := hashOf(e)
	if err != nil || e == nil {
		return drivers.Reply{}, err
	}
	removed := 0
	for _, field := range cmd.Values {
		if h.remove(field) {
			removed++
		}
	}
	if removed > 0 {
		ks.changed(e)
	}
	return count(removed)
}

func hGet(e *entry, _ int64, cmd drivers.Command) (drivers.Reply, error) {
	h, err := hashOf(e)
	if err != nil {
		return drivers.Reply{}, err
	}
	value, there := h.get(cmd.Value)
	return drivers.Reply{Value: value, Nil: !there}, nil
}

func hMGet(e *entry, _ int64, cmd drivers.Command) (drivers.Reply, error) {
	h, err := hashOf(e)
	if err != nil {
		return drivers.Reply{}, err
	}
	reply := drivers.Reply{Values: make([]string, len(cmd.Values)), Ints: make([]int64, len(cmd.Values))}
	for i, field := range cmd.Values {
		var there bool
		if reply.Values[i], there = h.get(field); there {
			reply.Ints[i] = 1
		}
	}
	return reply, nil
}

func hExists(e *entry, _ int64, cmd drivers.Command) (drivers.Reply, error) {
	h, err := hashOf(e)
	if err != nil {
		return drivers.Reply{}, err
	}
	return truth(h.has(cmd.Value))
}

func hLen(e *entry) (drivers.Reply, error) {
	h, err := hashOf(e)
	if err != nil {
		return drivers.Reply{}, err
	}
	return count(h.len())
}

func hKeys(e *entry) (drivers.Reply, error) {
	h, err := hashOf(e)
	if err != nil {
		return drivers.Reply{}, err
	}
	return drivers.Reply{Values: h.names()}, nil
}

func hGetAll(e *entry) (drivers.Reply, error) {
	h, err := hashOf(e)
	if err != nil {
		return drivers.Reply{}, err
	}
	return drivers.Reply{Values: h.pairs()}, nil
}

func hScan(e *entry, _ int64, cmd drivers.Command) (drivers.Reply, error) {
	h, err := hashOf(e)
	if err != nil {
		return drivers.Reply{}, err
	}
	slots, next := h.page(cmd.Cursor(), cmd.Amount)
	values := make([]string, 0, 2*len(slots))
	for _, s := range slots {
		values = append(values, s.name, s.value)
	}
	return drivers.Reply{Values: values, Int: next}, nil
}

func hIncrBy(ks keyspace, cmd drivers.Command) (drivers.Reply, error) {
	return ks.hIncrement(cmd, addInt, func(sum drivers.Reply) string { return strconv.FormatInt(sum.Int, 10) })
}

func hIncrByFloat(ks keyspace, cmd drivers.Command) (drivers.Reply, error) {
	return ks.hIncrement(cmd, addFloat, func(sum drivers.Reply) string { return sum.Value })
}

// hIncrement makes a field what add makes of it.
func (ks keyspace) hIncrement(
	cmd drivers.Command, add func(cmd drivers.Command, text string, stored bool) (drivers.Reply, error), textOf func(drivers.Reply) string,
) (drivers.Reply, error) {
	e := ks.find(cmd.Key)
	h, err := hashOf(e)
	if err != nil {
		return drivers.Reply{}, err
	}
	text, stored := h.get(cmd.Value)
	if initial := cmd.Initial(); !stored && initial != "" {
		text, stored = initial, true
	}
	sum, err := add(cmd, text, stored)
	if err != nil || sum.Nil {
		return sum, err
	}
	e, h = ks.growHash(e, cmd.Key)
	if h.put(cmd.Value, textOf(sum)) {
		ks.changed(e)
	}
	ks.startTTL(e, cmd.Expiry)
	return sum, nil
}
