// Package tree parses a text into a tree, and has santhosh-tekuri/jsonschema judge it: the validator of record, which compiles every
// schema, and says what it means.
package tree

import (
	"errors"
	"fmt"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/kvstore-go/kvstore/jsonval/internal/violation"
)

// schemaLocation names the schema inside the compiler. It is never loaded from anywhere.
const schemaLocation = "urn:jsonval:schema"

// Compile compiles the tree of a schema of any draft. Formats are asserted; so is contentEncoding when assertContent is set.
func Compile(schema any, assertContent bool) (*jsonschema.Schema, error) {
	patterns := newExpressions()
	compiler := jsonschema.NewCompiler()
	compiler.UseLoader(noLoader{})
	compiler.UseRegexpEngine(patterns.engine)
	compiler.AssertFormat()
	if assertContent {
		compiler.AssertContent()
	}
	if err := compiler.AddResource(schemaLocation, schema); err != nil {
		return nil, fmt.Errorf("the schema does not compile: %w", err)
	}
	compiled, err := compiler.Compile(schemaLocation)
	if err := errors.Join(err, patterns.finish(schema)); err != nil {
		return nil, fmt.Errorf("the schema does not compile: %w", err)
	}
	return compiled, nil
}

// noLoader keeps a schema from reaching files, which the compiler would read by default.
type noLoader struct{}

func (noLoader) Load(location string) (any, error) {
	return nil, fmt.Errorf("%s is outside the schema: references must stay inside it", location)
}

// Validator is the validator of record: it parses a text into a tree and lets santhosh-tekuri/jsonschema walk it.
type Validator struct {
	schema *jsonschema.Schema
	depth  int
}

// NewValidator returns the validator of a compiled schema, for texts nested so deeply at most.
func NewValidator(schema *jsonschema.Schema, depth int) *Validator {
	return &Validator{schema, depth}
}

// Fits reports whether a text is well formed and satisfies the schema.
func (v *Validator) Fits(text []byte) bool { return v.Check(text).Empty() }

// Check judges a text.
func (v *Validator) Check(text []byte) violation.Refusal {
	tree, refusal := Parse(text, v.depth)
	if !refusal.Empty() {
		return refusal
	}
	err := v.schema.Validate(tree)
	if err == nil {
		return violation.Refusal{}
	}
	var failed *jsonschema.ValidationError
	if !errors.As(err, &failed) {
		return violation.Refuse(err, "", violation.Syntax, "the schema could not be applied")
	}
	return refuse(text, failed)
}
