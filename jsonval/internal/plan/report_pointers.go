package plan

import "strconv"

// pointerFinder goes through a well-formed text and gives findings, which are in document order, the pointers of their values. Its memory
// is kept from one text to the next.
type pointerFinder struct {
	text    []byte
	pending []finding
	path    []step
	// pointers are those found, one behind the other, and ends where each ends.
	pointers []byte
	ends     []int
}

// step leads into an array or an object: to an item, or, if there is a name at a position, to a member.
type step struct {
	item, name int
}

// maxPointers caps the bytes of the pointers of one refusal: a member name can be megabytes long, and have a hundred
// violations below it.
const maxPointers = 1 << 20

// locate returns the pointers of the findings, one behind the other, and leaves in p.ends where each ends. It leaves out those of the last
// findings if there is no room; the first always has.
func (p *pointerFinder) locate(text []byte, found []finding) string {
	*p = pointerFinder{text: text, pending: found, path: p.path[:0], pointers: p.pointers[:0], ends: p.ends[:0]}
	p.value(skipSpace(text, 0))
	p.text, p.pending = nil, nil
	return string(p.pointers)
}

// value returns the position behind a value, or a negative number once nothing is left to find.
func (p *pointerFinder) value(i int) int {
	for len(p.pending) > 0 && p.pending[0].position == i {
		if !p.point() {
			return -1
		}
		p.pending = p.pending[1:]
	}
	if len(p.pending) == 0 {
		return -1
	}
	switch typeOf[p.text[i]] {
	case typeObject:
		return p.composite(i, '}')
	case typeArray:
		return p.composite(i, ']')
	case typeString:
		end, _ := scanString(p.text, i+1)
		return end + 1
	default:
		for c := p.text[i]; c != ',' && c != ']' && c != '}' && c > ' '; c = byteAt(p.text, i) {
			i++
		}
		return i
	}
}

// composite goes through an array, or through an object if that is what is closed so.
func (p *pointerFinder) composite(i int, closing byte) int {
	depth := len(p.path)
	p.path = append(p.path, step{})
	i = skipSpace(p.text, i+1)
	for item := 0; p.text[i] != closing; item++ {
		p.path[depth].item = item
		if closing == '}' {
			p.path[depth].name = i
			end, _ := scanString(p.text, i+1)
			i = skipSpace(p.text, skipSpace(p.text, end+1)+1)
		}
		if i = p.value(i); i < 0 {
			return -1
		}
		i = skipSeparator(p.text, i)
	}
	p.path = p.path[:depth]
	return i + 1
}

// point adds the pointer of the value that the path leads to, and reports whether there is room for it.
func (p *pointerFinder) point() bool {
	begin := len(p.pointers)
	for _, s := range p.path {
		p.pointers = append(p.pointers, '/')
		if s.name == 0 {
			p.pointers = strconv.AppendInt(p.pointers, int64(s.item), 10)
		} else {
			p.name(s.name)
		}
	}
	if len(p.ends) > 0 && len(p.pointers) > maxPointers {
		p.pointers = p.pointers[:begin]
		return false
	}
	p.ends = append(p.ends, len(p.pointers))
	return true
}

// name adds the member name at a position.
func (p *pointerFinder) name(i int) {
	end, found := scanString(p.text, i+1)
	name := p.text[i+1 : end]
	if found&escaped != 0 {
		name = appendUnescaped(nil, name)
	}
	for _, c := range name {
		switch c {
		case '~':
			p.pointers = append(p.pointers, "~0"...)
		case '/':
			p.pointers = append(p.pointers, "~1"...)
		default:
			p.pointers = append(p.pointers, c)
		}
	}
}
