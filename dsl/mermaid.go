package dsl

import (
	"fmt"
	"strings"
)

// Mermaid is the tree as a Mermaid flowchart, for documents that render one.
func (t Tree) Mermaid() string {
	var chart strings.Builder
	chart.WriteString("flowchart LR\n")
	count := 0
	parents := map[int]int{} // depth → the node last drawn there
	t.Visit(func(n *Node, path []Step) {
		name := Pattern(path)
		if count > 0 {
			name = path[len(path)-1].String()
		}
		text := mermaidText(name)
		if what := n.describe(count == 0); what != "" {
			text += "<br/>" + mermaidText(what)
		}
		shape := [2]string{"[", "]"}
		if n.IsStore() {
			shape = [2]string{"([", "])"}
		}
		fmt.Fprintf(&chart, "    n%d%s\"%s\"%s\n", count, shape[0], text, shape[1])
		if count > 0 {
			fmt.Fprintf(&chart, "    n%d --> n%d\n", parents[len(path)-1], count)
		}
		parents[len(path)] = count
		count++
	})
	return chart.String()
}

// Mermaid is the node as the root of a chart of its own.
func (n *Node) Mermaid() string { return Tree{Root: n}.Mermaid() }

// mermaidText writes what a quoted label would take for markup as entities.
func mermaidText(text string) string {
	return strings.NewReplacer("&", "&amp;", `"`, "&quot;", "<", "&lt;", ">", "&gt;", "#", "&#35;").Replace(text)
}
