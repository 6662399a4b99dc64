package jsonval

import (
	"errors"
	"fmt"
	"unsafe"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// engine decides whether a JSON text is well formed and satisfies a schema, and answers with a *ValidationError when it
// does not. It is handed the text, not a decoded value, so that an engine which never builds a tree can take its place.
type engine interface {
	check(text []byte) error
	// checkWritten is check for a text that encoding/json has written for the Go value at an address.
	checkWritten(text []byte, value unsafe.Pointer) error
}

// treeEngine is the validator of record: it parses the text into a tree and lets santhosh-tekuri/jsonschema walk it.
type treeEngine struct {
	schema *jsonschema.Schema
	depth  int
}

func (e treeEngine) check(text []byte) error {
	tree, err := parseDocument(text, e.depth)
	if err != nil {
		return err
	}
	err = e.schema.Validate(tree)
	if err == nil {
		return nil
	}
	var failed *jsonschema.ValidationError
	if !errors.As(err, &failed) {
		return refusal(err, "", keywordSyntax, "the schema could not be applied")
	}
	return refuse(text, failed)
}

func (e treeEngine) checkWritten(text []byte, _ unsafe.Pointer) error { return e.check(text) }

// schemaLocation names the schema inside the compiler. It is never loaded from anywhere.
const schemaLocation = "urn:jsonval:schema"

// compileSchema compiles a schema of any draft: into a plan, or else for the validator of record. Formats are asserted; so is
// contentEncoding when assertContent is set.
func compileSchema(text []byte, l limits, orders memberOrders, assertContent bool) (engine, error) {
	compiled, err := compileRecord(text, assertContent)
	if err != nil {
		return nil, err
	}
	plan, err := compilePlan(compiled, l.depth, orders)
	if err != nil {
		return treeEngine{schema: compiled, depth: l.depth}, nil //nolint:nilerr // that it has no plan is no mistake of the schema
	}
	return plan, nil
}

func compileRecord(text []byte, assertContent bool) (*jsonschema.Schema, error) {
	tree, err := parseDocument(text, highestMaxDepth)
	if err != nil {
		return nil, explainSchema(err)
	}
	patterns := newExpressions()
	compiler := jsonschema.NewCompiler()
	compiler.UseLoader(noLoader{})
	compiler.UseRegexpEngine(patterns.engine)
	compiler.AssertFormat()
	if assertContent {
		compiler.AssertContent()
	}
	if err := compiler.AddResource(schemaLocation, tree); err != nil {
		return nil, fmt.Errorf("the schema does not compile: %w", err)
	}
	compiled, err := compiler.Compile(schemaLocation)
	if err := errors.Join(err, patterns.finish(tree)); err != nil {
		return nil, fmt.Errorf("the schema does not compile: %w", err)
	}
	return compiled, nil
}

// explainSchema says why the text of a schema cannot be read: there are texts that are JSON, and refused all the same.
func explainSchema(err error) error {
	var refused *ValidationError
	if errors.As(err, &refused) && refused.Violations[0].Keyword != keywordSyntax {
		return fmt.Errorf("the schema is refused: %w", err)
	}
	return fmt.Errorf("the schema is not JSON: %w", err)
}

// noLoader keeps a schema from reaching files, which the compiler would read by default.
type noLoader struct{}

func (noLoader) Load(location string) (any, error) {
	return nil, fmt.Errorf("%s is outside the schema: references must stay inside it", location)
}
