package dsl

import (
	"fmt"
	"strings"
)

// Mistake is one thing wrong with a schema, at the declared path of the node.
type Mistake struct {
	Path    string
	Message string
}

// SchemaError lists every mistake of a schema.
type SchemaError struct{ Mistakes []Mistake }

// Error lists the mistakes, one a line.
func (e *SchemaError) Error() string {
	if len(e.Mistakes) == 1 {
		return fmt.Sprintf("schema: %s: %s", e.Mistakes[0].Path, e.Mistakes[0].Message)
	}
	var text strings.Builder
	fmt.Fprintf(&text, "schema: %d mistakes", len(e.Mistakes))
	for _, mistake := range e.Mistakes {
		fmt.Fprintf(&text, "\n\t%s: %s", mistake.Path, mistake.Message)
	}
	return text.String()
}

// Validate reports every mistake of the trees, which share one database, as a
// *SchemaError: bad names, bad options, what was recorded with WithMistake, and
// paths of which one can be reached as the other.
func Validate(trees ...Tree) error {
	var found []Mistake
	for _, tree := range trees {
		found = append(found, tree.mistakes()...)
	}
	if len(found) == 0 { // bad names make overlaps meaningless
		found = overlaps(trees)
	}
	if len(found) == 0 {
		return nil
	}
	return &SchemaError{Mistakes: found}
}

func (t Tree) mistakes() []Mistake {
	var found []Mistake
	report := func(path []Step, format string, args ...any) {
		pattern := Pattern(path)
		if pattern == "" {
			pattern = "(root)"
		}
		found = append(found, Mistake{pattern, fmt.Sprintf(format, args...)})
	}
	root := t.root()
	for _, segment := range t.At {
		if _, err := EscapeSegment(segment); err != nil {
			report(t.Base(), "the segment %q in front of the root: %v", shorten(segment), err)
		}
	}
	if root.kind == Static {
		reportName(root.label, func(problem string) { report(t.Base(), "the name of the root %s", problem) })
	} else if len(t.At) == 0 && root.kind != Invalid {
		report(t.Base(), "a %v has no name of its own: as a root it needs segments in front of it, such as kv.At(\"rooms\")", root.kind)
	}
	t.Visit(func(n *Node, path []Step) {
		for _, message := range n.mistakes {
			report(path, "%s", message)
		}
		if n.kind == Invalid {
			if len(n.mistakes) == 0 {
				report(path, "there is no schema")
			}
			return // as nothing else is known of it
		}
		n.checkTag(path, func(problem string) { report(path, "%s", problem) })
		n.checkIndex(func(problem string) { report(path, "%s", problem) })
		n.checkNear(path, report)
		if n.ttl < 0 {
			report(path, "a negative time to live, %v", n.ttl)
		}
		names := map[string]bool{}
		for _, field := range n.fields {
			reportName(field.Name, func(problem string) { report(path, "the name %q %s", field.Name, problem) })
			if names[field.Name] {
				report(path, "the name %q is declared twice", field.Name)
			}
			names[field.Name] = true
		}
		if n.kind == BitSet {
			reportBits(n.bits, func(problem string) { report(path, "%s", problem) })
		}
	})
	return found
}

func reportName(name string, report func(problem string)) {
	if name == "" {
		report("is empty")
		return
	}
	if escaped, err := EscapeSegment(name); err != nil || escaped != name {
		report("would have to be escaped: names have none of % : { } * ? [ ] \\ and no control characters")
	}
}

func reportBits(bits Bits, report func(problem string)) {
	widest := 63
	if bits.Signed {
		widest = 64
	}
	if bits.Width < 1 || bits.Width > widest {
		report(fmt.Sprintf("slots of %d bits: signed slots have 1 to 64, unsigned ones 1 to 63", bits.Width))
	}
}

// checkTag sees to it that a key has one pair of braces at most.
func (n *Node) checkTag(path []Step, report func(problem string)) {
	if !n.tagged {
		return
	}
	if !n.IsStore() {
		report(fmt.Sprintf("a %v cannot be colocated: it has nothing below it", n.kind))
	}
	for i, above := range path[:max(len(path)-1, 0)] {
		if above.Tagged {
			report("everything below " + Pattern(path[:i+1]) + " is colocated already")
			return
		}
	}
}

// checkNear sees to it that what is kept near can be: not what has to be read to stay.
func (n *Node) checkNear(path []Step, report func(path []Step, format string, args ...any)) {
	if !n.near {
		return
	}
	if !n.IsStore() && !n.kind.KeptNear() {
		report(path, "a %v is not kept near: single values, documents, hashes, maps and sets are", n.kind)
	}
	Visit(n, path, func(below *Node, path []Step) {
		if below.sliding {
			report(path, "its time to live starts anew when it is read, so it cannot be kept near")
		}
	})
}

// checkIndex sees to it that a store can find out which of its keys hold something.
func (n *Node) checkIndex(report func(problem string)) {
	if n.index == nil {
		return
	}
	if n.kind != Dynamic {
		report(fmt.Sprintf("a %v has no keys to index", n.kind))
		return
	}
	names := map[string]bool{}
	for _, name := range n.index.Names {
		reportName(name, func(problem string) { report(fmt.Sprintf("the index %q %s", name, problem)) })
		if names[name] {
			report(fmt.Sprintf("the index %q is declared twice", name))
		}
		names[name] = true
	}
	holds := false
	var check func(below *Node)
	check = func(below *Node) {
		holds = holds || below.kind != Static
		if below.kind == Dynamic {
			if below.index == nil {
				report("its keys are indexed, so those of every dynamic store below it must be")
			}
			return
		}
		for _, child := range below.children() {
			check(child.Node)
		}
	}
	check(n.element)
	if !holds {
		report("its keys are indexed, and nothing lies below them")
	}
}
