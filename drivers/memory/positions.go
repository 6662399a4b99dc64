package memory

import "hash/maphash"

// positions finds the names of a roster: an open-addressed hash table of numbers, which
// takes some eight bytes a name and nothing of the garbage collector's time. The names
// themselves are in the roster's slots.
type positions []uint32 // the slot of a name plus one, or 0 where none is

// positionSeed is the same for all. Who does not know it cannot choose names that collide.
var positionSeed = maphash.MakeSeed()

// fits reports whether n names leave enough of size positions free that a search is short.
func fits(n, size int) bool { return n <= size/4*3 }

// home is where a search for name begins, and next where it goes on.
func (p positions) home(name string) int {
	return int(maphash.String(positionSeed, name)) & (len(p) - 1)
}

func (p positions) next(i int) int { return (i + 1) & (len(p) - 1) }

// away is how far behind a search from home to i comes by.
func (p positions) away(home, i int) int { return (i - home) & (len(p) - 1) }

// enter notes the slot of a name that has none yet. It must fit.
func (p positions) enter(name string, slot int) {
	i := p.home(name)
	for p[i] != 0 {
		i = p.next(i)
	}
	p[i] = uint32(slot) + 1
}

// position is where the slot of name is noted. If it is nowhere, nothing is noted there.
func (r *roster[V]) position(name string) int {
	i := r.at.home(name)
	for r.at[i] != 0 && r.slots[r.at[i]-1].name != name {
		i = r.at.next(i)
	}
	return i
}

// leave forgets a name that is there. Those that it kept from their home move up.
func (r *roster[V]) leave(name string) {
	p, free := r.at, r.position(name)
	for i := p.next(free); p[i] != 0; i = p.next(i) {
		home := p.home(r.slots[p[i]-1].name)
		if p.away(home, i) >= p.away(free, i) {
			p[free], free = p[i], i
		}
	}
	p[free] = 0
}

// enterAll makes the positions of all names anew, with room for a quarter as many more.
func (r *roster[V]) enterAll() {
	size := 2 * fewNames
	for !fits(r.len()+r.len()/4, size) {
		size *= 2
	}
	r.at = make(positions, size)
	for i := range r.slots {
		if s := &r.slots[i]; !s.hole() {
			r.at.enter(s.name, i)
		}
	}
}
