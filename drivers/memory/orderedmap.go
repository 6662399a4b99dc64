package memory

import (
	"iter"
	"math"
	"math/rand/v2"
	"slices"
	"sort"
)

// orderedMap is a map of names to values in the order in which the names came.
// It is what sets, hashes and the tree of keys are made of, because it can do
// three things that a map cannot: pick a name at random, hold its place while names
// come and go, and be walked in bounded steps. It takes less memory than a map, too.
// The zero orderedMap is empty.
type orderedMap[V any] struct {
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

func (m *orderedMap[V]) len() int { return len(m.slots) - m.holes }

// find is where name is, or -1.
func (m *orderedMap[V]) find(name string) int {
	if m.at != nil {
		return int(m.at[m.position(name)]) - 1
	}
	for i := range m.slots {
		if s := &m.slots[i]; s.name == name && !s.hole() {
			return i
		}
	}
	return -1
}

func (m *orderedMap[V]) has(name string) bool { return m.find(name) >= 0 }

// add puts a name in that is not there yet, and reports whether it was not.
func (m *orderedMap[V]) add(name string, value V) bool {
	if m.has(name) {
		return false
	}
	m.push(name, value)
	return true
}

// push puts a name in that is not there.
func (m *orderedMap[V]) push(name string, value V) {
	m.last++
	m.slots = append(m.slots, slot[V]{value, m.last, name})
	switch {
	case m.at != nil && fits(m.len(), len(m.at)):
		m.at.insert(name, len(m.slots)-1)
	case len(m.slots) > fewNames:
		m.rebuildPositions()
	}
}

// remove takes name out and reports whether it was there.
func (m *orderedMap[V]) remove(name string) bool {
	i := m.find(name)
	if i >= 0 {
		m.removeAt(i)
	}
	return i >= 0
}

func (m *orderedMap[V]) removeAt(i int) {
	if m.at != nil {
		m.deletePosition(m.slots[i].name)
	}
	m.slots[i] = slot[V]{id: -m.slots[i].id}
	m.holes++
	for end := len(m.slots); end > 0 && m.slots[end-1].hole(); end-- {
		m.slots = m.slots[:end-1]
		m.holes--
	}
	if m.holes > m.len() || m.tooRoomy() {
		m.close()
	}
}

// tooRoomy reports that the memory of names that left should be given back.
func (m *orderedMap[V]) tooRoomy() bool { return cap(m.slots) > 4*(m.len()+fewNames) }

// close closes the holes.
func (m *orderedMap[V]) close() {
	if m.tooRoomy() {
		m.slots = append(make([]slot[V], 0, 2*m.len()), m.slots...)
	}
	m.slots = slices.DeleteFunc(m.slots, func(s slot[V]) bool { return s.hole() })
	m.holes = 0
	m.at = nil
	if len(m.slots) > fewNames {
		m.rebuildPositions()
	}
}

// before walks from the name that came last before the one with the given id to
// the first. Whoever continues a walk at the last id it saw meets every name that
// was there all the time exactly once, and none that came since it began.
func (m *orderedMap[V]) before(id int64) iter.Seq[*slot[V]] {
	return func(yield func(*slot[V]) bool) {
		for i := m.end(id) - 1; i >= 0; i-- {
			if s := &m.slots[i]; !s.hole() && !yield(s) {
				return
			}
		}
	}
}

// next is where before starts, or nil.
func (m *orderedMap[V]) next(id int64) *slot[V] {
	for i := m.end(id) - 1; i >= 0; i-- {
		if s := &m.slots[i]; !s.hole() {
			return s
		}
	}
	return nil
}

// end is how many slots have a lower id.
func (m *orderedMap[V]) end(id int64) int {
	if id == newest {
		return len(m.slots)
	}
	return sort.Search(len(m.slots), func(i int) bool { return max(m.slots[i].id, -m.slots[i].id) >= id })
}

// names copies all names out.
func (m *orderedMap[V]) names() []string {
	names := make([]string, 0, m.len())
	for s := range m.before(newest) {
		names = append(names, s.name)
	}
	return names
}

// random is where a name is that is as likely as any other. There must be one.
// As holes do not outnumber names, it takes two tries on average.
func (m *orderedMap[V]) random() int {
	for {
		if i := rand.IntN(len(m.slots)); !m.slots[i].hole() {
			return i
		}
	}
}
