package lockfile

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// keys compares the keys of dynamic stores.
func (c *comparison) keys(at path, before, now *place) {
	if before.Keys == nil || now.Keys == nil || written(before.Keys) == written(now.Keys) {
		return
	}
	what := fmt.Sprintf("its keys were of %s, and are of %s", before.Keys.words(), now.Keys.words())
	switch fit := before.Keys.fits(*now.Keys); fit.verdict {
	case fitting:
		c.add(Compatible, at, what, "each key that there is can be taken")
	case refused:
		c.add(Breaking, at, what, "what is stored under keys that are none now, such as "+fit.example+", cannot be reached: "+
			"declare the store under another name, and copy what is stored to keys of the new type")
	default:
		c.add(Breaking, at, what, "nobody can tell whether each key that there is can be taken: kv.Audit lists those that cannot")
	}
}

// indexes compares what dynamic stores keep of their keys.
func (c *comparison) indexes(at path, before, now *place) {
	switch {
	case before.Indexes == nil && now.Indexes != nil:
		c.add(NeedsReindex, at, "its keys are indexed now", "what is stored is not in the registry: kv.Keys, Len and Find are not complete before Reindex has been through")
	case before.Indexes != nil && now.Indexes == nil:
		c.add(Compatible, at, "its keys are not indexed any more", "the registry and the indexes stay behind: kv.Audit lists them, and erases them if it is asked to; "+
			"who declares them again needs a Reindex")
		return
	}
	for _, name := range slices.Sorted(maps.Keys(before.Indexes)) {
		if _, still := now.Indexes[name]; !still {
			c.add(NeedsReindex, at, fmt.Sprintf("the index %s is gone", name), "nothing needs what it has, which Reindex erases")
		}
	}
	for _, name := range slices.Sorted(maps.Keys(now.Indexes)) {
		is := now.Indexes[name]
		was, known := before.Indexes[name]
		switch {
		case name == "":
		case !known:
			what := fmt.Sprintf("the index %s is new", name)
			if is.Unique {
				c.add(NeedsReindex, at, what, "a write with a value of it is ErrIncomplete until Reindex has been through, which tells of values that several documents have")
			} else {
				c.add(NeedsReindex, at, what, "Find is ErrIncomplete until Reindex has been through")
			}
		case !slices.Equal(was.By, is.By):
			c.add(NeedsReindex, at, fmt.Sprintf("the index %s was by %s, and is by %s", name, strings.Join(was.By, " and "), strings.Join(is.By, " and ")),
				"Find does not find what was indexed before until Reindex has been through")
			fallthrough
		case was.Unique != is.Unique:
			switch {
			case is.Unique && !was.Unique:
				c.add(NeedsReindex, at, fmt.Sprintf("the index %s is unique now", name), "documents that have one value stay, and can be written no more as they are: "+
					"Reindex and kv.Check tell of them")
			case was.Unique && !is.Unique:
				c.add(Compatible, at, fmt.Sprintf("the index %s is not unique any more", name), "what it has stays right")
			}
		}
	}
}
