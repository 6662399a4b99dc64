package violation

import (
	"encoding/json"
	"encoding/json/jsontext"
	jsonv2 "encoding/json/v2"
	"fmt"
	"math/big"
	"strings"
)

// Rule is an assertion of a schema that a value breaks.
type Rule interface {
	// Violation states it in words that do not repeat the value. Its pointer is empty.
	Violation() Violation
}

// The rules have the keyword's argument, and, where that tells more than it gives away, what was found.
type (
	Type struct {
		Want []string
		Got  string
	}
	Required             struct{ Missing string }
	AdditionalProperties struct{}
	PropertyNames        struct{ Name string }
	FalseSchema          struct{}
	Not                  struct{}
	AnyOf                struct{}
	OneOf                struct{ Several bool } // alternatives that are satisfied
	Enum                 struct{ Want []any }
	Const                struct{ Want any }
	Format               struct{ Want string }
	Pattern              struct{ Want string }
	MinLength            struct{ Want, Got int }
	MaxLength            struct{ Want, Got int }
	MinItems             struct{ Want, Got int }
	MaxItems             struct{ Want, Got int }
	MinProperties        struct{ Want, Got int }
	MaxProperties        struct{ Want, Got int }
	UniqueItems          struct{ First, Second int }
	Minimum              struct{ Want *big.Rat }
	Maximum              struct{ Want *big.Rat }
	ExclusiveMinimum     struct{ Want *big.Rat }
	ExclusiveMaximum     struct{ Want *big.Rat }
	MultipleOf           struct{ Want *big.Rat }
	ContentEncoding      struct{ Want string }
	// Other is a rule by a keyword of which there is nothing more to say.
	Other struct{ Keyword string }
)

func say(keyword, format string, args ...any) Violation {
	return Violation{Keyword: keyword, Message: fmt.Sprintf(format, args...)}
}

func (r Type) Violation() Violation {
	return say("type", "want %s, found %s", strings.Join(r.Want, " or "), r.Got)
}
func (r Required) Violation() Violation { return say("required", "member %q is missing", r.Missing) }
func (r AdditionalProperties) Violation() Violation {
	return say("additionalProperties", "the schema declares no member of this name")
}
func (r PropertyNames) Violation() Violation {
	return say("propertyNames", "the member name %q is not one that the schema allows", r.Name)
}
func (r FalseSchema) Violation() Violation { return say("schema", "no value is allowed here") }
func (r Not) Violation() Violation {
	return say("not", "the value satisfies a schema that it must not satisfy")
}
func (r AnyOf) Violation() Violation {
	return say("anyOf", "the value satisfies none of the alternatives")
}
func (r OneOf) Violation() Violation {
	if r.Several {
		return say("oneOf", "the value satisfies more than one of the alternatives")
	}
	return say("oneOf", "the value satisfies none of the alternatives")
}
func (r Enum) Violation() Violation {
	literals := make([]string, len(r.Want))
	for i, value := range r.Want {
		literals[i] = string(Literal(value))
	}
	return say("enum", "must be one of %s", strings.Join(literals, ", "))
}
func (r Const) Violation() Violation   { return say("const", "must be %s", Literal(r.Want)) }
func (r Format) Violation() Violation  { return say("format", "must be of format %s", r.Want) }
func (r Pattern) Violation() Violation { return say("pattern", "must match %s", r.Want) }
func (r MinLength) Violation() Violation {
	return say("minLength", "must have %d or more characters, has %d", r.Want, r.Got)
}
func (r MaxLength) Violation() Violation {
	return say("maxLength", "must have %d or fewer characters, has %d", r.Want, r.Got)
}
func (r MinItems) Violation() Violation {
	return say("minItems", "must have %d or more items, has %d", r.Want, r.Got)
}
func (r MaxItems) Violation() Violation {
	return say("maxItems", "must have %d or fewer items, has %d", r.Want, r.Got)
}
func (r MinProperties) Violation() Violation {
	return say("minProperties", "must have %d or more members, has %d", r.Want, r.Got)
}
func (r MaxProperties) Violation() Violation {
	return say("maxProperties", "must have %d or fewer members, has %d", r.Want, r.Got)
}
func (r UniqueItems) Violation() Violation {
	return say("uniqueItems", "items must differ, those at %d and %d are equal", r.First, r.Second)
}
func (r Minimum) Violation() Violation { return say("minimum", "must be at least %s", decimal(r.Want)) }
func (r Maximum) Violation() Violation { return say("maximum", "must be at most %s", decimal(r.Want)) }
func (r ExclusiveMinimum) Violation() Violation {
	return say("exclusiveMinimum", "must be more than %s", decimal(r.Want))
}
func (r ExclusiveMaximum) Violation() Violation {
	return say("exclusiveMaximum", "must be less than %s", decimal(r.Want))
}
func (r MultipleOf) Violation() Violation {
	return say("multipleOf", "must be a multiple of %s", decimal(r.Want))
}
func (r ContentEncoding) Violation() Violation {
	return say("contentEncoding", "must be %s text", r.Want)
}
func (r Other) Violation() Violation {
	return say(r.Keyword, "the value does not satisfy the schema")
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
