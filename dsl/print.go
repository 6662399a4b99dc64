package dsl

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// String draws the node and everything below it as a tree.
func (n *Node) String() string { return draw(n, n.label) }

// String draws the tree with the path of its root on top.
func (t Tree) String() string { return draw(t.root(), Pattern(t.Base())) }

func draw(root *Node, name string) string {
	type line struct{ left, right string }
	var lines []line
	widest := 0
	var add func(n *Node, name, first, below string, isRoot bool)
	add = func(n *Node, name, first, below string, isRoot bool) {
		left := first + name
		lines = append(lines, line{left, n.describe(isRoot)})
		widest = max(widest, utf8.RuneCountInString(left))
		children := n.children()
		for i, child := range children {
			if i < len(children)-1 {
				add(child.Node, tag(child.Name, child.Node.tagged), below+"├── ", below+"│   ", false)
			} else {
				add(child.Node, tag(child.Name, child.Node.tagged), below+"└── ", below+"    ", false)
			}
		}
	}
	add(root, name, "", "", true)
	var text strings.Builder
	for i, line := range lines {
		if i > 0 {
			text.WriteByte('\n')
		}
		text.WriteString(line.left)
		if line.right != "" {
			fmt.Fprintf(&text, "%*s  %s", widest-utf8.RuneCountInString(line.left), "", line.right)
		}
	}
	return text.String()
}

// describe says in a few words what the node holds.
func (n *Node) describe(root bool) string {
	var words []string
	switch {
	case n.kind == Static && !root && n.label != "":
		words = append(words, "("+n.label+")")
	case n.kind == Dynamic && n.detail != "":
		words = append(words, "by "+n.detail)
	case n.kind == BitSet:
		words = append(words, n.kind.String(), n.bits.String())
		if n.bits.Overflow != "" && n.bits.Overflow != "wrap" {
			words = append(words, n.bits.Overflow)
		}
	case !n.IsStore():
		words = append(words, n.kind.String())
		if n.detail != "" {
			words = append(words, n.detail)
		}
	}
	if n.tagged {
		words = append(words, "in one slot")
	}
	if n.index != nil {
		words = append(words, "indexed by "+strings.Join(append([]string{"key"}, n.index.Names...), ", "))
	}
	if n.ttl > 0 {
		words = append(words, fmt.Sprintf("for %v", n.ttl))
		if n.sliding {
			words = append(words, "since it was read")
		}
	}
	if n.near {
		words = append(words, "near")
	}
	return strings.Join(words, " ")
}
