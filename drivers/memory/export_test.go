package memory

import (
	"errors"
	"fmt"

	"github.com/kvstore-go/kvstore/drivers"
)

// Expiring is how many entries have a deadline: all that a sweep can ever look at.
func Expiring(d *Driver) int {
	n := 0
	for i := range d.shards {
		n += len(d.shards[i].due)
	}
	return n
}

// Held is how many entries are in memory, those included whose time is over.
func Held(d *Driver) int {
	n := 0
	for i := range d.shards {
		n += d.shards[i].entries.size
	}
	return n
}

// Watched is how many keys are watched.
func Watched(d *Driver) int {
	n := 0
	for i := range d.shards {
		n += len(d.shards[i].watchers)
	}
	return n
}

// Steps is how many steps a listing takes from beginning to end: names listed,
// nodes entered and left, holes passed.
func Steps(d *Driver, op drivers.Op, prefix string) int {
	l := listing{op: op, above: len(prefix) + len(separator)}
	steps := 0
	for first := true; first || len(l.frames) > 0; first = false {
		d.page(&l, first, prefix)
		steps += pageSize - l.remaining
	}
	if n := d.keyTree.below(prefix); n != nil {
		steps += n.branches.holes
	}
	return steps
}

// SameShard makes n keys that share a shard.
func SameShard(d *Driver, n int) []string {
	var keys []string
	for i := 0; len(keys) < n; i++ {
		if key := fmt.Sprintf("same:%d", i); shardNumber(key) == 0 {
			keys = append(keys, key)
		}
	}
	return keys
}

// Check reports where the structures of a driver that nobody uses disagree.
func Check(d *Driver) error {
	indexed := 0
	for i := range d.shards {
		s := &d.shards[i]
		if err := checkShard(d, s, i); err != nil {
			return err
		}
		for e := range s.entries.all() {
			if above, below := e.above(); below {
				indexed++
				if n := d.keyTree.below(above); n == nil || e.gone() {
					return fmt.Errorf("%q is not in the tree of keys", e.key)
				}
			}
		}
	}
	leaves, err := checkNode(&d.keyTree.root)
	if err == nil && leaves != indexed {
		err = fmt.Errorf("the tree has %d keys instead of %d", leaves, indexed)
	}
	return err
}

func checkShard(d *Driver, s *shard, number int) error {
	soonest, expiring := int64(never), 0
	size := 0
	for e := range s.entries.all() {
		size++
		key := e.key
		if e.hash != keyHash(key) || shardNumber(key) != uint64(number) || s.entries.find(e.hash, key) != e {
			return fmt.Errorf("%q is not found in shard %d", key, number)
		}
		if m := e.more; m != nil && m.object == nil && m.deadline == never && m.dueAt == 0 {
			return fmt.Errorf("%q has more than it needs", key)
		}
		if err := checkObject(e.object()); err != nil {
			return fmt.Errorf("%q: %w", key, err)
		}
		if !e.mayEnd() {
			if e.ends() != never {
				return fmt.Errorf("%q ends, and is not among the deadlines", key)
			}
			continue
		}
		expiring++
		place := s.due[e.more.dueAt-1]
		soonest = min(soonest, place.at)
		if place.entry != e {
			return fmt.Errorf("%q does not know its place among the deadlines", key)
		}
		if place.at > e.ends() || place.at != e.ends() && e.deadline() == place.at {
			return fmt.Errorf("%q is looked at at another time than it ends", key)
		}
	}
	switch {
	case size != s.entries.size:
		return fmt.Errorf("shard %d has %d entries, counted %d", number, size, s.entries.size)
	case expiring != len(s.due):
		return fmt.Errorf("shard %d has %d deadlines instead of %d", number, len(s.due), expiring)
	case soonest != s.soonest() || expiring > 0 && s.due[0].at != soonest:
		return fmt.Errorf("shard %d does not know its first deadline", number)
	}
	return nil
}

func checkObject(object any) error {
	if c, ok := object.(collection); ok && c.len() == 0 {
		return errors.New("an empty collection")
	}
	switch o := object.(type) {
	case *members:
		return checkOrderedMap(&o.orderedMap)
	case *hash:
		return checkOrderedMap(&o.orderedMap)
	case *sortedSet:
		return o.check()
	}
	return nil
}

func checkNode(n *keyNode) (leaves int, err error) {
	if n.parent != nil && n.empty() {
		return 0, fmt.Errorf("branch %q has no keys", n.name)
	}
	if err := checkOrderedMap(&n.branches); err != nil {
		return 0, err
	}
	for e := n.newest; e != nil; e = e.older {
		leaves++
		if e.older != nil && e.older.newer != e || e == n.newest && e.newer != nil {
			return 0, fmt.Errorf("%q does not know its neighbours", e.key)
		}
	}
	for s := range n.branches.before(newest) {
		if s.value.parent != n || s.value.name != s.name {
			return 0, fmt.Errorf("branch %q does not know its parent", s.name)
		}
		below, err := checkNode(s.value)
		if err != nil {
			return 0, err
		}
		leaves += below
	}
	return leaves, nil
}

func checkOrderedMap[V any](r *orderedMap[V]) error {
	holes, id := 0, int64(0)
	for i := range r.slots {
		s := &r.slots[i]
		if s.hole() {
			holes++
		} else if r.find(s.name) != i {
			return fmt.Errorf("%q is not found where it is", s.name)
		}
		if was := id; max(s.id, -s.id) <= was {
			return fmt.Errorf("id %d follows %d", s.id, was)
		}
		id = max(s.id, -s.id)
	}
	switch {
	case holes != r.holes || holes > r.len():
		return fmt.Errorf("%d holes among %d slots, counted %d", holes, len(r.slots), r.holes)
	case r.at != nil && r.at.used() != r.len():
		return fmt.Errorf("%d positions instead of %d", r.at.used(), r.len())
	case r.tooRoomy():
		return fmt.Errorf("room for %d slots for %d names", cap(r.slots), r.len())
	}
	return nil
}

func (p positions) used() int {
	used := 0
	for _, place := range p {
		if place != 0 {
			used++
		}
	}
	return used
}
