package jsonval

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"math/big"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/kvstore-go/kvstore/jsonval/internal/gotype"
)

// Member is a field of a struct as a member of the object that encoding/json writes, for whoever stores members one by one.
type Member struct {
	Name   string       // of the member
	GoName string       // of the field, behind the names of the structs that it is embedded in
	Index  []int        // of the field, as in [reflect.Value.FieldByIndex]
	Type   reflect.Type // of the field
	// OmitEmpty and OmitZero are what its tags say.
	OmitEmpty, OmitZero bool
	// Optional is whether the member can be left out: for these options, or because an embedded pointer on the way to it is nil.
	Optional bool
	// Required is whether the jsonschema tag demands a member that could be left out.
	Required bool

	rules *TypeCodec // of an object with this member alone; nil if it has no jsonschema tag
}

// Members returns the members of a struct by the rules of encoding/json, in the order in which the fields are declared. They have
// their names and options from the tags of the given keys, the first of which is asked first. It fails, naming every mistake, for what
// [NewCodec] refuses in tags, for two fields of one name of which encoding/json would write neither, for embedded structs without a name
// that write themselves, and for fields that are not exported and yet have a name. Methods of the struct itself are not asked.
func Members(goType reflect.Type, tags ...string) ([]Member, error) {
	listed := gotype.List(goType, tags...)
	var problems []error
	for _, problem := range listed.Problems {
		problems = append(problems, fmt.Errorf("%v: %s", goType, problem))
	}
	for _, name := range listed.SelfWritten {
		problems = append(problems, fmt.Errorf("%v: field %s: an embedded struct that writes itself has no members: give it a name in its tag", goType, name))
	}
	for _, name := range listed.Contested {
		problems = append(problems, fmt.Errorf("two fields of %v are stored as %q", goType, name))
	}
	members := make([]Member, len(listed.Fields))
	for i, f := range listed.Fields {
		var err error
		if members[i], err = memberOf(goType, f); err != nil {
			problems = append(problems, err)
		}
	}
	return members, errors.Join(problems...)
}

func memberOf(goType reflect.Type, f gotype.Field) (Member, error) {
	m := Member{
		Name: f.Name, GoName: f.GoName, Index: f.Index, Type: f.Type,
		OmitEmpty: f.OmitEmpty, OmitZero: f.OmitZero, Optional: f.Omittable,
	}
	if !goType.FieldByIndex(f.Index).IsExported() {
		return m, fmt.Errorf("%v: field %s: it is not exported: export it, or leave the name out of its tag", goType, f.GoName)
	}
	tag := f.Tag.Get("jsonschema")
	if tag == "" || tag == "-" {
		return m, nil
	}
	has := func(name string) bool {
		return slices.ContainsFunc(parseTag(tag), func(k keyword) bool { return k.name == name })
	}
	if has("oneof_required") {
		return m, fmt.Errorf("%v.%s: jsonschema tag: oneof_required: cannot be enforced where members are stored one by one", goType, f.GoName)
	}
	m.Required = has("required")
	alone := reflect.StructOf([]reflect.StructField{{
		Name: goType.FieldByIndex(f.Index).Name, Type: m.stored(),
		Tag: reflect.StructTag("json:" + strconv.Quote(f.Name+",") + " jsonschema:" + strconv.Quote(tag)),
	}})
	codec, err := newCodec(alone, []Option{func(o *options) { o.path = goType.String() }})
	if err != nil {
		return m, err
	}
	m.rules = &TypeCodec{codec}
	return m, nil
}

// stored is the type of what is stored: that of the field, or what it points to.
func (m Member) stored() reflect.Type {
	if m.Type.Kind() == reflect.Pointer {
		return m.Type.Elem()
	}
	return m.Type
}

// Check refuses a value of the member, or of what it points to, that breaks its jsonschema tag; the zero [reflect.Value] stands for a
// member that is left out. The error is a [*ValidationError], whose pointers begin at the object.
func (m Member) Check(value reflect.Value) error {
	switch {
	case m.rules == nil, !value.IsValid() && !m.Required:
		return nil
	case !value.IsValid():
		return m.rules.codec.checkText([]byte("{}"))
	}
	object := reflect.New(m.rules.codec.goType)
	object.Elem().Field(0).Set(value)
	_, err := m.rules.codec.encode(object.Interface())
	return err
}

// Form returns the schema of the member's value, as it is enforced: what its type says, and its jsonschema tag. There is none without a tag.
func (m Member) Form() (form Form, tagged bool) {
	value := m.keywords()
	if value == nil {
		return Form{}, false
	}
	var schema struct {
		Definitions json.RawMessage `json:"$defs"`
	}
	_ = json.Unmarshal(m.rules.codec.schema, &schema) // which was encoded
	if schema.Definitions != nil {
		value["$defs"] = schema.Definitions
	}
	text, _ := json.Marshal(value) // which was decoded
	return Form{Schema: text}, true
}

// keywords returns what the schema of the member says.
func (m Member) keywords() map[string]any {
	if m.rules == nil {
		return nil
	}
	var schema struct{ Properties map[string]map[string]any }
	decoder := json.NewDecoder(bytes.NewReader(m.rules.codec.schema))
	decoder.UseNumber()
	_ = decoder.Decode(&schema) // which was encoded
	return schema.Properties[m.Name]
}

// Default returns the default that the jsonschema tag of the member names, as JSON; nil if it names none.
func (m Member) Default() []byte {
	value, ok := m.keywords()["default"]
	if !ok {
		return nil
	}
	text, _ := json.Marshal(value) // which was decoded
	return text
}

// annotations are keywords that no number breaks.
var annotations = []string{"type", "title", "description", "default", "examples", "readOnly", "writeOnly"}

// Bounds returns the least and the greatest number that the jsonschema tag and the type of the member allow, nil where they set no
// bound, and whether they ask nothing else of it.
func (m Member) Bounds() (least, most *big.Rat, alone bool) {
	alone = true
	for keyword, value := range m.keywords() {
		text, _ := value.(json.Number)
		bound, ok := new(big.Rat).SetString(text.String())
		switch {
		case slices.Contains(annotations, keyword) || strings.HasPrefix(keyword, "x-"):
		case !ok:
			alone = false
		case keyword == "minimum":
			least = tighter(least, bound, 1)
		case keyword == "exclusiveMinimum":
			least = tighter(least, m.next(bound, 1), 1)
		case keyword == "maximum":
			most = tighter(most, bound, -1)
		case keyword == "exclusiveMaximum":
			most = tighter(most, m.next(bound, -1), -1)
		default:
			alone = false
		}
	}
	return least, most, alone
}

// tighter returns the greater of two bounds, or the lesser one where sign is negative.
func tighter(known, bound *big.Rat, sign int) *big.Rat {
	if known == nil || bound.Cmp(known) == sign {
		return bound
	}
	return known
}

// next returns a bound that is allowed in place of one that is not: the nearest number of the type above it, or below.
func (m Member) next(bound *big.Rat, sign int) *big.Rat {
	switch m.stored().Kind() {
	case reflect.Float32:
		number, _ := bound.Float32()
		return new(big.Rat).SetFloat64(float64(math.Nextafter32(number, float32(math.Inf(sign)))))
	case reflect.Float64:
		number, _ := bound.Float64()
		return new(big.Rat).SetFloat64(math.Nextafter(number, math.Inf(sign)))
	default:
		if !bound.IsInt() {
			return bound
		}
		return new(big.Rat).Add(bound, big.NewRat(int64(sign), 1))
	}
}
