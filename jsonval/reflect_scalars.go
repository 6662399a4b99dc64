package jsonval

import (
	"encoding/json/jsontext"
	"math"
	"reflect"
	"strconv"

	"github.com/kvstore-go/kvstore/jsonval/internal/gotype"
	"github.com/kvstore-go/kvstore/jsonval/internal/violation"
)

func integerRange(t reflect.Type) (low, high jsontext.Value) {
	bits := t.Bits()
	switch t.Kind() {
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		top := int64(math.MaxInt64) >> (64 - bits)
		return jsontext.Value(strconv.FormatInt(-top-1, 10)), jsontext.Value(strconv.FormatInt(top, 10))
	default:
		return jsontext.Value("0"), jsontext.Value(strconv.FormatUint(math.MaxUint64>>(64-bits), 10))
	}
}

// floatRange returns the bounds as encoding/json prints them. For a float32 that is a little beyond the exact value.
func floatRange(t reflect.Type) (low, high jsontext.Value) {
	if t.Kind() == reflect.Float32 {
		return violation.Literal(float32(-math.MaxFloat32)), violation.Literal(float32(math.MaxFloat32))
	}
	return violation.Literal(-math.MaxFloat64), violation.Literal(math.MaxFloat64)
}

const (
	integerPattern  = `^(?:0|-?[1-9][0-9]*)$`
	unsignedPattern = `^(?:0|[1-9][0-9]*)$`
	numberPattern   = `^-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?$`
)

// quotedPattern matches the text that encoding/json puts into a string for a scalar of that kind; it is empty for other
// kinds. The range of an integer cannot be said in a pattern: decoding checks it.
func quotedPattern(kind reflect.Kind) string {
	switch kind {
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return integerPattern
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr:
		return unsignedPattern
	case reflect.Float32, reflect.Float64:
		return numberPattern
	case reflect.Bool:
		return `^(?:true|false)$`
	case reflect.String:
		return `^"(?s:.*)"$`
	default:
		return ""
	}
}

// quote applies the string option of a json tag, which concerns scalars and pointers to them, and is ignored elsewhere.
func (r *reflector) quote(s shape, f gotype.Field, at position) shape {
	t := f.Type
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	pattern := quotedPattern(t.Kind())
	if t == gotype.Number {
		pattern = numberPattern
	} else if pattern == "" || gotype.Marshals(t) {
		return s
	}
	if gotype.Has(t, gotype.SchemaMethod) {
		r.problem(at, "the string option of the json tag changes what JSONSchemaType declares")
	}
	return shape{
		schema:   object{"type": "string", "pattern": pattern},
		kind:     "string",
		nullable: s.nullable,
		opaque:   "the string option of the json tag quotes the value",
	}
}
