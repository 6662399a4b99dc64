package memory

import (
	"bytes"
	"encoding/binary"
	"iter"
	"slices"
	"sort"
	"strings"

	"github.com/kvstore-go/kvstore/drivers/internal/redisvalue"
)

// blocks has the entries of a stream in the order of their ids. As in Redis many of them
// are packed into a block, without the names of their fields where these are those of the
// stream's first entry: an entry of one short value takes little more than its bytes.
type blocks struct {
	list  []*block // none of which is empty
	names []string // the fields of the first entry there was
	size  int
}

// block has entries one behind the other. What an entry looks like is known from its own
// bytes and from base, so that any of them can be cut out.
type block struct {
	base   redisvalue.StreamID // what ids are relative to
	last   redisvalue.StreamID // of the last entry
	count  int
	packed []byte
}

// blockFull is how many bytes a block has at most, or it has one entry. To find an entry
// all that lie in front of it in its block are passed over.
const blockFull = 2048

// packed is an entry in its block, to be looked at until that is changed.
type packed struct {
	id         redisvalue.StreamID
	texts      []byte // names and values by turns, or values alone, each after its length
	count      int    // of texts
	named      bool
	start, end int // where it lies
}

// add puts in an entry whose id is above all others'.
func (b *blocks) add(id redisvalue.StreamID, fields []string) {
	if b.names == nil {
		for i := 0; i < len(fields); i += 2 {
			b.names = append(b.names, strings.Clone(fields[i]))
		}
	}
	named, size := !b.hasNames(fields), 0
	for _, text := range fields {
		size += len(text)
	}
	last := len(b.list) - 1
	if last < 0 || len(b.list[last].packed)+size > blockFull {
		if last >= 0 { // it will not grow any more
			b.list[last].packed = bytes.Clone(b.list[last].packed)
		}
		b.list = append(b.list, &block{base: id})
		last++
	}
	b.list[last].add(id, fields, named)
	b.size++
}

func (b *blocks) hasNames(fields []string) bool {
	if len(fields) != 2*len(b.names) {
		return false
	}
	for i, name := range b.names {
		if fields[2*i] != name {
			return false
		}
	}
	return true
}

func (b *block) add(id redisvalue.StreamID, fields []string, named bool) {
	millis, sequence := id.Millis-b.base.Millis, id.Sequence
	if millis == 0 {
		sequence -= b.base.Sequence
	}
	first, step, mark := 1, 2, uint64(0)
	if named {
		first, step, mark = 0, 1, 1
	}
	b.packed = binary.AppendUvarint(b.packed, millis)
	b.packed = binary.AppendUvarint(b.packed, sequence)
	b.packed = binary.AppendUvarint(b.packed, uint64(len(fields)/step)<<1|mark)
	for i := first; i < len(fields); i += step {
		b.packed = binary.AppendUvarint(b.packed, uint64(len(fields[i])))
		b.packed = append(b.packed, fields[i]...)
	}
	b.last = id
	b.count++
}

// at is the entry that starts at a place.
func (b *block) at(start int) packed {
	end := start
	number := func() uint64 {
		n, size := binary.Uvarint(b.packed[end:])
		end += size
		return n
	}
	millis, sequence, header := number(), number(), number()
	if millis == 0 {
		sequence += b.base.Sequence
	}
	p := packed{
		id:    redisvalue.StreamID{Millis: b.base.Millis + millis, Sequence: sequence},
		count: int(header >> 1), named: header&1 != 0, start: start,
	}
	texts := end
	for range p.count {
		size := number()
		end += int(size)
	}
	p.texts, p.end = b.packed[texts:end], end
	return p
}

func (b *block) all() iter.Seq[packed] {
	return func(yield func(packed) bool) {
		for p := (packed{}); p.end < len(b.packed); {
			if p = b.at(p.end); !yield(p) {
				return
			}
		}
	}
}

// cut takes out count entries, which lie between two places.
func (b *block) cut(start, end, count int) {
	b.count -= count
	b.packed = slices.Delete(b.packed, start, end)
	if cap(b.packed) > 2*len(b.packed)+64 {
		b.packed = bytes.Clone(b.packed)
	}
}

// fields are names and values by turns.
func (b *blocks) fields(p packed) []string {
	fields := make([]string, 0, 2*p.count)
	for i, rest := 0, p.texts; len(rest) > 0; i++ {
		size, prefix := binary.Uvarint(rest)
		if !p.named {
			fields = append(fields, b.names[i])
		}
		fields = append(fields, string(rest[prefix:prefix+int(size)]))
		rest = rest[prefix+int(size):]
	}
	return fields
}

// find is the block where the entry of an id is, if it is anywhere: the first that does
// not end before.
func (b *blocks) find(id redisvalue.StreamID) int {
	return sort.Search(len(b.list), func(i int) bool { return b.list[i].last.Compare(id) >= 0 })
}

// ascend goes through the entries from an id on. Nothing may be changed meanwhile.
func (b *blocks) ascend(from redisvalue.StreamID) iter.Seq[packed] {
	return func(yield func(packed) bool) {
		for _, block := range b.list[b.find(from):] {
			for p := range block.all() {
				if p.id.Compare(from) >= 0 && !yield(p) {
					return
				}
			}
		}
	}
}

// descend goes through the entries from an id down.
func (b *blocks) descend(from redisvalue.StreamID) iter.Seq[packed] {
	return func(yield func(packed) bool) {
		last := min(b.find(from), len(b.list)-1)
		for i := last; i >= 0; i-- {
			entries := slices.AppendSeq(make([]packed, 0, b.list[i].count), b.list[i].all())
			for _, p := range slices.Backward(entries) {
				if p.id.Compare(from) <= 0 && !yield(p) {
					return
				}
			}
		}
	}
}

// get is the entry of an id.
func (b *blocks) get(id redisvalue.StreamID) (p packed, there bool) {
	for p := range b.ascend(id) {
		return p, p.id == id
	}
	return packed{}, false
}

// remove takes out the entry of an id and reports whether there was one.
func (b *blocks) remove(id redisvalue.StreamID) bool {
	at := b.find(id)
	if at == len(b.list) {
		return false
	}
	block := b.list[at]
	var before redisvalue.StreamID
	for p := range block.all() {
		if p.id != id {
			before = p.id
			continue
		}
		block.cut(p.start, p.end, 1)
		if block.last == id {
			block.last = before
		}
		if b.size--; block.count == 0 {
			b.list = slices.Delete(b.list, at, at+1)
		}
		return true
	}
	return false
}

// trim takes out the oldest entries while they are too old, and returns how many those
// were. Whole blocks go without a look at what is in them.
func (b *blocks) trim(blockGoes func(*block) bool, goes func(packed) bool) int {
	before := b.size
	for len(b.list) > 0 && blockGoes(b.list[0]) {
		b.size -= b.list[0].count
		b.list[0] = nil
		b.list = b.list[1:]
	}
	if len(b.list) == 0 {
		return before
	}
	count, end := 0, 0
	for p := range b.list[0].all() {
		if !goes(p) {
			break
		}
		count, end = count+1, p.end
		b.size--
	}
	if count > 0 {
		b.list[0].cut(0, end, count)
	}
	return before - b.size
}

// cap takes out the oldest entries until there are no more than so many.
func (b *blocks) cap(size int64) int {
	return b.trim(
		func(block *block) bool { return int64(b.size-block.count) >= size },
		func(packed) bool { return int64(b.size) > size })
}

// dropBefore takes out the entries in front of an id.
func (b *blocks) dropBefore(id redisvalue.StreamID) int {
	return b.trim(
		func(block *block) bool { return block.last.Compare(id) < 0 },
		func(p packed) bool { return p.id.Compare(id) < 0 })
}
