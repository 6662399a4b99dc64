// Package record has santhosh-tekuri/jsonschema compile and judge: the validator of record, which knows every draft, and says what a
// schema means. Whoever imports it links all of it, with golang.org/x/text; codecs of reflected schemas do without.
package record

import (
	"errors"
	"fmt"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/kvstore-go/kvstore/jsonval/internal/compiled"
	"github.com/kvstore-go/kvstore/jsonval/internal/tree"
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
	for _, name := range compiled.FormatNames {
		compiler.RegisterFormat(&jsonschema.Format{Name: name, Validate: judged(compiled.FormatNamed(name))})
	}
	if assertContent {
		compiler.AssertContent()
	}
	if err := compiler.AddResource(schemaLocation, schema); err != nil {
		return nil, fmt.Errorf("the schema does not compile: %w", err)
	}
	made, err := compiler.Compile(schemaLocation)
	if err := errors.Join(err, patterns.finish(schema)); err != nil {
		return nil, fmt.Errorf("the schema does not compile: %w", err)
	}
	return made, nil
}

// judged is the judgement of a format. Values that are no strings are of every format.
func judged(format *compiled.Format) func(value any) error {
	return func(value any) error {
		if text, ok := value.(string); ok && !format.Accepts(text) {
			return fmt.Errorf("not of format %s", format.Name)
		}
		return nil
	}
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
	value, refusal := tree.Parse(text, v.depth)
	if !refusal.Empty() {
		return refusal
	}
	err := v.schema.Validate(value)
	if err == nil {
		return violation.Refusal{}
	}
	var failed *jsonschema.ValidationError
	if !errors.As(err, &failed) {
		return violation.Refuse(err, "", violation.Syntax, "the schema could not be applied")
	}
	return refuse(text, failed)
}
