package dsl

// declared is a field with its path, for comparing it with others.
type declared struct {
	path []Step
	node *Node
}

// overlaps finds fields that one key could belong to. Inside one tree a store is
// either static or dynamic, and escaping keeps a dynamic segment within its place,
// so it takes two trees: rooms:* beside rooms:count.
func overlaps(trees []Tree) []Mistake {
	var fields []declared
	for _, tree := range trees {
		tree.Visit(func(n *Node, path []Step) {
			if !n.IsStore() {
				fields = append(fields, declared{append([]Step(nil), path...), n})
			}
		})
	}
	var found []Mistake
	for i, one := range fields {
		for _, other := range fields[i+1:] {
			if meet(one.path, other.path) {
				found = append(found, Mistake{Pattern(one.path), "the same key can be reached as " + Pattern(other.path)})
			}
		}
	}
	return found
}

// meet reports whether one key can follow both paths.
func meet(one, other []Step) bool {
	if len(one) != len(other) {
		return false
	}
	for i, step := range one {
		if step.Tagged != other[i].Tagged || !step.Dynamic && !other[i].Dynamic && step.Name != other[i].Name {
			return false
		}
	}
	return true
}
