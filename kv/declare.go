package kv

import "github.com/kvstore-go/kvstore/dsl"

// declare applies the options of a field to its node; what is not for every kind
// is in the declaration.
func declare[O interface{ declare(*declaration) }](node *dsl.Node, options []O) (*dsl.Node, declaration) {
	var declared declaration
	for _, option := range options {
		option.declare(&declared)
	}
	switch ttl := declared.ttl; {
	case ttl == nil:
	case *ttl <= 0:
		node = node.WithMistake("a time to live of %v: it must be positive", *ttl)
	default:
		node = node.WithTTL(*ttl)
	}
	if declared.capped && declared.cap <= 0 {
		node = node.WithMistake("a cap of %d elements: it must be positive", declared.cap)
	}
	return node, declared
}
