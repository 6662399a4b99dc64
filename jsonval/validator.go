package jsonval

import (
	"errors"
	"fmt"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// schemaLocation names the schema inside the compiler. It is never loaded from anywhere.
const schemaLocation = "urn:jsonval:schema"

// compileRecord compiles the tree of a schema of any draft. Formats are asserted; so is contentEncoding when assertContent is set.
func compileRecord(schema any, assertContent bool) (*jsonschema.Schema, error) {
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

// treeEngine is the validator of record: it parses a text into a tree and lets santhosh-tekuri/jsonschema walk it.
type treeEngine struct {
	schema *jsonschema.Schema
	depth  int
}

// newTreeEngine returns the validator of a compiled schema, for texts nested so deeply at most.
func newTreeEngine(schema *jsonschema.Schema, depth int) *treeEngine {
	return &treeEngine{schema, depth}
}

// Check judges a text.
func (v *treeEngine) Check(text []byte) foundRefusal {
	tree, refusal := parseDocument(text, v.depth)
	if !refusal.Empty() {
		return refusal
	}
	err := v.schema.Validate(tree)
	if err == nil {
		return foundRefusal{}
	}
	var failed *jsonschema.ValidationError
	if !errors.As(err, &failed) {
		return refuseOne(err, "", keywordSyntax, "the schema could not be applied")
	}
	return refuse(text, failed)
}
