// Package engine is what a codec asks of whoever judges its texts.
package engine

import (
	"github.com/kvstore-go/kvstore/jsonval/internal/compiled"
	"github.com/kvstore-go/kvstore/jsonval/internal/plan"
	"github.com/kvstore-go/kvstore/jsonval/internal/violation"
)

// Engine decides whether a JSON text is well formed and satisfies a schema. It is handed the text, not a decoded value, so that an
// engine which never builds a tree can take its place.
type Engine interface {
	Check(text []byte) violation.Refusal
	// Fits is Check for those who need not know why.
	Fits(text []byte) bool
}

// Compiler makes an engine of the tree of a schema, for texts nested so deeply at most, and structs whose members are written in such orders.
type Compiler func(schema any, depth int, orders plan.MemberOrders) (Engine, error)

// Reflected is the compiler of schemas that are made of Go types. All of them have a plan.
func Reflected(schema any, depth int, orders plan.MemberOrders) (Engine, error) {
	keywords, err := compiled.Compile(schema)
	if err != nil {
		return nil, err
	}
	return plan.Compile(keywords, depth, orders)
}
