package encode

import (
	"reflect"
	"slices"

	"github.com/kvstore-go/kvstore/jsonval/internal/gotype"
)

// objectWriter writes structs.
type objectWriter []fieldWriter

type fieldWriter struct {
	name  string // with a comma before it, its quotes and a colon
	field gotype.Field
	write writer
	// omits are the reasons to leave the field out.
	omits []func(value reflect.Value) bool
}

func (c *compiler) object(t reflect.Type) writer {
	fields, _ := gotype.PlainFields(t)
	var o objectWriter
	for _, f := range fields {
		name := buffer{text: []byte{','}}
		name.quote(f.Name)
		w := fieldWriter{name: string(name.text) + ":", field: f, write: c.value(f.Type)}
		if f.OmitEmpty {
			w.omits = append(w.omits, isEmpty)
		}
		if f.OmitZero {
			w.omits = append(w.omits, zeroOf(f.Type))
		}
		o = append(o, w)
	}
	return o.write
}

func (o objectWriter) write(b *buffer, value reflect.Value) bool {
	if !b.open() {
		return false
	}
	start := len(b.text)
	for i := range o {
		f := &o[i]
		member := f.field.Of(value)
		if f.omits != nil && slices.ContainsFunc(f.omits, func(omit func(reflect.Value) bool) bool { return omit(member) }) {
			continue
		}
		b.text = append(b.text, f.name...)
		if !f.write(b, member) {
			return false
		}
	}
	b.close(start, '{', '}')
	return true
}

// isEmpty is what omitempty means.
func isEmpty(value reflect.Value) bool {
	switch value.Kind() {
	case reflect.String, reflect.Map, reflect.Slice, reflect.Array:
		return value.Len() == 0
	case reflect.Struct:
		return false
	default:
		return value.IsZero()
	}
}

// zeroOf is what omitzero means for a type.
func zeroOf(t reflect.Type) func(value reflect.Value) bool {
	if gotype.Has(t, gotype.ZeroMethod) {
		return func(value reflect.Value) bool { return value.Addr().Interface().(interface{ IsZero() bool }).IsZero() }
	}
	return reflect.Value.IsZero
}

// dictionary writes maps whose keys are strings, sorted by them.
func (c *compiler) dictionary(t reflect.Type) writer {
	write := c.value(t.Elem())
	return func(b *buffer, value reflect.Value) bool {
		if value.IsNil() && !c.nilEmpty {
			return b.null()
		}
		if !b.open() {
			return false
		}
		first := len(b.names)
		key, element := reflect.New(t.Key()).Elem(), reflect.New(t.Elem()).Elem()
		for entry := value.MapRange(); entry.Next(); {
			key.SetIterKey(entry)
			b.names = append(b.names, key.String())
		}
		return b.members(first, func(name string) bool {
			key.SetString(name)
			element.Set(value.MapIndex(key))
			return write(b, element)
		})
	}
}

// members writes the members of an object that is open, whose names are those from the first on, and are forgotten then.
func (b *buffer) members(first int, write func(name string) bool) bool {
	last, start := len(b.names), len(b.text)
	slices.Sort(b.names[first:last])
	for i := first; i < last; i++ {
		name := b.names[i]
		b.text = append(b.text, ',')
		if !b.quote(name) {
			return false
		}
		b.text = append(b.text, ':')
		if !write(name) || len(b.text) > b.limit {
			return false
		}
	}
	clear(b.names[first:last])
	b.names = b.names[:first]
	b.close(start, '{', '}')
	return true
}

func (c *compiler) slice(t reflect.Type) writer {
	write := c.array(t)
	return func(b *buffer, value reflect.Value) bool {
		if value.IsNil() && !c.nilEmpty {
			return b.null()
		}
		return write(b, value)
	}
}

func (c *compiler) array(t reflect.Type) writer {
	write := c.value(t.Elem())
	return func(b *buffer, value reflect.Value) bool {
		if !b.open() {
			return false
		}
		start := len(b.text)
		for i := range value.Len() {
			b.text = append(b.text, ',')
			if !write(b, value.Index(i)) || len(b.text) > b.limit {
				return false
			}
		}
		b.close(start, '[', ']')
		return true
	}
}
