package memory

import (
	"iter"
	"math"
	"math/rand/v2"
	"slices"
	"sort"
)

// roster is a set of names in the order in which they came, each with a value.
// It is what sets, hashes and the index of children are made of, because it can do
// three things that a map cannot: pick a name at random, hold its place while names
// come and go, and be walked in bounded steps. It takes less memory than a map, too.
// The zero roster is empty.
type roster[V any] struct {
	// slots ascend by id. The slot of a name that left stays as a hole, with its id
	// negated, until holes outnumber names: then they are closed, which costs O(1)
	// for each name that left.
	slots []slot[V]
	holes int
	at    positions // where each name is; nil while there are few, which are searched
	last  int64     // the id given last; an id is never given twice
}

type slot[V any] struct {
	value V
	id    int64
	name  string
}

// fewNames is up to how many slots are searched as fast as positions, and in less memory.
const fewNames = 8

// newest is the id from which before starts at the name that came last.
const newest = math.MaxInt64

func (s *slot[V]) hole() bool { return s.id < 0 }

func (r *roster[V]) len() int { return len(r.slots) - r.holes }

// find is where name is, or -1.
func (r *roster[V]) find(name string) int {
	if r.at != nil {
		return int(r.at[r.position(name)]) - 1
	}
	for i := range r.slots {
		if s := &r.slots[i]; s.name == name && !s.hole() {
			return i
		}
	}
	return -1
}

func (r *roster[V]) has(name string) bool { return r.find(name) >= 0 }

// add puts a name in that is not there yet, and reports whether it was not.
func (r *roster[V]) add(name string, value V) bool {
	if r.has(name) {
		return false
	}
	r.push(name, value)
	return true
}

// push puts a name in that is not there.
func (r *roster[V]) push(name string, value V) {
	r.last++
	r.slots = append(r.slots, slot[V]{value, r.last, name})
	switch {
	case r.at != nil && fits(r.len(), len(r.at)):
		r.at.enter(name, len(r.slots)-1)
	case len(r.slots) > fewNames:
		r.enterAll()
	}
}

// remove takes name out and reports whether it was there.
func (r *roster[V]) remove(name string) bool {
	i := r.find(name)
	if i >= 0 {
		r.removeAt(i)
	}
	return i >= 0
}

func (r *roster[V]) removeAt(i int) {
	if r.at != nil {
		r.leave(r.slots[i].name)
	}
	r.slots[i] = slot[V]{id: -r.slots[i].id}
	r.holes++
	for end := len(r.slots); end > 0 && r.slots[end-1].hole(); end-- {
		r.slots = r.slots[:end-1]
		r.holes--
	}
	if r.holes > r.len() || r.tooRoomy() {
		r.close()
	}
}

// retain takes out every name but those wanted. Names that stay keep their place.
func (r *roster[V]) retain(wanted map[string]struct{}) {
	for _, name := range r.names() {
		if _, stays := wanted[name]; !stays {
			r.remove(name)
		}
	}
}

// tooRoomy reports that the memory of names that left should be given back.
func (r *roster[V]) tooRoomy() bool { return cap(r.slots) > 4*(r.len()+fewNames) }

// close closes the holes.
func (r *roster[V]) close() {
	if r.tooRoomy() {
		r.slots = append(make([]slot[V], 0, 2*r.len()), r.slots...)
	}
	r.slots = slices.DeleteFunc(r.slots, func(s slot[V]) bool { return s.hole() })
	r.holes = 0
	r.at = nil
	if len(r.slots) > fewNames {
		r.enterAll()
	}
}

// before walks from the name that came last before the one with the given id to
// the first. Whoever continues a walk at the last id it saw meets every name that
// was there all the time exactly once, and none that came since it began.
func (r *roster[V]) before(id int64) iter.Seq[*slot[V]] {
	return func(yield func(*slot[V]) bool) {
		for i := r.end(id) - 1; i >= 0; i-- {
			if s := &r.slots[i]; !s.hole() && !yield(s) {
				return
			}
		}
	}
}

// next is where before starts, or nil.
func (r *roster[V]) next(id int64) *slot[V] {
	for i := r.end(id) - 1; i >= 0; i-- {
		if s := &r.slots[i]; !s.hole() {
			return s
		}
	}
	return nil
}

// end is how many slots have a lower id.
func (r *roster[V]) end(id int64) int {
	if id == newest {
		return len(r.slots)
	}
	return sort.Search(len(r.slots), func(i int) bool { return max(r.slots[i].id, -r.slots[i].id) >= id })
}

// names copies all names out.
func (r *roster[V]) names() []string {
	names := make([]string, 0, r.len())
	for s := range r.before(newest) {
		names = append(names, s.name)
	}
	return names
}

// random is where a name is that is as likely as any other. There must be one.
// As holes do not outnumber names, it takes two tries on average.
func (r *roster[V]) random() int {
	for {
		if i := rand.IntN(len(r.slots)); !r.slots[i].hole() {
			return i
		}
	}
}
