package jsonval

import (
	"fmt"
	"unsafe"

	"github.com/kvstore-go/kvstore/jsonval/internal/plan"
	"github.com/kvstore-go/kvstore/jsonval/internal/tree"
	"github.com/kvstore-go/kvstore/jsonval/internal/violation"
)

// engine decides whether a JSON text is well formed and satisfies a schema. It is handed the text, not a decoded value, so that an
// engine which never builds a tree can take its place.
type engine interface {
	Check(text []byte) violation.Refusal
	// Fits is Check for those who need not know why.
	Fits(text []byte) bool
}

// compileSchema compiles a schema of any draft: into a plan, or else for the validator of record. Formats are asserted; so is
// contentEncoding when assertContent is set.
func compileSchema(text []byte, depth int, orders plan.MemberOrders, assertContent bool) (engine, error) {
	document, err := parseSchema(text)
	if err != nil {
		return nil, err
	}
	compiled, err := tree.Compile(document, assertContent)
	if err != nil {
		return nil, err
	}
	plan, err := plan.Compile(compiled, depth, orders)
	if err != nil {
		return tree.NewValidator(compiled, depth), nil //nolint:nilerr // that it has no plan is no mistake of the schema
	}
	return plan, nil
}

// checkText judges a text.
func (c *codec) checkText(text []byte) error { return refused(c.engine.Check(text)) }

// checkWritten judges the text that encoding/json has written for the value at an address.
func (c *codec) checkWritten(text []byte, value unsafe.Pointer) error {
	if plan, compiled := c.engine.(*plan.Plan); compiled {
		return refused(plan.CheckWritten(text, value))
	}
	return c.checkText(text)
}

// parseSchema returns the tree of a schema's text.
func parseSchema(text []byte) (any, error) {
	document, refusal := tree.Parse(text, highestMaxDepth)
	if err := refused(refusal); err != nil {
		if refusal.Violations[0].Keyword != violation.Syntax { // there are texts that are JSON, and refused all the same
			return nil, fmt.Errorf("the schema is refused: %w", err)
		}
		return nil, fmt.Errorf("the schema is not JSON: %w", err)
	}
	return document, nil
}
