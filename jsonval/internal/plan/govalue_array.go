package plan

import (
	"math"
	"reflect"
	"unsafe"

	"github.com/kvstore-go/kvstore/jsonval/internal/gotype"
)

// itemsCheck is the check of the elements of an array or a slice, which follow one another in memory.
type itemsCheck struct {
	least, most int
	each        valueCheck
	size        uintptr
}

// items returns nil where it gives up.
func (c *valueCompiler) items(t reflect.Type, n *node) *itemsCheck {
	if n = n.plainForType(typeArray); n == nil {
		c.undecided = true
		return nil
	}
	rules := n.array
	if rules == nil {
		rules = anyArray
	}
	if rules.compared || len(rules.prefix) > 0 || rules.closed {
		c.undecided = true
		return nil
	}
	return &itemsCheck{rules.least, rules.most, c.value(t.Elem(), rules.items), t.Elem().Size()}
}

func (r *itemsCheck) accept(first unsafe.Pointer, count int) bool {
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

func (c *valueCompiler) array(t reflect.Type, n *node) valueCheck {
	items, length := c.items(t, n), t.Len()
	if items == nil {
		return nil
	}
	return func(value unsafe.Pointer) bool { return items.accept(value, length) }
}

func (c *valueCompiler) slice(t reflect.Type, n *node) valueCheck {
	items := c.items(t, n)
	if items == nil {
		return nil
	}
	nullable := c.nilAllowed(n)
	if items.each == nil && items.least <= 0 && items.most == math.MaxInt {
		return notNil(nullable)
	}
	return func(value unsafe.Pointer) bool {
		slice := *(*[]byte)(value) // its length counts the elements, of whatever type they are
		if slice == nil {
			return nullable
		}
		return items.accept(unsafe.Pointer(unsafe.SliceData(slice)), len(slice))
	}
}

// bytes are written as base64.
func (c *valueCompiler) bytes(t reflect.Type, n *node) valueCheck {
	text := n.plainForType(typeString)
	if gotype.Marshals(t.Elem()) || text == nil || text.format != nil || text.text != nil && (text.text.bounded || text.text.pattern != nil) {
		return c.giveUp()
	}
	return notNil(c.nilAllowed(n))
}
