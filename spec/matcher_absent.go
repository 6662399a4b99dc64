package spec

import "context"

// BeAbsent succeeds if nothing is stored under the handle of a field, or below that
// of a store. A set is absent when it has no members; a BitSetField is not absent
// because all its numbers are 0.
//
//	Expect(rooms.Take("42")).To(spec.BeAbsent())
func BeAbsent() *Matcher {
	return newMatcher("BeAbsent", "the handle of a field or store", func(ctx context.Context, actual any) (finding, bool, error) {
		switch handle := actual.(type) {
		case fieldHandle:
			exists, err := handle.Exists(ctx)
			return finding{!exists, func(negated bool) string {
				but := "it holds nothing"
				if !negated {
					but = "it " + contents(ctx, handle)
				}
				return sentence(handle.Path(), negated, "be absent", but)
			}}, true, err
		case storeHandle:
			keys, taken, err := keysOf(ctx, handle)
			return finding{len(keys) == 0, func(negated bool) string {
				but := "it holds nothing"
				if !negated {
					but = "it holds something under the keys\n" + indented(keys)
				}
				return sentence(handle.Path(), negated, "be absent", but)
			}}, taken, err
		}
		return finding{}, false, nil
	})
}
