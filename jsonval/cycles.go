package jsonval

import "reflect"

// maxIndirections is how many pointers and interfaces may follow one another with no array, object or scalar between them.
// encoding/json looks for cycles by the depth of the JSON, and such a chain adds none: it would overflow the stack.
const maxIndirections = 1000

// cycleSearch looks for a chain of pointers and interfaces that leads to itself. Cycles that pass through an array or an
// object are left to encoding/json, which stops them.
type cycleSearch struct {
	searched map[reference]bool
}

// reference identifies a composite that more than one path may lead to.
type reference struct {
	address uintptr
	length  int
	goType  reflect.Type
}

// checkCycles refuses a value that contains itself without an array or an object in between.
func checkCycles(value reflect.Value) error {
	search := cycleSearch{searched: map[reference]bool{}}
	if search.finds(value, 0) {
		return refusal(nil, "", keywordCycle, "the value contains itself")
	}
	return nil
}

func (c cycleSearch) finds(v reflect.Value, depth int) bool {
	if depth > highestMaxDepth {
		return false // encoding/json refuses what is nested so deeply
	}
	for chain := 0; v.Kind() == reflect.Pointer || v.Kind() == reflect.Interface; chain++ {
		if chain > maxIndirections {
			return true
		}
		if v.IsNil() || v.Kind() == reflect.Pointer && v.Elem().Kind() == reflect.Struct && c.again(v, 0) {
			return false
		}
		v = v.Elem()
	}
	switch v.Kind() {
	case reflect.Struct:
		return c.inStruct(v, depth)
	case reflect.Array:
		return !scalar(v.Type().Elem()) && c.inItems(v, depth)
	case reflect.Slice:
		return !scalar(v.Type().Elem()) && !c.again(v, v.Len()) && c.inItems(v, depth)
	case reflect.Map:
		return !scalar(v.Type().Elem()) && !c.again(v, v.Len()) && c.inValues(v, depth)
	default:
		return false
	}
}

// again reports whether what v refers to was searched before, and notes that it is now.
func (c cycleSearch) again(v reflect.Value, length int) bool {
	r := reference{address: v.Pointer(), length: length, goType: v.Type()}
	before := c.searched[r]
	c.searched[r] = true
	return before
}

func (c cycleSearch) inStruct(v reflect.Value, depth int) bool {
	for i := range v.NumField() {
		sf := v.Type().Field(i)
		if !sf.IsExported() && !sf.Anonymous || sf.Tag.Get("json") == "-" || scalar(sf.Type) {
			continue
		}
		if c.finds(v.Field(i), depth+1) {
			return true
		}
	}
	return false
}

func (c cycleSearch) inItems(v reflect.Value, depth int) bool {
	for i := range v.Len() {
		if c.finds(v.Index(i), depth+1) {
			return true
		}
	}
	return false
}

func (c cycleSearch) inValues(v reflect.Value, depth int) bool {
	for entries := v.MapRange(); entries.Next(); {
		if c.finds(entries.Value(), depth+1) {
			return true
		}
	}
	return false
}

// scalar reports whether values of a type refer to no others.
func scalar(t reflect.Type) bool {
	switch t.Kind() {
	case reflect.Struct, reflect.Array, reflect.Slice, reflect.Map, reflect.Pointer, reflect.Interface:
		return false
	default:
		return true
	}
}
