package plan

import (
	"math"
	"reflect"
	"unsafe"
)

func (a *valueCompiler) scalar(t reflect.Type, n *node) valueCheck {
	switch t.Kind() {
	case reflect.Bool:
		if n.plainForType(typeBoolean) == nil {
			return a.giveUp()
		}
		return nil
	case reflect.String:
		return a.text(n)
	default:
		return a.number(t, n)
	}
}

// time is sure: encoding/json refuses times that are not in the format.
func (a *valueCompiler) time(n *node) valueCheck {
	n = n.plainForType(typeString)
	if n == nil || n.text != nil || n.format != nil && n.format.name != "date-time" {
		return a.giveUp()
	}
	return nil
}

// text looks at a string as the walker does at one that has been unescaped; encoding/json has refused those that are not UTF-8.
func (a *valueCompiler) text(n *node) valueCheck {
	n = n.forType(typeString)
	switch {
	case n == nil || n.inPlace != nil:
		return a.giveUp()
	case n.plain && n.format == nil && n.text == nil:
		return nil
	case n.matched != nil:
		matched := n.matched
		return func(value unsafe.Pointer) bool { return matched.matches(contentAt(value)) }
	default:
		return func(value unsafe.Pointer) bool { return n.acceptsString(contentAt(value), nonASCII) }
	}
}

// contentAt returns the bytes of a string, which nobody may change.
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

func (a *valueCompiler) number(t reflect.Type, n *node) valueCheck {
	assured, ok := numberChecks[t.Kind()]
	if n = n.plainForType(typeNumber); n == nil || !ok {
		return a.giveUp()
	}
	rules := n.number
	if isFloat := t.Kind() == reflect.Float32 || t.Kind() == reflect.Float64; isFloat && (n.integral || rules != nil && rules.multiple != nil) {
		return a.giveUp()
	}
	if rules == nil {
		return nil
	}
	return assured(rules)
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

// float32s looks at the neighbours: what is written is not the number, but the shortest decimal to which it is the nearest.
func float32s(rules *numberRules) valueCheck {
	return func(value unsafe.Pointer) bool {
		number := *(*float32)(value)
		below, above := math.Nextafter32(number, float32(math.Inf(-1))), math.Nextafter32(number, float32(math.Inf(1)))
		return rules.lowFloat < float64(below) && float64(above) < rules.hiFloat
	}
}
