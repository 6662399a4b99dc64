package plan

import (
	"bytes"
	"hash/maphash"
)

// distinct finds equal byte strings, the names of an object or the items of an array. It is a stack of sets, because values nest: a
// set is opened, filled with other sets opened and closed in between, and closed. Its memory is kept from one text to the next.
type distinct struct {
	bytes   []byte
	members []entry
	slots   []uint32 // hash tables of the sets with more than fewMembers
	seed    maphash.Seed
}

type entry struct {
	hash       uint64
	begin, end int
}

// set is the lower end of one set on the stack.
type set struct {
	bytes, members, slots int
}

const fewMembers = 12

// reset empties all sets. Names of one hash cannot be prepared without the seed.
func (d *distinct) reset() {
	if d.seed == (maphash.Seed{}) {
		d.seed = maphash.MakeSeed()
	}
	d.close(set{})
}

func (d *distinct) open() set {
	return set{len(d.bytes), len(d.members), len(d.slots)}
}

func (d *distinct) close(s set) {
	d.bytes, d.members, d.slots = d.bytes[:s.bytes], d.members[:s.members], d.slots[:s.slots]
}

// insert adds a member to the topmost set and returns its position, or that of the equal one which is there already.
func (d *distinct) insert(s set, content []byte) (position int, fresh bool) {
	begin := len(d.bytes)
	d.bytes = append(d.bytes, content...)
	return d.insertAppended(s, begin)
}

// insertAppended is insert for what has been appended to d.bytes from begin on.
func (d *distinct) insertAppended(s set, begin int) (position int, fresh bool) {
	content := d.bytes[begin:]
	hash := maphash.Bytes(d.seed, content)
	members := d.members[s.members:]
	if len(members) < fewMembers {
		for i := range members {
			if d.holds(members[i], hash, content) {
				return i, false
			}
		}
		d.members = append(d.members, entry{hash, begin, len(d.bytes)})
		return len(members), true
	}
	if slots := len(d.slots) - s.slots; len(members)*2 >= slots {
		d.grow(s, max(4*fewMembers, 2*slots))
	}
	slots := d.slots[s.slots:]
	for at := hash; ; at++ {
		slot := &slots[at%uint64(len(slots))]
		if *slot == 0 {
			d.members = append(d.members, entry{hash, begin, len(d.bytes)})
			*slot = uint32(len(members) + 1)
			return len(members), true
		}
		if i := int(*slot - 1); d.holds(members[i], hash, content) {
			return i, false
		}
	}
}

func (d *distinct) holds(m entry, hash uint64, content []byte) bool {
	return m.hash == hash && bytes.Equal(d.bytes[m.begin:m.end], content)
}

// grow builds the table of the topmost set anew.
func (d *distinct) grow(s set, size int) {
	d.slots = d.slots[:s.slots]
	for range size {
		d.slots = append(d.slots, 0)
	}
	slots := d.slots[s.slots:]
	for i, m := range d.members[s.members:] {
		at := m.hash
		for slots[at%uint64(size)] != 0 {
			at++
		}
		slots[at%uint64(size)] = uint32(i + 1)
	}
}
