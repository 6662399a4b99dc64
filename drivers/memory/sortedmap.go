package memory

import (
	"iter"
	"slices"
	"sort"

	"github.com/kvstore-go/kvstore/drivers/internal/redisvalue"
)

// sortedMap has values in the order of their ids. Most are put in at the end and taken out
// at the front, which costs O(1); anything else costs O(log n), and moves at most a chunk
// and one reference for each chunk. The zero sortedMap is empty.
type sortedMap[V any] struct {
	chunks [][]sortedItem[V] // none of which is empty
	size   int
}

type sortedItem[V any] struct {
	id    redisvalue.StreamID
	value V
}

// chunkFull is how many values a chunk has at most.
const chunkFull = 64

// place is where the first value is whose id is not below id: its chunk, which may be one
// too many, and its place there.
func (o *sortedMap[V]) place(id redisvalue.StreamID) (chunk, at int) {
	chunk = sort.Search(len(o.chunks), func(i int) bool {
		c := o.chunks[i]
		return c[len(c)-1].id.Compare(id) >= 0
	})
	if chunk < len(o.chunks) {
		c := o.chunks[chunk]
		at = sort.Search(len(c), func(i int) bool { return c[i].id.Compare(id) >= 0 })
	}
	return chunk, at
}

// ceiling is the first value whose id is not below id.
func (o *sortedMap[V]) ceiling(id redisvalue.StreamID) (found sortedItem[V], ok bool) {
	chunk, at := o.place(id)
	if chunk == len(o.chunks) {
		return found, false
	}
	return o.chunks[chunk][at], true
}

func (o *sortedMap[V]) get(id redisvalue.StreamID) (value V, ok bool) {
	found, ok := o.ceiling(id)
	if !ok || found.id != id {
		return value, false
	}
	return found.value, true
}

// ascend goes through the values from an id on. Nothing may be put in or taken out meanwhile.
func (o *sortedMap[V]) ascend(from redisvalue.StreamID) iter.Seq[sortedItem[V]] {
	return func(yield func(sortedItem[V]) bool) {
		chunk, at := o.place(from)
		for ; chunk < len(o.chunks); chunk, at = chunk+1, 0 {
			for _, found := range o.chunks[chunk][at:] {
				if !yield(found) {
					return
				}
			}
		}
	}
}

// put puts in a value whose id is not there.
func (o *sortedMap[V]) put(id redisvalue.StreamID, value V) {
	o.size++
	added := sortedItem[V]{id, value}
	chunk, at := o.place(id)
	last := len(o.chunks) - 1
	if chunk > last && last >= 0 && len(o.chunks[last]) < chunkFull {
		o.chunks[last] = append(o.chunks[last], added)
		return
	}
	if chunk > last {
		o.chunks = append(o.chunks, []sortedItem[V]{added})
		return
	}
	c := slices.Insert(o.chunks[chunk], at, added)
	if o.chunks[chunk] = c; len(c) > chunkFull {
		half := len(c) / 2
		o.chunks = slices.Insert(o.chunks, chunk+1, slices.Clone(c[half:]))
		o.chunks[chunk] = slices.Delete(c, half, len(c))
	}
}

// remove takes out a value that is there.
func (o *sortedMap[V]) remove(id redisvalue.StreamID) {
	o.size--
	chunk, at := o.place(id)
	c := slices.Delete(o.chunks[chunk], at, at+1)
	switch {
	case len(c) > 0:
		o.chunks[chunk] = c
	case chunk == 0:
		o.chunks[0] = nil
		o.chunks = o.chunks[1:]
	default:
		o.chunks = slices.Delete(o.chunks, chunk, chunk+1)
	}
}
