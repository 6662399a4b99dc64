package gotext

import (
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"reflect"
	"strings"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/jsonval"
)

// Struct is how a struct is written to the fields of a hash and read back, worked out
// when the schema is built.
type Struct struct {
	fields []Field
	byName map[string]*Field
}

// Field is a field of a struct.
type Field struct {
	jsonval.Member
	Stored   reflect.Type // what is stored: that of the field, or what it points to
	pointer  bool
	optional bool // need not be stored
	text     text
	// Default is the text of what a field is that is not stored; "" if there is none.
	Default string
	// Least, Most and Countable are what its jsonschema tag says of incrementing it.
	Least, Most string
	Countable   bool
}

// StructOf makes the plan of a struct type, or says everything that is wrong with it.
func StructOf(kind reflect.Type) (*Struct, error) {
	if kind.Kind() != reflect.Struct {
		return nil, fmt.Errorf("a hash of %v, which is no struct", kind)
	}
	members, mistakes := jsonval.Members(kind, "kv", "json")
	plan := Struct{fields: make([]Field, len(members)), byName: make(map[string]*Field, len(members))}
	for i, member := range members {
		field := &plan.fields[i]
		*field = Field{Member: member, Stored: member.Type, optional: member.Optional && !member.Required}
		if member.Type.Kind() == reflect.Pointer {
			field.Stored, field.pointer, field.optional = member.Type.Elem(), true, !member.Required
		}
		plan.byName[member.Name] = field
		var err error
		if field.text, err = textOf(field.Stored, Older{}); err != nil {
			mistakes = errors.Join(mistakes, fmt.Errorf("the field %s of %v: %w", member.GoName, kind, err))
			continue
		}
		if err := field.setDefault(); err != nil {
			mistakes = errors.Join(mistakes, fmt.Errorf("the field %s of %v: %w", member.GoName, kind, err))
		}
		field.Least, field.Most, field.Countable = countingBounds(member, field.Stored.Kind())
	}
	if len(members) == 0 && mistakes == nil {
		mistakes = fmt.Errorf("%v has no field to store", kind)
	}
	return &plan, mistakes
}

// setDefault takes the default from the jsonschema tag, if there is one.
func (f *Field) setDefault() error {
	document := f.Member.Default()
	if document == nil {
		return nil
	}
	if f.optional || f.pointer || f.OmitEmpty || f.OmitZero {
		return errors.New("it may be left out, and has a default: nobody could tell which was meant")
	}
	value := reflect.New(f.Stored)
	err := json.Unmarshal(document, value.Interface())
	if err == nil {
		f.Default, err = f.Format(value.Elem())
	}
	if err == nil && f.Default == "" {
		err = errors.New("an empty text is what omitempty stands for")
	}
	if err != nil {
		return fmt.Errorf("the default %s: %w", document, err)
	}
	f.optional = true
	return nil
}

// in is the field of a struct, unless an embedded pointer on the way to it is nil and not
// to be made.
func (f *Field) in(value reflect.Value, making bool) (field reflect.Value, exists bool) {
	for i, at := range f.Index {
		if i > 0 && value.Kind() == reflect.Pointer {
			if value.IsNil() {
				if !making {
					return reflect.Value{}, false
				}
				value.Set(reflect.New(value.Type().Elem()))
			}
			value = value.Elem()
		}
		value = value.Field(at)
	}
	return value, true
}

// stored is the value of a field of a struct that is to be stored, if it is.
func (f *Field) stored(value reflect.Value) (part reflect.Value, exists bool) {
	part, exists = f.in(value, false)
	switch {
	case !exists || f.OmitEmpty && isEmpty(part) || f.OmitZero && isZero(part) || f.pointer && part.IsNil():
		return reflect.Value{}, false
	case f.pointer:
		return part.Elem(), true
	}
	return part, true
}

// isEmpty reports whether omitempty leaves a field out, as encoding/json has it.
func isEmpty(field reflect.Value) bool {
	switch field.Kind() {
	case reflect.Array, reflect.Map, reflect.Slice, reflect.String:
		return field.Len() == 0
	case reflect.Float32, reflect.Float64:
		return field.Float() == 0
	case reflect.Struct:
		return false
	default:
		return field.IsZero()
	}
}

// isZero reports whether omitzero leaves a field out, as encoding/json has it.
func isZero(field reflect.Value) bool {
	if field.Kind() == reflect.Pointer && field.IsNil() {
		return true
	}
	type zeroer interface{ IsZero() bool }
	for _, value := range [...]reflect.Value{field, field.Addr()} {
		if value, ok := value.Interface().(zeroer); ok {
			return value.IsZero()
		}
	}
	return field.IsZero()
}

// Format is what is stored of a value of the field.
func (f *Field) Format(value reflect.Value) (string, error) {
	text, err := f.text.format(value)
	if err != nil {
		return "", drivers.Join(drivers.ErrInvalid, fmt.Errorf("%s: %w", f.Name, err))
	}
	if err := f.Check(value); err != nil {
		return "", drivers.Join(drivers.ErrInvalid, err)
	}
	return text, nil
}

// Parse sets a value of the field to what is stored.
func (f *Field) Parse(text string, into reflect.Value) error {
	if err := f.text.parse(text, into); err != nil {
		return drivers.Join(ErrCorrupt, fmt.Errorf("%s: %w", f.Name, err))
	}
	if err := f.Check(into); err != nil {
		return drivers.Join(ErrCorrupt, err)
	}
	return nil
}

// violations gathers what the fields of a struct break of their jsonschema tags.
type violations []jsonval.Violation

// add adds those of an error of Member.Check, or nothing.
func (v *violations) add(err error) {
	if err == nil {
		return
	}
	var refusal *jsonval.ValidationError
	if errors.As(err, &refusal) {
		*v = append(*v, refusal.Violations...)
	}
}

// err is all of them in one, or nil.
func (v violations) err(class error) error {
	if len(v) == 0 {
		return nil
	}
	return drivers.Join(class, &jsonval.ValidationError{Violations: v})
}

// Encode is what is stored of a struct, fields and values by turns.
func (p *Struct) Encode(value reflect.Value) ([]string, error) {
	pairs := make([]string, 0, 2*len(p.fields))
	var broken violations
	for i := range p.fields {
		field := &p.fields[i]
		part, exists := field.stored(value)
		if !exists {
			broken.add(field.Check(part))
			continue
		}
		text, err := field.text.format(part)
		if err != nil {
			return nil, drivers.Join(drivers.ErrInvalid, fmt.Errorf("%s: %w", field.Name, err))
		}
		broken.add(field.Check(part))
		pairs = append(pairs, field.Name, text)
	}
	return pairs, broken.err(drivers.ErrInvalid)
}

// Decode sets a struct, which is zero, to what is stored. Fields that it does not have
// are left out.
func (p *Struct) Decode(pairs []string, into reflect.Value) error {
	missing, err := p.DecodePart(pairs, into)
	if missing > 0 {
		return p.missing(pairs)
	}
	return err
}

// DecodePart is Decode for a hash that may lack fields, and says how many of those that are
// required are missing.
func (p *Struct) DecodePart(pairs []string, into reflect.Value) (missing int, err error) {
	var broken violations
	for i := range p.fields {
		field := &p.fields[i]
		if !field.optional {
			missing++
		}
		if field.Default != "" {
			part, _ := field.in(into, true)
			_ = field.text.parse(field.Default, part) // what was formatted
		}
	}
	for name, text := range pairsOf(pairs) {
		field := p.byName[name]
		if field == nil {
			continue
		}
		if !field.optional {
			missing--
		}
		part, _ := field.in(into, true)
		switch {
		case field.pointer:
			part.Set(reflect.New(field.Stored))
			part = part.Elem()
		case field.Default != "":
			part.SetZero()
		}
		if err := field.text.parse(text, part); err != nil {
			return 0, drivers.Join(ErrCorrupt, fmt.Errorf("%s: %w", name, err))
		}
		broken.add(field.Check(part))
	}
	return missing, broken.err(ErrCorrupt)
}

// missing names the fields that should be stored and are not.
func (p *Struct) missing(pairs []string) error {
	names := map[string]bool{}
	for name := range pairsOf(pairs) {
		names[name] = true
	}
	var missing []string
	for i := range p.fields {
		if field := &p.fields[i]; !field.optional && !names[field.Name] {
			missing = append(missing, field.Name)
		}
	}
	return drivers.Errorf(ErrCorrupt, "without %s", strings.Join(missing, ", "))
}

// Field is the field that is stored under a name, or nil.
func (p *Struct) Field(name string) *Field { return p.byName[name] }

// pairsOf goes through fields and values that come by turns.
func pairsOf(flat []string) iter.Seq2[string, string] {
	return func(yield func(string, string) bool) {
		for i := 0; i+1 < len(flat); i += 2 {
			if !yield(flat[i], flat[i+1]) {
				return
			}
		}
	}
}
