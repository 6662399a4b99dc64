package memory

import "math/rand/v2"

// treapNode is a chunk in a tree of chunks in their order: a treap, in which every node has
// a lower priority than those below it, drawn at random, so that the tree is balanced. An
// element is found by how many there are on the left. A nil tree is empty.
type treapNode struct {
	chunk
	left, right *treapNode
	priority    uint32
	total       int // elements in the tree
}

func newTreapNode(c chunk) *treapNode {
	n := &treapNode{chunk: c, priority: rand.Uint32()}
	n.sum()
	return n
}

func (n *treapNode) len() int {
	if n == nil {
		return 0
	}
	return n.total
}

func (n *treapNode) sum() { n.total = n.left.len() + n.count + n.right.len() }

// join makes one tree of two, in expected O(log n).
func join(a, b *treapNode) *treapNode {
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
func split(n *treapNode, i int) (a, b *treapNode) {
	if n == nil {
		return nil, nil
	}
	switch before := n.left.len(); {
	case i <= before:
		a, n.left = split(n.left, i)
		n.sum()
		return a, n
	case i >= before+n.count:
		n.right, b = split(n.right, i-before-n.count)
		n.sum()
		return n, b
	default:
		b = join(newTreapNode(n.cut(i-before)), n.right)
		n.right = nil
		n.sum()
		return n, b
	}
}

// find is the chunk with the element i, which must be there, and its place in it.
func (n *treapNode) find(i int) (c *chunk, at int) {
	for {
		before := n.left.len()
		switch {
		case i < before:
			n = n.left
		case i >= before+n.count:
			i -= before + n.count
			n = n.right
		default:
			return &n.chunk, i - before
		}
	}
}

// grow tells the totals that the chunk with the element i is going to have so many more.
func (n *treapNode) grow(i, more int) {
	for {
		n.total += more
		before := n.left.len()
		switch {
		case i < before:
			n = n.left
		case i >= before+n.count:
			i -= before + n.count
			n = n.right
		default:
			return
		}
	}
}

// each calls yield with the chunks from the element skip on, and with the place at which
// that is in the first, as long as it says so.
func (n *treapNode) each(skip int, yield func(c *chunk, at int) bool) bool {
	if n == nil || skip >= n.total {
		return true
	}
	before := n.left.len()
	if skip < before && !n.left.each(skip, yield) {
		return false
	}
	skip = max(skip-before, 0)
	if skip < n.count && !yield(&n.chunk, skip) {
		return false
	}
	return n.right.each(max(skip-n.count, 0), yield)
}

// eachBack is each from the right: skip counts elements from the end.
func (n *treapNode) eachBack(skip int, yield func(c *chunk, skip int) bool) bool {
	if n == nil || skip >= n.total {
		return true
	}
	behind := n.right.len()
	if skip < behind && !n.right.eachBack(skip, yield) {
		return false
	}
	skip = max(skip-behind, 0)
	if skip < n.count && !yield(&n.chunk, skip) {
		return false
	}
	return n.left.eachBack(max(skip-n.count, 0), yield)
}
