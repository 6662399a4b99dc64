package jsonval

import "reflect"

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

// CompilePattern returns what matches a pattern in the plan, and whether that is a table of states, and what does so for the validator of
// record.
func CompilePattern(source string) (matches func(text []byte) bool, hasTable bool, record func(text string) bool, err error) {
	e, err := compileExpression(source)
	if err != nil {
		return nil, false, nil, err
	}
	p := newPattern(e)
	return p.matches, p.steps != nil, e.MatchString, nil
}

// Assured reports whether the codec knows, without a look at its text, that the value satisfies the schema.
func (c *TypeCodec) Assured(value reflect.Value) bool {
	plan, _ := c.codec.engine.(planEngine)
	return plan.assured != nil && plan.assured(value.Addr().UnsafePointer())
}
