package jsonval

import (
	"reflect"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// SchemaOf reflects a type that only exists at run time, as NewCodec does.
func SchemaOf(t reflect.Type) ([]byte, error) {
	o, err := newOptions(nil)
	if err != nil {
		return nil, err
	}
	reflected, err := reflectSchema(t, o)
	if err != nil {
		return nil, err
	}
	_, err = compileSchema(reflected.text, o.limits, reflected.orders, true)
	return reflected.text, err
}

// Engines returns the plan of a schema and the validator of record. The plan is nil when the schema has none; the error says why.
func Engines(schema string, maxDepth int, generated bool) (plan, record func(text []byte) error, err error) {
	compiled, err := compileRecord([]byte(schema), generated)
	if err != nil {
		return nil, nil, err
	}
	tree := treeEngine{schema: compiled, depth: maxDepth}
	engine, err := compilePlan(compiled, maxDepth, nil)
	if err != nil {
		return nil, tree.check, err
	}
	return engine.check, tree.check, nil
}

// CompilePattern returns what matches a pattern, and whether that is a table of states.
func CompilePattern(regexp jsonschema.Regexp) (matches func(text []byte) bool, hasTable bool) {
	p := newPattern(regexp)
	return p.matches, p.steps != nil
}

// Assured reports whether the codec knows, without a look at its text, that the value satisfies the schema.
func (c *TypeCodec) Assured(value reflect.Value) bool {
	plan, _ := c.codec.engine.(planEngine)
	return plan.assured != nil && plan.assured(value.Addr().UnsafePointer())
}
