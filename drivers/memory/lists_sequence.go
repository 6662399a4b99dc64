package memory

// sequence is the elements of a list. Its ends are chunks of their own, so that adding and taking
// out there is O(1); what is between them is a tree, in which every place is O(log n)
// away. The zero sequence is empty.
type sequence struct {
	front, back *treapNode // without anything below them; nil if the tree has it all
	middle      *treapNode
	count       int
}

func (l *sequence) len() int { return l.count }

// settle makes the ends part of the tree.
func (l *sequence) settle() {
	l.middle = join(join(l.front.asTree(), l.middle), l.back.asTree())
	l.front, l.back = nil, nil
}

// asTree is an end as a tree: nil if it is empty.
func (n *treapNode) asTree() *treapNode {
	if n == nil || n.count == 0 {
		return nil
	}
	n.clip()
	n.sum()
	return n
}

// atFront is the first chunk, out of the tree; nil for an empty list.
func (l *sequence) atFront() *treapNode {
	switch {
	case l.front != nil && l.front.count > 0:
	case l.middle != nil:
		first := l.middle
		for first.left != nil {
			first = first.left
		}
		l.front, l.middle = split(l.middle, first.count)
	case l.back != nil && l.back.count > 0:
		return l.back
	default:
		return nil
	}
	return l.front
}

func (l *sequence) atBack() *treapNode {
	switch {
	case l.back != nil && l.back.count > 0:
	case l.middle != nil:
		last := l.middle
		for last.right != nil {
			last = last.right
		}
		l.middle, l.back = split(l.middle, l.middle.total-last.count)
	case l.front != nil && l.front.count > 0:
		return l.front
	default:
		return nil
	}
	return l.back
}

func (l *sequence) pushFront(element string) {
	first := l.atFront()
	if first == nil || !first.fits(len(element)) {
		if first == l.back { // the only one
			l.middle, l.back = l.back.asTree(), nil
		} else {
			l.middle = join(l.front.asTree(), l.middle)
		}
		first = newTreapNode(chunk{})
		l.front = first
	}
	first.insert(0, element)
	first.sum()
	l.count++
}

func (l *sequence) pushBack(element string) {
	last := l.atBack()
	if last == nil || !last.fits(len(element)) {
		if last == l.front {
			l.middle, l.front = l.front.asTree(), nil
		} else {
			l.middle = join(l.middle, l.back.asTree())
		}
		last = newTreapNode(chunk{})
		l.back = last
	}
	last.insert(last.count, element)
	last.sum()
	l.count++
}

// popFront takes the first element out. There must be one.
func (l *sequence) popFront() string {
	first := l.atFront()
	element := string(first.at(0))
	first.remove(0, 1)
	first.sum()
	l.count--
	return element
}

func (l *sequence) popBack() string {
	last := l.atBack()
	element := string(last.at(last.count - 1))
	last.remove(last.count-1, 1)
	last.sum()
	l.count--
	return element
}

// chunkOf is the chunk with the element i, which must be there, and its place in it.
func (l *sequence) chunkOf(i int) (c *chunk, at int) {
	if l.front != nil {
		if i < l.front.count {
			return &l.front.chunk, i
		}
		i -= l.front.count
	}
	if i < l.middle.len() {
		return l.middle.find(i)
	}
	return &l.back.chunk, i - l.middle.len()
}

func (l *sequence) at(i int) string {
	c, at := l.chunkOf(i)
	return string(c.at(at))
}

func (l *sequence) set(i int, element string) {
	c, at := l.chunkOf(i)
	old := packedSize(len(c.at(at)))
	if c.count > 1 && c.size()-old+packedSize(len(element)) > chunkBytes {
		l.remove(i)
		l.insert(i, element)
		return
	}
	c.remove(at, 1)
	c.insert(at, element)
}

// insert puts an element in front of the element i, or at the end. O(log n).
func (l *sequence) insert(i int, element string) {
	switch i {
	case 0:
		l.pushFront(element)
		return
	case l.count:
		l.pushBack(element)
		return
	}
	l.settle()
	c, at := l.middle.find(i)
	if !c.fits(len(element)) {
		// Halves have room, unless the element is large: then it gets a chunk of its own.
		half := i - at + c.count/2
		a, b := split(l.middle, half)
		l.middle = join(a, b)
		c, at = l.middle.find(i)
	}
	if c.fits(len(element)) {
		l.middle.grow(i, 1)
		c.insert(at, element)
	} else {
		a, b := split(l.middle, i)
		own := newTreapNode(chunk{})
		own.insert(0, element)
		own.sum()
		l.middle = join(join(a, own), b)
	}
	l.count++
}

// remove takes the element i out. O(log n).
func (l *sequence) remove(i int) {
	l.settle()
	l.count--
	c, at := l.middle.find(i)
	if c.count == 1 {
		a, b := split(l.middle, i)
		_, b = split(b, 1)
		l.middle = join(a, b)
		return
	}
	l.middle.grow(i, -1)
	c.remove(at, 1)
	l.mend(i - at)
}

// mend makes the chunk that begins at the element i one with the next, if both are small.
func (l *sequence) mend(i int) {
	c, _ := l.middle.find(i)
	if i+c.count == l.count || c.count >= chunkCount/4 {
		return
	}
	next, _ := l.middle.find(i + c.count)
	if c.count+next.count > chunkCount/2 || c.size()+next.size() > chunkBytes/2 {
		return
	}
	a, b := split(l.middle, i)
	_, b = split(b, c.count)
	_, b = split(b, next.count)
	both := chunk{bytes: append(append([]byte(nil), c.bytes[c.low:c.high]...), next.bytes[next.low:next.high]...), count: c.count + next.count}
	both.high = len(both.bytes)
	l.middle = join(join(a, newTreapNode(both)), b)
}

// ascend calls yield with the elements from from on, as long as it says so. They must not
// be kept.
func (l *sequence) ascend(from int, yield func(i int, element []byte) bool) {
	i, skip := from, from
	inChunk := func(c *chunk, at int) bool {
		for place := c.place(at); place < c.high; i++ {
			var element []byte
			if element, place = c.after(place); !yield(i, element) {
				return false
			}
		}
		return true
	}
	for _, part := range [...]*treapNode{l.front, l.middle, l.back} {
		if !part.each(skip, inChunk) {
			return
		}
		skip = max(skip-part.len(), 0)
	}
}

// descend is ascend to the left: from counts elements from the end.
func (l *sequence) descend(from int, yield func(i int, element []byte) bool) {
	i, skip := l.count-1-from, from
	inChunk := func(c *chunk, skip int) bool {
		for place := c.place(c.count - skip); place > c.low; i-- {
			var element []byte
			if element, place = c.before(place); !yield(i, element) {
				return false
			}
		}
		return true
	}
	for _, part := range [...]*treapNode{l.back, l.middle, l.front} {
		if !part.eachBack(skip, inChunk) {
			return
		}
		skip = max(skip-part.len(), 0)
	}
}
