package memory

// positions finds the names of an orderedMap: an open-addressed hash table of numbers, which
// takes some eight bytes a name and nothing of the garbage collector's time. The names
// themselves are in the orderedMap's slots.
type positions []uint32 // the slot of a name plus one, or 0 where none is

// fits reports whether n names leave enough of size positions free that a search is short.
func fits(n, size int) bool { return n <= size/4*3 }

// home is where a search for name begins, and next where it goes on.
func (p positions) home(name string) int {
	return int(keyHash(name)) & (len(p) - 1)
}

func (p positions) next(i int) int { return (i + 1) & (len(p) - 1) }

// away is how far behind a search from home to i comes by.
func (p positions) away(home, i int) int { return (i - home) & (len(p) - 1) }

// insert notes the slot of a name that has none yet. It must fit.
func (p positions) insert(name string, slot int) {
	i := p.home(name)
	for p[i] != 0 {
		i = p.next(i)
	}
	p[i] = uint32(slot) + 1
}

// position is where the slot of name is noted. If it is nowhere, nothing is noted there.
func (m *orderedMap[V]) position(name string) int {
	i := m.at.home(name)
	for m.at[i] != 0 && m.slots[m.at[i]-1].name != name {
		i = m.at.next(i)
	}
	return i
}

// deletePosition forgets a name that is there. Those that it kept from their home move up.
func (m *orderedMap[V]) deletePosition(name string) {
	p, free := m.at, m.position(name)
	for i := p.next(free); p[i] != 0; i = p.next(i) {
		home := p.home(m.slots[p[i]-1].name)
		if p.away(home, i) >= p.away(free, i) {
			p[free], free = p[i], i
		}
	}
	p[free] = 0
}

// rebuildPositions makes the positions of all names anew, with room for a quarter as many more.
func (m *orderedMap[V]) rebuildPositions() {
	size := 2 * fewNames
	for !fits(m.len()+m.len()/4, size) {
		size *= 2
	}
	m.at = make(positions, size)
	for i := range m.slots {
		if s := &m.slots[i]; !s.hole() {
			m.at.insert(s.name, i)
		}
	}
}
