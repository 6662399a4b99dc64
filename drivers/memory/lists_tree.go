package memory

import "math/rand/v2"

// piece is a chunk in a tree of chunks in their order: a treap, in which every piece has
// a lower priority than those below it, drawn at random, so that the tree is balanced. An
// element is found by how many there are on the left. A nil tree is empty.
type piece struct {
	chunk
	left, right *piece
	priority    uint32
	total       int // elements in the tree
}

func newPiece(c chunk) *piece {
	p := &piece{chunk: c, priority: rand.Uint32()}
	p.sum()
	return p
}

func (p *piece) len() int {
	if p == nil {
		return 0
	}
	return p.total
}

func (p *piece) sum() { p.total = p.left.len() + p.count + p.right.len() }

// join makes one tree of two, in expected O(log n).
func join(a, b *piece) *piece {
	switch {
	case a == nil:
		return b
	case b == nil:
		return a
	case a.priority < b.priority:
		a.right = join(a.right, b)
		a.sum()
		return a
	default:
		b.left = join(a, b.left)
		b.sum()
		return b
	}
}

// split makes two trees of one, of which the first has i elements. It cuts the chunk that
// these end in.
func split(p *piece, i int) (a, b *piece) {
	if p == nil {
		return nil, nil
	}
	switch before := p.left.len(); {
	case i <= before:
		a, p.left = split(p.left, i)
		p.sum()
		return a, p
	case i >= before+p.count:
		p.right, b = split(p.right, i-before-p.count)
		p.sum()
		return p, b
	default:
		b = join(newPiece(p.cut(i-before)), p.right)
		p.right = nil
		p.sum()
		return p, b
	}
}

// find is the chunk with the element i, which must be there, and its place in it.
func (p *piece) find(i int) (c *chunk, at int) {
	for {
		before := p.left.len()
		switch {
		case i < before:
			p = p.left
		case i >= before+p.count:
			i -= before + p.count
			p = p.right
		default:
			return &p.chunk, i - before
		}
	}
}

// grow tells the totals that the chunk with the element i is going to have so many more.
func (p *piece) grow(i, more int) {
	for {
		p.total += more
		before := p.left.len()
		switch {
		case i < before:
			p = p.left
		case i >= before+p.count:
			i -= before + p.count
			p = p.right
		default:
			return
		}
	}
}

// each calls yield with the chunks from the element skip on, and with the place at which
// that is in the first, as long as it says so.
func (p *piece) each(skip int, yield func(c *chunk, at int) bool) bool {
	if p == nil || skip >= p.total {
		return true
	}
	before := p.left.len()
	if skip < before && !p.left.each(skip, yield) {
		return false
	}
	skip = max(skip-before, 0)
	if skip < p.count && !yield(&p.chunk, skip) {
		return false
	}
	return p.right.each(max(skip-p.count, 0), yield)
}

// eachBack is each from the right: skip counts elements from the end.
func (p *piece) eachBack(skip int, yield func(c *chunk, skip int) bool) bool {
	if p == nil || skip >= p.total {
		return true
	}
	behind := p.right.len()
	if skip < behind && !p.right.eachBack(skip, yield) {
		return false
	}
	skip = max(skip-behind, 0)
	if skip < p.count && !yield(&p.chunk, skip) {
		return false
	}
	return p.left.eachBack(max(skip-p.count, 0), yield)
}
