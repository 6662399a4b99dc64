package record

import (
	"encoding/json/jsontext"

	"github.com/samber/lo"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/santhosh-tekuri/jsonschema/v6/kind"

	"github.com/kvstore-go/kvstore/jsonval/internal/violation"
)

// describe states the rule of one failure, or the rules, and where they are broken.
func describe(failed *jsonschema.ValidationError) []violation.Violation {
	pointer := toPointer(failed.InstanceLocation)
	at := func(pointer jsontext.Pointer, rule violation.Rule) violation.Violation {
		v := rule.Violation()
		v.Pointer = string(pointer)
		return v
	}
	switch failure := failed.ErrorKind.(type) {
	case *kind.Required:
		return lo.Map(failure.Missing, func(name string, _ int) violation.Violation { return at(pointer, violation.Required{Missing: name}) })
	case *kind.AdditionalProperties:
		return lo.Map(failure.Properties, func(name string, _ int) violation.Violation {
			return at(pointer.AppendToken(name), violation.AdditionalProperties{})
		})
	case *kind.PropertyNames:
		// The validator's location of this one failure is overwritten by those of later members.
		return []violation.Violation{at("", violation.PropertyNames{Name: failure.Property})}
	default:
		return []violation.Violation{at(pointer, ruleOf(failed.ErrorKind))}
	}
}

// ruleOf is the rule that one value breaks.
func ruleOf(failure jsonschema.ErrorKind) violation.Rule {
	switch failure := failure.(type) {
	case *kind.Type:
		return violation.Type{Want: failure.Want, Got: failure.Got}
	case *kind.FalseSchema:
		return violation.FalseSchema{}
	case *kind.Not:
		return violation.Not{}
	case *kind.AnyOf:
		return violation.AnyOf{}
	case *kind.OneOf:
		return violation.OneOf{Several: len(failure.Subschemas) > 0}
	case *kind.Enum:
		return violation.Enum{Want: failure.Want}
	case *kind.Const:
		return violation.Const{Want: failure.Want}
	case *kind.Format:
		return violation.Format{Want: failure.Want}
	case *kind.Pattern:
		return violation.Pattern{Want: failure.Want}
	case *kind.MinLength:
		return violation.MinLength{Want: failure.Want, Got: failure.Got}
	case *kind.MaxLength:
		return violation.MaxLength{Want: failure.Want, Got: failure.Got}
	case *kind.MinItems:
		return violation.MinItems{Want: failure.Want, Got: failure.Got}
	case *kind.MaxItems:
		return violation.MaxItems{Want: failure.Want, Got: failure.Got}
	case *kind.UniqueItems:
		return violation.UniqueItems{First: failure.Duplicates[0], Second: failure.Duplicates[1]}
	case *kind.MinProperties:
		return violation.MinProperties{Want: failure.Want, Got: failure.Got}
	case *kind.MaxProperties:
		return violation.MaxProperties{Want: failure.Want, Got: failure.Got}
	case *kind.Minimum:
		return violation.Minimum{Want: failure.Want}
	case *kind.Maximum:
		return violation.Maximum{Want: failure.Want}
	case *kind.ExclusiveMinimum:
		return violation.ExclusiveMinimum{Want: failure.Want}
	case *kind.ExclusiveMaximum:
		return violation.ExclusiveMaximum{Want: failure.Want}
	case *kind.MultipleOf:
		return violation.MultipleOf{Want: failure.Want}
	case *kind.ContentEncoding:
		return violation.ContentEncoding{Want: failure.Want}
	default:
		if path := failure.KeywordPath(); len(path) > 0 {
			return violation.Other{Keyword: path[0]}
		}
		return violation.Other{Keyword: "schema"}
	}
}

func toPointer(location []string) jsontext.Pointer {
	var pointer jsontext.Pointer
	for _, token := range location {
		pointer = pointer.AppendToken(token)
	}
	return pointer
}
