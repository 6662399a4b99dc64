package plan

import "reflect"

// fewItems is the capacity that a slice begins with.
const fewItems = 4

// moreItems is how many more items to make room for: three times as many as there are already, but no more than the rest of the text can hold
// if they are as long as those on average.
func moreItems(count, length, rest int) int {
	if count == 0 {
		return fewItems
	}
	return min(3*count, 1+rest/(length/count))
}

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
		start, count, room := i, 0, 0
		i = w.parts(i, ']', func(i int) int {
			if count == room {
				into.Grow(moreItems(count, i-start, len(w.text)-i))
				room = into.Cap()
				into.SetLen(room)
			}
			count++
			return read(w, i, into.Index(count-1))
		})
		if i < 0 || count < rules.least || rules.most < count {
			return -1
		}
		into.SetLen(count)
		if count == 0 || room > 2*count && room > fewItems { // the text went on with something else
			fitting := reflect.MakeSlice(t, count, count)
			reflect.Copy(fitting, into)
			into.Set(fitting)
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
		i = w.parts(i, ']', func(i int) int {
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
