package jsonval

import "strconv"

// pathfinder goes through a well-formed text and gives findings, which are in document order, the pointers of their values.
type pathfinder struct {
	text []byte
	left []finding
	path []byte
	// pointers are those found, one behind the other, and ends where each ends.
	pointers []byte
	ends     []int
}

// maxPointers caps the bytes of the pointers of one refusal: a member name can be megabytes long, and have a hundred
// violations below it.
const maxPointers = 1 << 20

// givePointers fills in the pointers and returns the findings. It leaves out those for which there is no room; the first always has.
func givePointers(text []byte, found []finding) []finding {
	p := pathfinder{text: text, left: found, ends: make([]int, 0, len(found))}
	p.value(skipSpace(text, 0))
	pointers, begin := string(p.pointers), 0
	for i, end := range p.ends {
		found[i].Pointer = pointers[begin:end]
		begin = end
	}
	return found[:len(p.ends)]
}

// value returns the position behind a value, or a negative number once nothing is left to find.
func (p *pathfinder) value(i int) int {
	for len(p.left) > 0 && p.left[0].position == i {
		if len(p.ends) > 0 && len(p.pointers)+len(p.path) > maxPointers {
			return -1
		}
		p.pointers = append(p.pointers, p.path...)
		p.ends = append(p.ends, len(p.pointers))
		p.left = p.left[1:]
	}
	if len(p.left) == 0 {
		return -1
	}
	switch kindOf[p.text[i]] {
	case kindObject:
		return p.composite(i, '}')
	case kindArray:
		return p.composite(i, ']')
	case kindString:
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
func (p *pathfinder) composite(i int, closing byte) int {
	above := len(p.path)
	i = skipSpace(p.text, i+1)
	for count := 0; p.text[i] != closing; count++ {
		p.path = append(p.path[:above], '/')
		if closing == ']' {
			p.path = strconv.AppendInt(p.path, int64(count), 10)
		} else {
			i = p.name(i)
		}
		if i = p.value(i); i < 0 {
			return -1
		}
		i = skipSeparator(p.text, i)
	}
	p.path = p.path[:above]
	return i + 1
}

// name appends a member name to the path and returns the position of the value.
func (p *pathfinder) name(i int) int {
	end, found := scanString(p.text, i+1)
	name := p.text[i+1 : end]
	if found&escaped != 0 {
		name = appendUnescaped(nil, name)
	}
	for _, c := range name {
		switch c {
		case '~':
			p.path = append(p.path, "~0"...)
		case '/':
			p.path = append(p.path, "~1"...)
		default:
			p.path = append(p.path, c)
		}
	}
	return skipSpace(p.text, skipSpace(p.text, end+1)+1)
}
