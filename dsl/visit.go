package dsl

import (
	"fmt"
	"strings"
)

// Step is one segment of a declared path: a name, or any key of a dynamic store.
type Step struct {
	Name    string
	Dynamic bool
}

// String is the name, or * for a dynamic step.
func (s Step) String() string {
	if s.Dynamic {
		return "*"
	}
	return s.Name
}

// Pattern is the declared path as one line: foo:bar:*.
func Pattern(path []Step) string {
	names := make([]string, len(path))
	for i, step := range path {
		names[i] = step.String()
	}
	return strings.Join(names, Separator)
}

// Visit calls visit for n, whose path is given, and for every node below it in
// the order of declaration, parents first. The path is only good until visit returns.
func Visit(n *Node, path []Step, visit func(n *Node, path []Step)) {
	visit(n, path)
	for _, child := range n.children() {
		Visit(child.Node, append(path, Step{Name: child.Name, Dynamic: n.kind == Dynamic}), visit)
	}
}

// children is the one switch over the structure of kinds; whoever walks a schema
// goes through it. The element of a dynamic store goes by the name *.
func (n *Node) children() []Field {
	switch n.kind {
	case Static:
		return n.fields
	case Dynamic:
		return []Field{{"*", n.element}}
	case Invalid, String, JSON, Set, BitSet:
		return nil
	}
	panic(fmt.Sprintf("dsl: a node of kind %v", n.kind))
}

// IsStore reports whether the node holds other nodes rather than a value.
func (n *Node) IsStore() bool { return n.kind == Static || n.kind == Dynamic }
