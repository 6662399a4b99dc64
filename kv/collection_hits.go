package kv

import (
	"cmp"
	"context"
	"slices"

	"github.com/samber/lo"

	"github.com/kvstore-go/kvstore/drivers"
)

// hitsPage is how many members are read at a time where terms have to be compared.
const hitsPage = 1024

// part is a term with the ranges of members that are still to be read for it.
type part struct {
	term    Term
	indexes []string // the names of the indexes of ranges
	ranges  []drivers.IndexRange
}

// part is a term as far as it comes after a place.
func (s *search) part(term Term, after position) part {
	p := part{term: term}
	for _, span := range term.spans {
		r := drivers.IndexRange{Index: drivers.IndexKey(s.in.registry(), span.index), Min: span.min(), Max: span.max()}
		if after.id != "" && s.inOrder(term) {
			switch member := cmp.Or(after.value, span.exact) + after.id; {
			case s.reverse && (span.to == "" || member < span.to):
				r.Max = exclusive(member)
			case !s.reverse && member >= span.from:
				r.Min = exclusive(member)
			}
		}
		p.indexes, p.ranges = append(p.indexes, span.index), append(p.ranges, r)
	}
	return p
}

// hits are members that the indexes have for the term of a part.
type hits struct {
	part
	members []string
	records []string // what the registry has of their ids; nil if nobody has to know
	sizes   []int    // of the ranges; nil if nobody has to know
	size    int      // of all of them
	more    bool     // there are more members
}

// owners are the names of the indexes that the members are of.
func (h hits) owners() []string {
	owners := make([]string, 0, len(h.members))
	for i, index := range h.indexes {
		size := len(h.members)
		if h.sizes != nil {
			size = h.sizes[i]
		}
		for range min(size, len(h.members)-len(owners)) {
			owners = append(owners, index)
		}
	}
	return owners
}

// rest is what is still to be read.
func (h hits) rest(reverse bool) part {
	rest, read := part{h.term, h.indexes, slices.Clone(h.ranges)}, len(h.members)
	for h.sizes != nil && read > 0 && read >= h.sizes[len(h.indexes)-len(rest.indexes)] {
		read -= h.sizes[len(h.indexes)-len(rest.indexes)]
		rest.indexes, rest.ranges = rest.indexes[1:], rest.ranges[1:]
	}
	if read == 0 {
		return rest
	}
	if end := exclusive(h.members[len(h.members)-1]); reverse {
		rest.ranges[0].Max = end
	} else {
		rest.ranges[0].Min = end
	}
	return rest
}

// alone reports that there is nothing to compare or to sort.
func (s *search) alone(parts []part) bool {
	return !s.counts && len(parts) == 1 && len(s.groups()) == 1 && s.inOrder(parts[0].term)
}

// amount is how many members of parts to ask for, where so many documents are wanted.
func (s *search) amount(parts []part, want int) int {
	if s.alone(parts) {
		return min(want, readPage)
	}
	return hitsPage
}

// fetch reads the members of that part that has the fewest. One round trip, a few more where an
// index is not sealed.
func (s *search) fetch(ctx context.Context, parts []part, amount int) (found hits, err error) {
	alone := s.alone(parts)
	reply, err := s.in.sealed(ctx, s.reading(parts, alone, amount), s.seals(parts, alone)...)
	if err != nil {
		return hits{}, err
	}
	return hitsOf(parts, alone, amount, reply), nil
}

// reading is the command that reads the members of parts.
func (s *search) reading(parts []part, alone bool, amount int) drivers.Command {
	var cmd drivers.Command
	if first := parts[0].ranges; alone {
		cmd = drivers.Command{Op: drivers.OpZRangeByLex, Key: first[0].Index, Extra: &drivers.Extra{Min: first[0].Min, Max: first[0].Max}, Amount: int64(amount)}
	} else {
		groups := lo.Map(parts, func(p part, _ int) []drivers.IndexRange { return p.ranges })
		cmd = drivers.Find(s.in.registry(), groups, int64(amount))
	}
	cmd.Pattern, cmd.Reverse = s.in.node.pattern, s.reverse
	return cmd
}

func hitsOf(parts []part, alone bool, amount int, reply drivers.Reply) hits {
	if alone {
		return hits{part: parts[0], members: reply.Values, more: len(reply.Values) == amount}
	}
	before := 0
	for _, p := range parts[:reply.Int] {
		before += len(p.ranges)
	}
	h := hits{part: parts[reply.Int], records: []string{}}
	for _, size := range reply.Ints[before:][:len(h.ranges)] {
		h.sizes, h.size = append(h.sizes, int(size)), h.size+int(size)
	}
	for i := 0; i+1 < len(reply.Values); i += 2 {
		h.members, h.records = append(h.members, reply.Values[i]), append(h.records, reply.Values[i+1])
	}
	h.more = h.size > len(h.members)
	return h
}

// seals ask whether the indexes of parts, and the registry where it is read, have all that they should.
func (s *search) seals(parts []part, alone bool) (seals []drivers.Command) {
	asked := map[string]bool{}
	for _, p := range parts {
		for _, r := range p.ranges {
			if !asked[r.Index] {
				asked[r.Index] = true
				seals = append(seals, drivers.Command{Op: drivers.OpZScore, Key: r.Index, Value: drivers.Seal, Pattern: s.in.node.pattern})
			}
		}
	}
	if !alone {
		seals = append(seals, s.in.registryRead(drivers.Seal))
	}
	return seals
}
