package plan

import "reflect"

// fewItems is the capacity that a slice begins with.
const fewItems = 4

// itemwise returns the rules for arrays if they are about the count of the items and about each of them alike, and nil otherwise.
func (n *node) itemwise() *arrayRules {
	if n = n.plainForType(typeArray); n == nil {
		return nil
	}
	rules := n.array
	if rules == nil {
		return anyArray
	}
	if rules.compared || len(rules.prefix) > 0 || rules.closed {
		return nil
	}
	return rules
}

func (c *readerCompiler) slice(t reflect.Type, n *node) reader {
	rules := n.itemwise()
	if rules == nil {
		return c.checked(t, n)
	}
	read := c.value(t.Elem(), rules.items)
	return func(w *walker, i int, into reflect.Value) int {
		if byteAt(w.text, i) != '[' {
			return w.null(i, n)
		}
		count, room := 0, 0
		i = w.items(i, func(i int) int {
			if count == room {
				into.Grow(max(fewItems, room))
				room = into.Cap()
				into.SetLen(room)
			}
			count++
			return read(w, i, into.Index(count-1))
		})
		if count == 0 {
			into.Set(reflect.MakeSlice(t, 0, 0))
		}
		into.SetLen(count)
		if count < rules.least || rules.most < count {
			return -1
		}
		return i
	}
}

// array reads as many items as the Go array holds, and judges the others.
func (c *readerCompiler) array(t reflect.Type, n *node) reader {
	rules := n.itemwise()
	if rules == nil {
		return c.checked(t, n)
	}
	read, length := c.value(t.Elem(), rules.items), t.Len()
	return func(w *walker, i int, into reflect.Value) int {
		if byteAt(w.text, i) != '[' {
			return w.null(i, n)
		}
		count := 0
		i = w.items(i, func(i int) int {
			count++
			if count > length {
				return w.value(i, rules.items)
			}
			return read(w, i, into.Index(count-1))
		})
		if count < rules.least || rules.most < count {
			return -1
		}
		return i
	}
}

// items reads the items of an array, each at the position that it is given.
func (w *walker) items(i int, item func(i int) int) int {
	if w.depth++; w.depth > w.maxDepth {
		return -1
	}
	text := w.text
	if i = skipSpace(text, i+1); byteAt(text, i) == ']' {
		w.depth--
		return i + 1
	}
	for {
		if i = item(i); i < 0 {
			return -1
		}
		i = skipSpace(text, i)
		c := byteAt(text, i)
		i++
		if c == ']' {
			w.depth--
			return i
		}
		if c != ',' {
			return -1
		}
		i = skipSpace(text, i)
	}
}
