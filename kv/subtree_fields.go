package kv

import (
	"fmt"
	"slices"

	"github.com/kvstore-go/kvstore/dsl"
)

// fieldOf is a field of a schema, to compare schemas by.
type fieldOf struct {
	Path string `json:"path"` // below the store, * for ids
	Kind string `json:"kind"`
}

// fieldList is the fields below r in the order of declaration.
func (r ref) fieldList() []fieldOf {
	var fields []fieldOf
	dsl.Visit(r.node.node, nil, func(n *dsl.Node, path []dsl.Step) {
		if n.IsStore() {
			return
		}
		path = slices.Clone(path)
		for i := range path {
			path[i].Tagged = false // where values lie is not what they are
		}
		kind := n.Kind().String()
		if n.Kind() == dsl.BitSet {
			kind += " " + n.Bits().String()
		}
		fields = append(fields, fieldOf{dsl.Pattern(path), kind})
	})
	return fields
}

// accepts refuses values of another schema: r must declare every field there is.
func (r ref) accepts(op string, fields []fieldOf) error {
	own := r.fieldList()
	for _, field := range fields {
		if !slices.Contains(own, field) {
			return r.fail(op, fmt.Errorf("%w: another schema: it has a %s at %q, which is not declared here", ErrInvalid, field.Kind, field.Path))
		}
	}
	return nil
}
