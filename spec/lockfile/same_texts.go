package lockfile

import (
	"slices"

	"github.com/kvstore-go/kvstore/dsl"
	"github.com/kvstore-go/kvstore/jsonval/schemas"
)

// sameTexts reports whether a value that is stored has the same text in another form, which reads it: so elements of sets and keys of maps are
// still found. Of documents that is so if the same members stand in the same order, and none may be left out that had to be there.
func (f form) sameTexts(now form) bool {
	count := func(f form) bool { return f.Text == dsl.Signed || f.Text == dsl.Unsigned }
	switch {
	case now.Text == dsl.Plain || now.Text == dsl.Binary || count(f) && count(now):
		return true
	case f.Text != now.Text: // 1000000 is 1e+06 as a number that need not be an integer
		return false
	case f.Text != dsl.Document:
		return true
	}
	back, err := schemas.Compare(now.schema(), f.schema())
	if err != nil || slices.ContainsFunc(back.Differences, func(d schemas.Difference) bool { return d.Keyword == "required" }) {
		return false
	}
	return slices.EqualFunc(f.Orders, now.Orders, slices.Equal) || !slices.ContainsFunc(f.Orders, func(was []string) bool {
		return slices.ContainsFunc(now.Orders, func(is []string) bool { return !slices.Equal(common(was, is), common(is, was)) })
	})
}

// common are those of some names that are among others, too.
func common(names, others []string) []string {
	return slices.DeleteFunc(slices.Clone(names), func(name string) bool { return !slices.Contains(others, name) })
}
