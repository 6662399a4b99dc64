package plan

import (
	"math"
	"reflect"
	"unsafe"
)

func (c *valueCompiler) scalar(t reflect.Type, n *node) valueCheck {
	switch t.Kind() {
	case reflect.Bool:
		if n.plainForType(typeBoolean) == nil {
			return c.giveUp()
		}
		return nil
	case reflect.String:
		return c.text(n)
	default:
		return c.number(t, n)
	}
}

// time is sure: encoding/json refuses times that are not in the format.
func (c *valueCompiler) time(n *node) valueCheck {
	n = n.plainForType(typeString)
	if n == nil || n.text != nil || n.format != nil && n.format.name != "date-time" {
		return c.giveUp()
	}
	return nil
}

// text checks a string as the walker does one that has been unescaped; encoding/json has refused those that are not UTF-8.
func (c *valueCompiler) text(n *node) valueCheck {
	n = n.forType(typeString)
	switch {
	case n == nil || n.inPlace != nil:
		return c.giveUp()
	case n.plain && n.format == nil && n.text == nil:
		return nil
	case n.matched != nil:
		matched := n.matched
		return func(value unsafe.Pointer) bool { return matched.matches(contentAt(value)) }
	default:
		return func(value unsafe.Pointer) bool { return n.acceptsString(contentAt(value), nonASCII) }
	}
}

// contentAt returns the bytes of a string, which must not be changed.
func contentAt(value unsafe.Pointer) []byte {
	text := *(*string)(value)
	return unsafe.Slice(unsafe.StringData(text), len(text))
}

var numberChecks = map[reflect.Kind]func(*numberRules) valueCheck{
	reflect.Int: integer[int], reflect.Int8: integer[int8], reflect.Int16: integer[int16], reflect.Int32: integer[int32],
	reflect.Int64: integer[int64], reflect.Uint: integer[uint], reflect.Uint8: integer[uint8], reflect.Uint16: integer[uint16],
	reflect.Uint32: integer[uint32], reflect.Uint64: integer[uint64], reflect.Uintptr: integer[uintptr],
	reflect.Float32: float32s, reflect.Float64: float64s,
}

func (c *valueCompiler) number(t reflect.Type, n *node) valueCheck {
	newCheck, ok := numberChecks[t.Kind()]
	if n = n.plainForType(typeNumber); n == nil || !ok {
		return c.giveUp()
	}
	rules := n.number
	if isFloat := t.Kind() == reflect.Float32 || t.Kind() == reflect.Float64; isFloat && (n.integral || rules != nil && rules.multiple != nil) {
		return c.giveUp()
	}
	if rules == nil {
		return nil
	}
	return newCheck(rules)
}

func integer[T int | int8 | int16 | int32 | int64 | uint | uint8 | uint16 | uint32 | uint64 | uintptr](rules *numberRules) valueCheck {
	return func(value unsafe.Pointer) bool {
		number := *(*T)(value)
		plain := int64(number)
		return plain < 0 == (number < 0) && rules.acceptInteger(plain)
	}
}

func float64s(rules *numberRules) valueCheck {
	return func(value unsafe.Pointer) bool {
		number := *(*float64)(value)
		return rules.lowFloat < number && number < rules.hiFloat
	}
}

// float32s compares the neighbours: what is written is not the number, but the shortest decimal to which it is the nearest.
func float32s(rules *numberRules) valueCheck {
	return func(value unsafe.Pointer) bool {
		number := *(*float32)(value)
		below, above := math.Nextafter32(number, float32(math.Inf(-1))), math.Nextafter32(number, float32(math.Inf(1)))
		return rules.lowFloat < float64(below) && float64(above) < rules.hiFloat
	}
}
