package jsonval

import (
	"reflect"
	"sync"

	"github.com/kvstore-go/kvstore/jsonval/internal/gotype"
	"github.com/kvstore-go/kvstore/jsonval/internal/violation"
)

const (
	// maxIndirections is how many pointers and interfaces may follow one another with no array, object or scalar between them.
	// encoding/json looks for cycles by the depth of the JSON, and such a chain adds none: it would overflow the stack.
	maxIndirections = 1000

	// What has been walked is noted only below trustedDepth, which a value that contains itself is sure to reach, or after trustedSteps,
	// which one whose parts are shared at every level takes.
	trustedDepth = 100
	trustedSteps = 1 << 20
)

// cycleSearch looks for a chain of pointers and interfaces that leads to itself. Cycles that pass through an array or an
// object are left to encoding/json, which stops them from a depth of a thousand on.
type cycleSearch struct {
	steps    int
	searched map[reference]bool // nil until there is a reason to look for cycles
}

// reference identifies a composite that more than one path may lead to.
type reference struct {
	address uintptr
	length  int
	goType  reflect.Type
}

// checkCycles refuses a value that contains itself without an array or an object in between.
func checkCycles(value reflect.Value) error {
	search := cycleSearch{}
	if search.finds(value, 0) {
		return refusal(nil, "", violation.Cycle, "the value contains itself")
	}
	return nil
}

func (c *cycleSearch) finds(v reflect.Value, depth int) bool {
	if depth > highestMaxDepth {
		return false // encoding/json refuses what is nested so deeply
	}
	for chain := 0; v.Kind() == reflect.Pointer || v.Kind() == reflect.Interface; chain++ {
		if chain > maxIndirections {
			return true
		}
		if v.IsNil() || v.Kind() == reflect.Pointer && v.Elem().Kind() == reflect.Struct && c.again(v, 0, depth) {
			return false
		}
		v = v.Elem()
	}
	switch v.Kind() {
	case reflect.Struct:
		return c.inStruct(v, depth)
	case reflect.Array:
		return cyclicPartsOf(v.Type()).inside && c.inItems(v, depth)
	case reflect.Slice:
		return cyclicPartsOf(v.Type()).inside && !c.again(v, v.Len(), depth) && c.inItems(v, depth)
	case reflect.Map:
		return cyclicPartsOf(v.Type()).inside && !c.again(v, v.Len(), depth) && c.inEntries(v, depth)
	default:
		return false
	}
}

// again reports whether what v refers to was searched before, and notes that it is now, once there is a reason to.
func (c *cycleSearch) again(v reflect.Value, length, depth int) bool {
	c.steps++
	if c.searched == nil {
		if depth <= trustedDepth && c.steps <= trustedSteps {
			return false
		}
		c.searched = map[reference]bool{}
	}
	r := reference{address: v.Pointer(), length: length, goType: v.Type()}
	before := c.searched[r]
	c.searched[r] = true
	return before
}

func (c *cycleSearch) inStruct(v reflect.Value, depth int) bool {
	for _, i := range cyclicPartsOf(v.Type()).fields {
		if c.finds(v.Field(i), depth+1) {
			return true
		}
	}
	return false
}

func (c *cycleSearch) inItems(v reflect.Value, depth int) bool {
	if list, ok := reflect.TypeAssert[[]any](v); ok {
		for _, item := range list {
			if c.findsIn(item, depth+1) {
				return true
			}
		}
		return false
	}
	for i := range v.Len() {
		if c.finds(v.Index(i), depth+1) {
			return true
		}
	}
	return false
}

// inEntries looks at values, and at keys: encoding/json follows those that are pointers or interfaces, too.
func (c *cycleSearch) inEntries(v reflect.Value, depth int) bool {
	if object, ok := reflect.TypeAssert[map[string]any](v); ok {
		for _, value := range object {
			if c.findsIn(value, depth+1) {
				return true
			}
		}
		return false
	}
	key, value := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
	for entries := v.MapRange(); entries.Next(); {
		key.SetIterKey(entries)
		value.SetIterValue(entries)
		if c.finds(key, depth+1) || c.finds(value, depth+1) {
			return true
		}
	}
	return false
}

// findsIn is finds for what an interface holds. Most of what untyped documents hold needs no reflection, which is slow.
func (c *cycleSearch) findsIn(value any, depth int) bool {
	switch value.(type) {
	case nil, string, float64, bool:
		return false
	default:
		return c.finds(reflect.ValueOf(value), depth)
	}
}

// cyclicParts tells where in the values of a type there may be an interface, or a pointer to the type itself.
type cyclicParts struct {
	inside bool
	fields []int // of a struct
}

// cyclicPartsByType has those of each type that was met, as encoding/json has an encoder of each.
var cyclicPartsByType sync.Map

// anyCyclicParts are those of map[string]any and []any.
var anyCyclicParts = &cyclicParts{inside: true}

var (
	objectType = reflect.TypeFor[map[string]any]()
	listType   = reflect.TypeFor[[]any]()
)

func cyclicPartsOf(t reflect.Type) *cyclicParts {
	if t == objectType || t == listType {
		return anyCyclicParts
	}
	if known, ok := cyclicPartsByType.Load(t); ok {
		return known.(*cyclicParts)
	}
	p := &cyclicParts{}
	if t.Kind() != reflect.Struct {
		p.inside = mayCycle(t, map[reflect.Type]bool{})
	} else {
		for i := range t.NumField() {
			if searchable(t.Field(i)) && mayCycle(t.Field(i).Type, map[reflect.Type]bool{}) {
				p.inside, p.fields = true, append(p.fields, i)
			}
		}
	}
	cyclicPartsByType.Store(t, p)
	return p
}

// mayCycle reports whether the values of a type may hold an interface, or a pointer to itself.
func mayCycle(t reflect.Type, seen map[reflect.Type]bool) bool {
	if t.Kind() == reflect.Interface || t.Kind() == reflect.Pointer && pointed(t) == nil {
		return true
	}
	if scalar(t) || seen[t] {
		return false
	}
	seen[t] = true
	switch t.Kind() {
	case reflect.Struct:
		for i := range t.NumField() {
			if sf := t.Field(i); searchable(sf) && mayCycle(sf.Type, seen) {
				return true
			}
		}
		return false
	case reflect.Map:
		return mayCycle(t.Key(), seen) || mayCycle(t.Elem(), seen)
	default:
		return mayCycle(t.Elem(), seen)
	}
}

// searchable reports whether encoding/json may write a field, or the fields of one that is embedded.
func searchable(sf reflect.StructField) bool {
	return (sf.IsExported() || sf.Anonymous && gotype.StructBehind(sf.Type) != nil) && sf.Tag.Get("json") != "-"
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
