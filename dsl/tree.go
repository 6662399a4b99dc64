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

// root is the root; of a zero Tree, one that Validate refuses.
func (t Tree) root() *Node { return orInvalid(t.Root) }

// Base is the path of the root, with the segments of At as they are stored.
func (t Tree) Base() []Step {
	base := make([]Step, 0, len(t.At)+1)
	for _, segment := range t.At {
		if escaped, err := EscapeSegment(segment); err == nil {
			segment = escaped
		}
		base = append(base, Step{Name: segment})
	}
	if t.root().kind == Static {
		base = append(base, Step{Name: t.root().label})
	}
	if len(base) > 0 {
		base[len(base)-1].Tagged = t.root().tagged
	}
	return base
}

// Pattern is the path of the root as it names the schema wherever it is stored,
// without telling tenants apart: the label of a static root; for another root, which
// has none, the first segment it is stored behind, and * for those that follow.
func (t Tree) Pattern() string {
	base := t.Base()
	if t.root().kind == Static {
		return Pattern(base[len(base)-1:])
	}
	for i := range base {
		base[i].Dynamic = i > 0
	}
	return Pattern(base)
}

// Key is the key of the root, or ErrBadKey.
func (t Tree) Key() (string, error) {
	segments := slices.Clone(t.At)
	if t.root().kind == Static {
		segments = append(segments, t.root().label)
	}
	key, err := Join(segments...)
	if err != nil {
		return "", err
	}
	last := strings.LastIndex(key, Separator) + 1
	return key[:last] + t.root().TagSegment(key[last:]), nil
}

// Visit walks the tree with the full path of every node.
func (t Tree) Visit(visit func(n *Node, path []Step)) { Visit(t.root(), t.Base(), visit) }

// Location is where a key lies in a tree.
type Location struct {
	Node     *Node
	Pattern  string   // the declared path, * for dynamic segments
	Segments []string // the dynamic segments, unescaped
	// Index reports a key that holds what Node, a dynamic store, keeps of its keys.
	Index bool
}

// Parse finds the field a storage key belongs to, or the store whose registry or index
// it is. A key that no path of the tree leads to is ErrUndeclared, one with a segment
// that is not canonical ErrBadKey.
func (t Tree) Parse(key string) (Location, error) {
	undeclared := fmt.Errorf("%q: %w", shorten(key), ErrUndeclared)
	if path, name, isIndex, ok := indexed(key); ok {
		at, err := t.locate(path, undeclared)
		if err == nil && !at.Node.keeps(name, isIndex) {
			err = undeclared
		}
		if err != nil {
			return Location{}, err
		}
		at.Index = true
		return at, nil
	}
	at, err := t.locate(key, undeclared)
	if err == nil && at.Node.IsStore() {
		err = undeclared
	}
	if err != nil {
		return Location{}, err
	}
	return at, nil
}

// locate finds the node a path leads to.
func (t Tree) locate(key string, undeclared error) (Location, error) {
	root, err := t.Key()
	if err != nil {
		return Location{}, err
	}
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
	node, path, segments := t.root(), t.Base(), []string(nil)
	for _, stored := range escaped {
		child, segment, err := node.descend(stored)
		switch {
		case err != nil:
			return Location{}, err
		case child == nil:
			return Location{}, undeclared
		}
		if node.kind == Dynamic {
			segments = append(segments, segment)
		}
		path = append(path, Step{segment, node.kind == Dynamic, child.tagged})
		node = child
	}
	return Location{Node: node, Pattern: Pattern(path), Segments: segments}, nil
}

// descend is the child a stored segment leads to, nil if there is none, and the segment itself.
func (n *Node) descend(stored string) (child *Node, segment string, err error) {
	switch n.kind {
	case Static:
		for _, field := range n.fields {
			if field.Node.TagSegment(field.Name) == stored {
				return field.Node, field.Name, nil
			}
		}
		return nil, "", nil
	case Dynamic:
		escaped, err := n.element.UntagSegment(stored)
		if err == nil {
			segment, err = UnescapeSegment(escaped)
		}
		return n.element, segment, err
	default:
		return nil, "", nil
	}
}

// keeps reports whether n keeps a registry, or an index of that name. A store that indexes
// its keys alone keeps one without a name; see drivers.Index.
func (n *Node) keeps(name string, isIndex bool) bool {
	switch {
	case n.index == nil:
		return false
	case !isIndex:
		return true
	}
	return slices.Contains(n.index.Stored(), name)
}
