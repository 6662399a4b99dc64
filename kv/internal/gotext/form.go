package gotext

import (
	"encoding/json"
	"fmt"
	"math"
	"reflect"
	"time"

	"github.com/samber/lo"

	"github.com/kvstore-go/kvstore/dsl"
	"github.com/kvstore-go/kvstore/jsonval"
)

// Declared are the forms of the documents, the newest first, as a schema tells them.
func (d *Document) Declared() []dsl.Form {
	kinds := []reflect.Type{d.kind}
	if d.forms != nil {
		kinds = d.forms.Types()
	}
	return lo.Map(kinds, func(kind reflect.Type, i int) dsl.Form { return documentForm(kind, d.codecs[i].Form()) })
}

func documentForm(kind reflect.Type, schema jsonval.Form) dsl.Form {
	return dsl.Form{Type: kind.String(), Notation: dsl.Document, Schema: string(schema.Schema), HandWritten: schema.HandWritten, Orders: schema.Orders}
}

// simpleForm is the form of a type that has a simple text.
func simpleForm(kind reflect.Type) dsl.Form {
	form := dsl.Form{Type: kind.String()}
	form.Notation, form.Schema = notationOf(kind)
	return form
}

// notationOf is how values of a type are written, and a schema of them if they are not all that are written so.
func notationOf(kind reflect.Type) (notation dsl.Notation, schema string) {
	switch kind {
	case reflect.TypeFor[time.Time]():
		return dsl.Moment, ""
	case reflect.TypeFor[time.Duration]():
		return dsl.Span, ""
	}
	if MarshalsText(kind) {
		return dsl.Marshaled, ""
	}
	switch kind.Kind() {
	case reflect.String:
		return dsl.Plain, ""
	case reflect.Bool:
		return dsl.Truth, ""
	case reflect.Int8, reflect.Int16, reflect.Int32:
		most := int64(1)<<(kind.Bits()-1) - 1
		return dsl.Signed, between(-most-1, most)
	case reflect.Uint8, reflect.Uint16, reflect.Uint32:
		return dsl.Unsigned, between(0, int64(1)<<kind.Bits()-1)
	case reflect.Uint, reflect.Uint64, reflect.Uintptr:
		return dsl.Unsigned, ""
	case reflect.Float32:
		return dsl.Number, between(-math.MaxFloat32, math.MaxFloat32)
	case reflect.Float64:
		return dsl.Number, ""
	case reflect.Slice:
		return dsl.Binary, ""
	default:
		return dsl.Signed, ""
	}
}

func between[N int64 | float64](least, most N) string {
	return fmt.Sprintf(`{"minimum":%v,"maximum":%v}`, least, most)
}

// narrowed are forms whose newest has a schema more.
func narrowed(forms []dsl.Form, schema string) []dsl.Form {
	return lo.Map(forms, func(form dsl.Form, i int) dsl.Form {
		switch {
		case i > 0 || schema == "":
		case form.Schema == "":
			form.Schema = schema
		default:
			form.Schema = `{"allOf":[` + form.Schema + `,` + schema + `]}`
		}
		return form
	})
}

// Declared are the forms of the hashes, the newest first, as a schema tells them.
func (h *Hash) Declared() []dsl.Form {
	kinds := []reflect.Type{h.kind}
	if h.forms != nil {
		kinds = h.forms.Types()
	}
	return lo.Map(kinds, func(kind reflect.Type, i int) dsl.Form { return h.structs[i].form(kind) })
}

func (p *Struct) form(kind reflect.Type) dsl.Form {
	return dsl.Form{
		Type: kind.String(), Notation: dsl.HashFields,
		Fields: lo.Map(p.fields, func(field Field, _ int) dsl.FormField {
			form := field.text.forms[0]
			if schema, tagged := field.Form(); tagged {
				form.Schema = string(schema.Schema)
			}
			return dsl.FormField{Name: field.Name, Form: form, Required: !field.optional, Default: field.Default}
		}),
	}
}

// SortableKinds are the kinds of values of an index by values of a type, which tell apart those that sort, and
// are stored, in different ways.
func SortableKinds(kinds ...reflect.Type) []string {
	return lo.Map(kinds, func(kind reflect.Type, _ int) string {
		value := reflect.Zero(kind)
		switch {
		case kind == reflect.TypeFor[time.Time]():
			return string(dsl.Moment)
		case kind.Kind() == reflect.String:
			return string(dsl.Plain)
		case kind.Kind() == reflect.Bool:
			return string(dsl.Truth)
		case value.CanInt():
			return string(dsl.Signed)
		case value.CanUint():
			return string(dsl.Unsigned)
		default:
			return string(dsl.Number)
		}
	})
}

// OneOf is a schema of texts that are one of several.
func OneOf[T ~string](values []T) string {
	text, _ := json.Marshal(map[string]any{"enum": lo.Map(values, func(value T, _ int) string { return string(value) })})
	return string(text)
}
