package jsonval

import (
	"math"
	"reflect"
	"unsafe"
)

// assuredItems are the elements of an array or a slice, which follow one another in memory.
type assuredItems struct {
	least, most int
	each        assurance
	size        uintptr
}

// items returns nil where it gives up.
func (a *assurer) items(t reflect.Type, n *node) *assuredItems {
	if n = n.plainFor(kindArray); n == nil {
		a.unsure = true
		return nil
	}
	rules := n.array
	if rules == nil {
		rules = anyArray
	}
	if rules.compared || len(rules.prefix) > 0 || rules.closed {
		a.unsure = true
		return nil
	}
	return &assuredItems{rules.least, rules.most, a.value(t.Elem(), rules.items), t.Elem().Size()}
}

func (r *assuredItems) assured(first unsafe.Pointer, count int) bool {
	if count < r.least || r.most < count {
		return false
	}
	if r.each == nil {
		return true
	}
	for i := range count {
		if !r.each(unsafe.Add(first, uintptr(i)*r.size)) {
			return false
		}
	}
	return true
}

func (a *assurer) array(t reflect.Type, n *node) assurance {
	items, length := a.items(t, n), t.Len()
	if items == nil {
		return nil
	}
	return func(value unsafe.Pointer) bool { return items.assured(value, length) }
}

func (a *assurer) slice(t reflect.Type, n *node) assurance {
	items := a.items(t, n)
	if items == nil {
		return nil
	}
	nullable := a.nilAllowed(n)
	if items.each == nil && items.least <= 0 && items.most == math.MaxInt {
		return notNil(nullable)
	}
	return func(value unsafe.Pointer) bool {
		slice := *(*[]byte)(value) // its length counts the elements, of whatever type they are
		if slice == nil {
			return nullable
		}
		return items.assured(unsafe.Pointer(unsafe.SliceData(slice)), len(slice))
	}
}

// bytes are written as base64.
func (a *assurer) bytes(t reflect.Type, n *node) assurance {
	text := n.plainFor(kindString)
	if marshals(t.Elem()) || text == nil || text.format != nil || text.text != nil && (text.text.bounded || text.text.pattern != nil) {
		return a.giveUp()
	}
	return notNil(a.nilAllowed(n))
}
