package jsonval

import (
	"unsafe"

	"github.com/kvstore-go/kvstore/jsonval/internal/engine"
	"github.com/kvstore-go/kvstore/jsonval/internal/plan"
	"github.com/kvstore-go/kvstore/jsonval/internal/tree"
)

// compileSchema compiles the text of a schema.
func compileSchema(text []byte, compile engine.Compiler, depth int, orders plan.MemberOrders) (engine.Engine, error) {
	schema, err := tree.Schema(text)
	if err != nil {
		return nil, err
	}
	return compile(schema, depth, orders)
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
