package record

import (
	"encoding/json/jsontext"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/kvstore-go/kvstore/jsonval/internal/ecma"
)

// expressions makes those of one schema, for the validator of record. While it compiles the schema, what is wrong with them is
// collected, to be reported with the places where they stand.
type expressions struct {
	bySource map[string]*ecma.Expression
	problems map[string]error // by source
}

func newExpressions() *expressions {
	return &expressions{bySource: map[string]*ecma.Expression{}, problems: map[string]error{}}
}

// engine is a jsonschema.RegexpEngine.
func (x *expressions) engine(source string) (jsonschema.Regexp, error) {
	if x.bySource == nil { // the schema is compiled: a value of the format regex asks
		return ecma.New(source)
	}
	e, known := x.bySource[source]
	if !known {
		var err error
		if e, err = ecma.Compile(source); err != nil {
			x.problems[source] = err
			e = ecma.Unmatchable(source, err)
		}
		x.bySource[source] = e
	}
	return e, nil
}

// finish ends the compilation of a schema. The error names every pattern that cannot be matched, and each of its places.
func (x *expressions) finish(tree any) error {
	var problems []error
	visitPatterns(tree, "", func(pointer jsontext.Pointer, source string) {
		if err := x.problems[source]; err != nil {
			problems = append(problems, fmt.Errorf("%s: %w", pointer, err))
		}
	})
	if problems == nil { // in a place of which nothing is known here
		problems = slices.Collect(maps.Values(x.problems))
	}
	x.bySource, x.problems = nil, nil
	return errors.Join(problems...)
}

// visitPatterns visits the keywords pattern and patternProperties, and what looks like them in constants, in a stable order.
func visitPatterns(tree any, at jsontext.Pointer, visit func(pointer jsontext.Pointer, source string)) {
	switch tree := tree.(type) {
	case []any:
		for i, item := range tree {
			visitPatterns(item, at.AppendToken(fmt.Sprint(i)), visit)
		}
	case map[string]any:
		for _, name := range slices.Sorted(maps.Keys(tree)) {
			inside := at.AppendToken(name)
			if source, isText := tree[name].(string); isText && name == "pattern" {
				visit(inside, source)
			}
			if members, isObject := tree[name].(map[string]any); isObject && name == "patternProperties" {
				for _, source := range slices.Sorted(maps.Keys(members)) {
					visit(inside.AppendToken(source), source)
				}
			}
			visitPatterns(tree[name], inside, visit)
		}
	}
}
