package encode

import (
	jsonv2 "encoding/json/v2"
	"reflect"
)

var (
	anything = reflect.TypeFor[any]()
	members  = reflect.TypeFor[map[string]any]()
	items    = reflect.TypeFor[[]any]()
)

// dynamic writes interfaces, and maps and slices of them.
func (c *compiler) dynamic(b *buffer, value reflect.Value) bool {
	return c.anything(b, value.Interface())
}

// anything writes a value of the types that a text is read into which says nothing of a type; encoding/json writes others.
func (c *compiler) anything(b *buffer, value any) bool {
	switch value := value.(type) {
	case nil:
		return b.null()
	case string:
		return b.quote(value)
	case float64:
		return b.float(value, 64)
	case bool:
		return b.bool(value)
	case map[string]any:
		return c.members(b, value)
	case []any:
		return c.items(b, value)
	default:
		return jsonv2.MarshalWrite(b, value, c.options) == nil
	}
}

func (c *compiler) members(b *buffer, value map[string]any) bool {
	if value == nil && !c.nilEmpty {
		return b.null()
	}
	if !b.open() {
		return false
	}
	first := len(b.names)
	for name := range value {
		b.names = append(b.names, name)
	}
	return b.members(first, func(name string) bool { return c.anything(b, value[name]) })
}

func (c *compiler) items(b *buffer, value []any) bool {
	if value == nil && !c.nilEmpty {
		return b.null()
	}
	if !b.open() {
		return false
	}
	start := len(b.text)
	for _, item := range value {
		b.text = append(b.text, ',')
		if !c.anything(b, item) || len(b.text) > b.limit {
			return false
		}
	}
	b.close(start, '[', ']')
	return true
}
