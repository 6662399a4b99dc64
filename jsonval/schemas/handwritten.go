// Package schemas takes JSON Schemas as texts: one written by hand in place of that of a Go type, and two that are compared.
//
// It links the validator of record, santhosh-tekuri/jsonschema, which knows all drafts. Programs that leave their schemas to their Go
// types do not import it, and do without.
package schemas

import (
	"github.com/kvstore-go/kvstore/jsonval"
	"github.com/kvstore-go/kvstore/jsonval/internal/engine"
	"github.com/kvstore-go/kvstore/jsonval/internal/plan"
	"github.com/kvstore-go/kvstore/jsonval/internal/record"
)

// HandWritten replaces the reflected schema by a hand-written one, in any draft from 4 to 2020-12 ($schema names it; 2020-12
// when it does not). Formats are asserted in every draft; as in JSON Schema, one that is not known is
// an annotation. References must stay inside the schema: nothing is loaded from files or the network. The jsonschema tags
// of the Go type are not consulted. The Go type's shape still has to be one that encoding/json can write. Patterns are those of ECMA-262;
// one that cannot be matched (a lookaround, say) keeps the schema from compiling, and the error names it with the JSON pointer of its
// place: see "Patterns" in the documentation of jsonval.
func HandWritten(schema string) jsonval.Option { return jsonval.CompiledBy(compileAny, schema) }

// compileAny compiles a schema of any draft: into a plan, or else for the validator of record.
func compileAny(schema any, depth int, orders plan.MemberOrders) (engine.Engine, error) {
	made, err := record.Compile(schema, false)
	if err != nil {
		return nil, err
	}
	if plan, err := plan.Compile(record.Keywords(made), depth, orders); err == nil {
		return plan, nil
	}
	return record.NewValidator(made, depth), nil // that it has no plan is no mistake of the schema
}
