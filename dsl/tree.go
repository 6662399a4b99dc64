package dsl

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// ErrUndeclared: a name or a key that the schema does not have.
var ErrUndeclared = errors.New("not declared in the schema")

// Tree is a schema where it is stored: a root behind the segments At. A static
// root is stored under its label, any other root directly under At.
type Tree struct {
	At   []string
	Root *Node
}

// Base is the path of the root, with the segments of At as they are stored.
func (t Tree) Base() []Step {
	base := make([]Step, 0, len(t.At)+1)
	for _, segment := range t.At {
		if escaped, err := EscapeSegment(segment); err == nil {
			segment = escaped
		}
		base = append(base, Step{Name: segment})
	}
	if t.Root.kind == Static {
		base = append(base, Step{Name: t.Root.label})
	}
	return base
}

// Pattern is the path of the root as it names the schema wherever it is stored,
// without telling tenants apart: the label of a static root; for another root, which
// has none, the first segment it is stored behind, and * for those that follow.
func (t Tree) Pattern() string {
	if t.Root.kind == Static {
		return t.Root.label
	}
	base := t.Base()
	for i := range base {
		base[i].Dynamic = i > 0
	}
	return Pattern(base)
}

// Key is the key of the root, or ErrBadKey.
func (t Tree) Key() (string, error) {
	segments := slices.Clone(t.At)
	if t.Root.kind == Static {
		segments = append(segments, t.Root.label)
	}
	return Join(segments...)
}

// Visit walks the tree with the full path of every node.
func (t Tree) Visit(visit func(n *Node, path []Step)) { Visit(t.Root, t.Base(), visit) }

// Location is where a key lies in a tree.
type Location struct {
	Node     *Node
	Pattern  string   // the declared path, * for dynamic segments
	Segments []string // the dynamic segments, unescaped
}

// Parse finds the field a storage key belongs to. A key that no path of the tree
// leads to is ErrUndeclared, one with a segment that is not canonical ErrBadKey.
func (t Tree) Parse(key string) (Location, error) {
	root, err := t.Key()
	if err != nil {
		return Location{}, err
	}
	undeclared := fmt.Errorf("%q: %w", shorten(key), ErrUndeclared)
	rest, below := strings.CutPrefix(key, root)
	var escaped []string
	if below && rest != "" {
		if rest, below = strings.CutPrefix(rest, Separator); below {
			escaped = strings.Split(rest, Separator)
		}
	}
	if !below {
		return Location{}, undeclared
	}
	node, path, segments := t.Root, t.Base(), []string(nil)
	for _, name := range escaped {
		step := Step{Name: name}
		switch node.kind {
		case Static:
			if node = node.field(name); node == nil {
				return Location{}, undeclared
			}
		case Dynamic:
			segment, err := UnescapeSegment(name)
			if err != nil {
				return Location{}, err
			}
			segments, node, step = append(segments, segment), node.element, Step{Dynamic: true}
		default:
			return Location{}, undeclared
		}
		path = append(path, step)
	}
	if node.IsStore() {
		return Location{}, undeclared
	}
	return Location{Node: node, Pattern: Pattern(path), Segments: segments}, nil
}

func (n *Node) field(name string) *Node {
	for _, field := range n.fields {
		if field.Name == name {
			return field.Node
		}
	}
	return nil
}
