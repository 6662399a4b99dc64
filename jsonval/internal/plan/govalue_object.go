package plan

import (
	"reflect"
	"unsafe"

	"github.com/kvstore-go/kvstore/jsonval/internal/gotype"
)

// dictionary is sure of a map only if there is nothing to look at: going through a map takes longer than reading its text.
func (a *valueCompiler) dictionary(t reflect.Type, n *node) valueCheck {
	rules := n.memberwiseObject()
	if rules == nil || len(rules.names.members) > 0 || rules.additional == nil || a.value(t.Elem(), rules.additional) != nil {
		return a.giveUp()
	}
	return notNil(a.nilAllowed(n))
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

// fieldCheck is a field of a struct that has to be looked at.
type fieldCheck struct {
	offset uintptr
	check  valueCheck
	// omitted is the type of a field that is left out when it is zero, and nil for others.
	omitted reflect.Type
}

func (a *valueCompiler) object(t reflect.Type, n *node) valueCheck {
	rules := n.memberwiseObject()
	if rules == nil {
		return a.giveUp()
	}
	var looked []fieldCheck
	written := uint64(0)
	fields, problems := gotype.Fields(t)
	if problems != nil { // nobody has looked at the fields of a type that declares its schema
		return a.giveUp()
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
			return a.giveUp()
		}
		if assured := a.value(f.Type, schema); assured != nil {
			looked = append(looked, fieldCheck{offset, assured, zeroOmitted(f)})
		}
	}
	if rules.requiredBits&^written != 0 {
		return a.giveUp()
	}
	if looked == nil {
		return nil
	}
	return func(value unsafe.Pointer) bool {
		for i := range looked {
			f := &looked[i]
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

var zeroMethod = reflect.TypeFor[interface{ IsZero() bool }]()

// zeroOmitted returns the type of a field if both omitempty and omitzero leave it out when it is zero, and nil otherwise.
func zeroOmitted(f gotype.Field) reflect.Type {
	kind := f.Type.Kind()
	if !f.Omittable || kind == reflect.Struct || kind == reflect.Array || gotype.Has(f.Type, zeroMethod) {
		return nil
	}
	return f.Type
}
