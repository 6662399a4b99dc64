package plan

import (
	"reflect"
	"unsafe"

	"github.com/kvstore-go/kvstore/jsonval/internal/gotype"
)

// dictionary is sure of a map only if there is nothing to check in it: going through a map takes longer than reading its text.
func (c *valueCompiler) dictionary(t reflect.Type, n *node) valueCheck {
	rules := n.memberwiseObject()
	if rules == nil || len(rules.names.members) > 0 || rules.additional == nil || c.value(t.Elem(), rules.additional) != nil {
		return c.giveUp()
	}
	return notNil(c.nilAllowed(n))
}

// memberwiseObject returns the rules for objects if they are about single members alone, and nil otherwise.
func (n *node) memberwiseObject() *objectRules {
	if n = n.plainForType(typeObject); n == nil {
		return nil
	}
	rules := n.object
	if rules == nil {
		return anyObject
	}
	if !rules.simple || rules.counted {
		return nil
	}
	return rules
}

// fieldCheck is the check of a field of a struct.
type fieldCheck struct {
	offset uintptr
	check  valueCheck
	// omitted is the type of a field that is left out when it is zero, and nil for others.
	omitted reflect.Type
}

func (c *valueCompiler) object(t reflect.Type, n *node) valueCheck {
	rules := n.memberwiseObject()
	if rules == nil {
		return c.giveUp()
	}
	var checked []fieldCheck
	written := uint64(0)
	fields, problems := gotype.Fields(t)
	if problems != nil { // which NewCodec does not report for a type that declares its own schema
		return c.giveUp()
	}
	for _, f := range fields {
		schema := rules.additional
		if declared := rules.names.find([]byte(f.Name)); declared != nil {
			schema = declared.schema
			if !f.Omittable {
				written |= declared.bit
			}
		}
		offset, direct := offsetOf(t, f.Index)
		if schema == nil || !direct || f.Quoted {
			return c.giveUp()
		}
		if check := c.value(f.Type, schema); check != nil {
			checked = append(checked, fieldCheck{offset, check, zeroOmitted(f)})
		}
	}
	if rules.requiredBits&^written != 0 {
		return c.giveUp()
	}
	if checked == nil {
		return nil
	}
	return func(value unsafe.Pointer) bool {
		for i := range checked {
			f := &checked[i]
			at := unsafe.Add(value, f.offset)
			if f.omitted != nil && reflect.NewAt(f.omitted, at).Elem().IsZero() {
				continue
			}
			if !f.check(at) {
				return false
			}
		}
		return true
	}
}

// offsetOf returns where in a struct a field is, unless there is a pointer on the way.
func offsetOf(t reflect.Type, index []int) (offset uintptr, direct bool) {
	for _, at := range index {
		if t.Kind() == reflect.Pointer {
			return 0, false
		}
		f := t.Field(at)
		offset += f.Offset
		t = f.Type
	}
	return offset, true
}

// zeroOmitted returns the type of a field if both omitempty and omitzero leave it out when it is zero, and nil otherwise.
func zeroOmitted(f gotype.Field) reflect.Type {
	kind := f.Type.Kind()
	if !f.Omittable || kind == reflect.Struct || kind == reflect.Array || gotype.Has(f.Type, gotype.ZeroMethod) {
		return nil
	}
	return f.Type
}
