package memory

import "encoding/binary"

// chunk is some elements of a list, packed into one slice of bytes: for each its length,
// its bytes, and its length once more, the other way round, to go backwards by. As there
// are room at both ends and few elements, everything is O(1).
type chunk struct {
	bytes []byte // used from low to high
	low   int
	high  int
	count int
}

// A chunk that has one element may be larger.
const (
	chunkCount = 128
	chunkBytes = 8 << 10
)

// packedSize is how many bytes an element of so many takes.
func packedSize(length int) int { return length + 2*uvarintSize(uint64(length)) }

func uvarintSize(x uint64) int {
	size := 1
	for ; x >= 0x80; x >>= 7 {
		size++
	}
	return size
}

func (c *chunk) size() int { return c.high - c.low }

// fits reports whether an element of so many bytes can be added.
func (c *chunk) fits(length int) bool {
	return c.count == 0 || c.count < chunkCount && c.size()+packedSize(length) <= chunkBytes
}

// after is the element that begins at a place, and where the next begins.
func (c *chunk) after(at int) (element []byte, next int) {
	length, width := binary.Uvarint(c.bytes[at:c.high])
	from := at + width
	to := from + int(length)
	return c.bytes[from:to:to], to + width
}

// before is the element that ends at a place, and where it begins.
func (c *chunk) before(at int) (element []byte, begin int) {
	var length uint64
	width := 0
	for more := true; more; width++ {
		b := c.bytes[at-1-width]
		length |= uint64(b&0x7f) << (7 * width)
		more = b >= 0x80
	}
	to := at - width
	from := to - int(length)
	return c.bytes[from:to:to], from - width
}

// place is where the element i begins, or where the last ends.
func (c *chunk) place(i int) int {
	if i > c.count/2 {
		at := c.high
		for range c.count - i {
			_, at = c.before(at)
		}
		return at
	}
	at := c.low
	for range i {
		_, at = c.after(at)
	}
	return at
}

func (c *chunk) at(i int) []byte {
	element, _ := c.after(c.place(i))
	return element
}

func (c *chunk) insert(i int, element string) {
	head := c.open(c.place(i), packedSize(len(element)))
	width := binary.PutUvarint(c.bytes[head:], uint64(len(element)))
	tail := head + width + copy(c.bytes[head+width:], element)
	for k := range width {
		c.bytes[tail+k] = c.bytes[head+width-1-k]
	}
	c.count++
}

// remove takes count elements out, from the element i on.
func (c *chunk) remove(i, count int) {
	from, to := c.place(i), c.place(i+count)
	if from == c.low {
		c.low = to
	} else {
		c.high = from + copy(c.bytes[from:], c.bytes[to:c.high])
	}
	if c.count -= count; c.size() < len(c.bytes)/4 {
		c.clip()
	}
}

// open makes a gap of size bytes at a place, and returns where it is then.
func (c *chunk) open(at, size int) int {
	switch {
	case at == c.high && c.high+size <= len(c.bytes):
	case at == c.low && c.low >= size:
		c.low -= size
		return c.low
	default:
		at = c.shift(at, size)
	}
	c.high += size
	return at
}

// shift moves everything, so that size bytes are free at a place. What else is free goes
// to the end at which the chunk grows.
func (c *chunk) shift(at, size int) int {
	used, room, bytes := c.size(), len(c.bytes), c.bytes
	if used+size > room {
		room = max(used+size, min(2*room, chunkBytes))
		bytes = make([]byte, room)
	}
	low := 0
	if at == c.low && used > 0 {
		low = room - used - size
	}
	before, behind := c.bytes[c.low:at], c.bytes[at:c.high]
	at = low + len(before)
	if low > c.low { // to the right, so what is behind gives way first
		copy(bytes[at+size:], behind)
		copy(bytes[low:], before)
	} else {
		copy(bytes[low:], before)
		copy(bytes[at+size:], behind)
	}
	c.bytes, c.low, c.high = bytes, low, low+used
	return at
}

// clip gives back what is free.
func (c *chunk) clip() {
	if c.size() < len(c.bytes) {
		c.bytes = append(make([]byte, 0, c.size()), c.bytes[c.low:c.high]...)
		c.low, c.high = 0, len(c.bytes)
	}
}

// cut takes the elements from i on out, into a chunk of their own.
func (c *chunk) cut(i int) chunk {
	at := c.place(i)
	rest := chunk{bytes: append([]byte(nil), c.bytes[at:c.high]...), high: c.high - at, count: c.count - i}
	c.high, c.count = at, i
	c.clip()
	return rest
}
