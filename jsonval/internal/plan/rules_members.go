package plan

import (
	"encoding/binary"
	"maps"
	"slices"
	"sort"
	"strings"

	"github.com/samber/lo"

	"github.com/kvstore-go/kvstore/jsonval/internal/compiled"
	"github.com/kvstore-go/kvstore/jsonval/internal/violation"
)

// declaredMember is a member name that a schema mentions.
type declaredMember struct {
	name string
	// quoted is the name as a text most often has it, with its quotes and colon.
	quoted string
	// word and mask are the first eight bytes of quoted, or less.
	word, mask uint64
	// tail is the last eight bytes of a quoted that is longer.
	tail uint64
	// schema is that of the properties keyword, or nil.
	schema *node
	// position is the member's place in the set of those seen.
	position int
	bit      uint64 // of the position, among the first 64
	// next is the member that most often follows.
	next *declaredMember
}

// noMember stands for the member after the last one. It follows itself, and no text begins with it.
var noMember = &declaredMember{word: 1}

func init() { noMember.next = noMember }

// begins reports whether the member begins at i, written in the way that is expected. If not, it may still begin there.
func (m *declaredMember) begins(text []byte, i int) bool {
	end := i + max(8, len(m.quoted))
	if end > len(text) {
		return false
	}
	if binary.LittleEndian.Uint64(text[i:])&m.mask != m.word {
		return false
	}
	switch {
	case len(m.quoted) <= 8:
		return true
	case len(m.quoted) <= 16:
		return binary.LittleEndian.Uint64(text[end-8:]) == m.tail
	default:
		return string(text[i:end]) == m.quoted
	}
}

// nameTable finds declared members by name: those of one length stand together.
type nameTable struct {
	members []declaredMember // by length
	starts  []int            // of each length, and one more
	first   *declaredMember  // the one that most often comes first
}

// newNameTable takes names in the order in which they most often come.
func newNameTable(names []string) nameTable {
	var t nameTable
	for _, name := range names {
		m := declaredMember{name: name, quoted: string(violation.Literal(name)) + ":"}
		for i := range min(8, len(m.quoted)) {
			m.word |= uint64(m.quoted[i]) << (8 * i)
			m.mask |= 0xFF << (8 * i)
		}
		if len(m.quoted) > 8 {
			m.tail = binary.LittleEndian.Uint64([]byte(m.quoted[len(m.quoted)-8:]))
		}
		t.members = append(t.members, m)
	}
	sort.Slice(t.members, func(i, j int) bool {
		a, b := t.members[i].name, t.members[j].name
		return len(a) < len(b) || len(a) == len(b) && a < b
	})
	for i := range t.members {
		t.members[i].position, t.members[i].bit = i, 1<<i
		for len(t.starts) <= len(t.members[i].name) {
			t.starts = append(t.starts, i)
		}
	}
	t.starts = append(t.starts, len(t.members))
	previous := &t.first
	for _, name := range names {
		*previous = t.find([]byte(name))
		previous = &(*previous).next
	}
	*previous = noMember
	return t
}

func (t *nameTable) find(name []byte) *declaredMember {
	if len(name)+1 >= len(t.starts) {
		return nil
	}
	for i := t.starts[len(name)]; i < t.starts[len(name)+1]; i++ {
		if t.members[i].name == string(name) {
			return &t.members[i]
		}
	}
	return nil
}

// lookUp returns names, all of which are in the table, with their positions.
func (t *nameTable) lookUp(names []string) []namedMember {
	return lo.Map(names, func(name string, _ int) namedMember {
		return namedMember{name, t.find([]byte(name)).position, violationOf(violation.Required{Missing: name})}
	})
}

// MemberOrders are the orders in which the fields of structs are written, by the set of their names. A schema does not tell them,
// and the walk need not look up a member that comes where it is expected.
type MemberOrders map[string][]string

func (o MemberOrders) Note(names []string) {
	o[nameSet(names)] = names
}

// Sorted returns the orders, sorted.
func (o MemberOrders) Sorted() [][]string {
	sorted := slices.Collect(maps.Values(o))
	sort.Slice(sorted, func(i, j int) bool { return slices.Compare(sorted[i], sorted[j]) < 0 })
	return sorted
}

// of returns the names in the order of the struct that has them all, if there is one.
func (o MemberOrders) of(names []string) []string {
	if ordered, ok := o[nameSet(names)]; ok {
		return ordered
	}
	return names
}

func nameSet(names []string) string {
	return strings.Join(slices.Sorted(slices.Values(names)), "\x00")
}

// memberNames returns every member name that the keywords of a schema mention.
func memberNames(s *compiled.Schema) []string {
	names := slices.Collect(maps.Keys(s.Properties))
	names = append(names, s.Required...)
	for name, needed := range s.Dependencies {
		names = append(append(names, name), needed...)
	}
	for name, needed := range s.DependentRequired {
		names = append(append(names, name), needed...)
	}
	names = slices.AppendSeq(names, maps.Keys(s.DependentSchemas))
	slices.Sort(names)
	return slices.Compact(names)
}
