package dsl

import (
	"strings"
)

// Step is one segment of a declared path: a name, or any key of a dynamic store.
type Step struct {
	Name    string
	Dynamic bool
	Tagged  bool // the segment is a hash tag, in braces
}

// String is the name, or * for a dynamic step, as it is stored.
func (s Step) String() string {
	name := s.Name
	if s.Dynamic {
		name = "*"
	}
	return tag(name, s.Tagged)
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
		Visit(child.Node, append(path, Step{child.Name, n.kind == Dynamic, child.Node.tagged}), visit)
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
	default: // a field
		return nil
	}
}

// IsStore reports whether the node holds other nodes rather than a value.
func (n *Node) IsStore() bool { return n.kind == Static || n.kind == Dynamic }
