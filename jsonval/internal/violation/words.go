package violation

import (
	"encoding/json"
	"encoding/json/jsontext"
	jsonv2 "encoding/json/v2"
	"fmt"
	"math/big"
	"strings"

	"github.com/samber/lo"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/santhosh-tekuri/jsonschema/v6/kind"
)

// Describe states the rule of one failure in words that do not repeat the value.
func Describe(failed *jsonschema.ValidationError) []Violation {
	pointer := toPointer(failed.InstanceLocation)
	one := func(format string, args ...any) []Violation {
		keyword := "schema"
		if path := failed.ErrorKind.KeywordPath(); len(path) > 0 {
			keyword = path[0]
		}
		return []Violation{{Pointer: string(pointer), Keyword: keyword, Message: fmt.Sprintf(format, args...)}}
	}
	switch failure := failed.ErrorKind.(type) {
	case *kind.Type:
		return one("want %s, found %s", strings.Join(failure.Want, " or "), failure.Got)
	case *kind.Required:
		return lo.FlatMap(failure.Missing, func(name string, _ int) []Violation { return one("member %q is missing", name) })
	case *kind.AdditionalProperties:
		return lo.Map(failure.Properties, func(name string, _ int) Violation {
			violation := one("the schema declares no member of this name")[0]
			violation.Pointer = string(pointer.AppendToken(name))
			return violation
		})
	case *kind.PropertyNames:
		// The validator's location of this one failure is overwritten by those of later members.
		violation := one("the member name %q is not one that the schema allows", failure.Property)[0]
		violation.Pointer = ""
		return []Violation{violation}
	case *kind.FalseSchema:
		return one("no value is allowed here")
	case *kind.Not:
		violation := one("the value satisfies a schema that it must not satisfy")[0]
		violation.Keyword = "not"
		return []Violation{violation}
	case *kind.AnyOf:
		return one("the value satisfies none of the alternatives")
	case *kind.OneOf:
		if len(failure.Subschemas) > 0 {
			return one("the value satisfies more than one of the alternatives")
		}
		return one("the value satisfies none of the alternatives")
	case *kind.Enum:
		return one("must be one of %s", literals(failure.Want))
	case *kind.Const:
		return one("must be %s", literals([]any{failure.Want}))
	case *kind.Format:
		return one("must be of format %s", failure.Want)
	case *kind.Pattern:
		return one("must match %s", failure.Want)
	case *kind.MinLength:
		return one("must have %d or more characters, has %d", failure.Want, failure.Got)
	case *kind.MaxLength:
		return one("must have %d or fewer characters, has %d", failure.Want, failure.Got)
	case *kind.MinItems:
		return one("must have %d or more items, has %d", failure.Want, failure.Got)
	case *kind.MaxItems:
		return one("must have %d or fewer items, has %d", failure.Want, failure.Got)
	case *kind.UniqueItems:
		return one("items must differ, those at %d and %d are equal", failure.Duplicates[0], failure.Duplicates[1])
	case *kind.MinProperties:
		return one("must have %d or more members, has %d", failure.Want, failure.Got)
	case *kind.MaxProperties:
		return one("must have %d or fewer members, has %d", failure.Want, failure.Got)
	case *kind.Minimum:
		return one("must be at least %s", decimal(failure.Want))
	case *kind.Maximum:
		return one("must be at most %s", decimal(failure.Want))
	case *kind.ExclusiveMinimum:
		return one("must be more than %s", decimal(failure.Want))
	case *kind.ExclusiveMaximum:
		return one("must be less than %s", decimal(failure.Want))
	case *kind.MultipleOf:
		return one("must be a multiple of %s", decimal(failure.Want))
	case *kind.ContentEncoding:
		return one("must be %s text", failure.Want)
	default:
		return one("the value does not satisfy the schema")
	}
}

func toPointer(location []string) jsontext.Pointer {
	var pointer jsontext.Pointer
	for _, token := range location {
		pointer = pointer.AppendToken(token)
	}
	return pointer
}

func literals(values []any) string {
	return strings.Join(lo.Map(values, func(value any, _ int) string { return string(Literal(value)) }), ", ")
}

// decimal prints a bound as it was most likely written.
func decimal(bound *big.Rat) string {
	if bound.IsInt() && bound.Num().BitLen() <= 64 {
		return bound.Num().String()
	}
	approximate, _ := bound.Float64()
	return fmt.Sprint(approximate)
}

// plainOptions are those of encoding/json v1, but that invalid UTF-8 is an error instead of being altered.
var plainOptions = jsonv2.JoinOptions(json.DefaultOptionsV1(), jsontext.AllowInvalidUTF8(false))

// Literal returns the JSON text of a value that came from JSON, or of a schema keyword.
func Literal(value any) jsontext.Value {
	text, err := jsonv2.Marshal(value, plainOptions)
	if err != nil {
		return jsontext.Value(fmt.Sprintf("%q", fmt.Sprint(value)))
	}
	return text
}
