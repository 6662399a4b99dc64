package jsonval

import (
	"math"
	"reflect"
	"unsafe"
)

func (a *assurer) scalar(t reflect.Type, n *node) assurance {
	switch t.Kind() {
	case reflect.Bool:
		if n.plainFor(kindBoolean) == nil {
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
func (a *assurer) time(n *node) assurance {
	n = n.plainFor(kindString)
	if n == nil || n.text != nil || n.format != nil && n.format.name != "date-time" {
		return a.giveUp()
	}
	return nil
}

// text looks at a string as the walker does at one that has been unescaped; encoding/json has refused those that are not UTF-8.
func (a *assurer) text(n *node) assurance {
	n = n.of(kindString)
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

var numberAssurances = map[reflect.Kind]func(*numberRules) assurance{
	reflect.Int: integer[int], reflect.Int8: integer[int8], reflect.Int16: integer[int16], reflect.Int32: integer[int32],
	reflect.Int64: integer[int64], reflect.Uint: integer[uint], reflect.Uint8: integer[uint8], reflect.Uint16: integer[uint16],
	reflect.Uint32: integer[uint32], reflect.Uint64: integer[uint64], reflect.Uintptr: integer[uintptr],
	reflect.Float32: float32s, reflect.Float64: float64s,
}

func (a *assurer) number(t reflect.Type, n *node) assurance {
	assured, ok := numberAssurances[t.Kind()]
	if n = n.plainFor(kindNumber); n == nil || !ok {
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

func integer[T int | int8 | int16 | int32 | int64 | uint | uint8 | uint16 | uint32 | uint64 | uintptr](rules *numberRules) assurance {
	return func(value unsafe.Pointer) bool {
		number := *(*T)(value)
		plain := int64(number)
		return plain < 0 == (number < 0) && rules.acceptPlain(plain)
	}
}

func float64s(rules *numberRules) assurance {
	return func(value unsafe.Pointer) bool {
		number := *(*float64)(value)
		return rules.lowFloat < number && number < rules.hiFloat
	}
}

// float32s looks at the neighbours: what is written is not the number, but the shortest decimal to which it is the nearest.
func float32s(rules *numberRules) assurance {
	return func(value unsafe.Pointer) bool {
		number := *(*float32)(value)
		below, above := math.Nextafter32(number, float32(math.Inf(-1))), math.Nextafter32(number, float32(math.Inf(1)))
		return rules.lowFloat < float64(below) && float64(above) < rules.hiFloat
	}
}
