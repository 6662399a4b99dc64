package lockfile

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"

	"github.com/kvstore-go/kvstore/dsl"
)

// Compare says in what a schema is not what it was, and what follows, the worst first. There are no differences if, and only if, both have one
// text. Two schemas whose roots have different names, or that have nothing in common, are ErrOtherSchema.
func Compare(before, now *Lock) ([]Difference, error) {
	if before.name != now.name {
		return nil, fmt.Errorf("%w: %q, and not %q", ErrOtherSchema, before.name, now.name)
	}
	if stored(before.root.kind()) != stored(now.root.kind()) || before.root.isStore() != now.root.isStore() {
		return nil, fmt.Errorf("%w: of a %v, and not of a %v", ErrOtherSchema, before.root.Kind, now.root.Kind)
	}
	c := comparison{}
	root := path{now.name}
	if now.root.Colocated {
		root = path{"{" + now.name + "}"}
	}
	c.places(root, before.root, now.root)
	c.moves()
	if len(before.root.Fields) > 0 && len(now.root.Fields) > 0 && len(c.shared) == 0 && !c.moved {
		return nil, fmt.Errorf("%w: none of the fields of %s is in both", ErrOtherSchema, root)
	}
	return sorted(c.found), nil
}

// comparison is the differences of two locks, as far as they were found.
type comparison struct {
	found          []Difference
	removed, added []located
	shared         []string // the names of fields that are in both
	moved          bool     // something that is gone stands somewhere else
}

// located is a place that is in one of the locks alone.
type located struct {
	at    path
	place *place
}

func (c *comparison) add(class Class, at path, what, then string) {
	c.found = append(c.found, Difference{class, at.String(), what, then})
}

// places compares two places under one path.
func (c *comparison) places(at path, before, now *place) {
	known := len(c.found)
	switch {
	case before.kind() != now.kind():
		c.kinds(at, before, now)
		return
	case now.kind() == dsl.Static:
		c.fields(at, before, now)
	case now.kind() == dsl.Dynamic:
		c.keys(at, before, now)
		c.indexes(at, before, now)
		c.places(at.below("*", now.Element), before.Element, now.Element)
	default:
		c.values(at, before, now)
	}
	own := slices.ContainsFunc(c.found[known:], func(d Difference) bool { return d.Path == at.String() })
	if before.Colocated != now.Colocated {
		c.colocation(at, now)
	} else if !own && written(before.alone()) != written(now.alone()) {
		c.add(Compatible, at, "it is written in another way", "nothing follows for what is stored")
	}
}

func (c *comparison) colocation(at path, now *place) {
	what := "it is not colocated any more"
	if now.Colocated {
		what = "it is colocated now"
	}
	c.add(Breaking, at, what, "its keys have other names, and what is stored under the old ones is orphaned: "+
		"open it with the schema that it had, and kv.Copy or kv.Move what is stored to where it is now")
}

func (c *comparison) fields(at path, before, now *place) {
	for _, name := range slices.Sorted(maps.Keys(before.Fields)) {
		was, is := before.Fields[name], now.Fields[name]
		if is == nil {
			c.removed = append(c.removed, located{at.below(name, was), was})
			continue
		}
		c.shared = append(c.shared, name)
		c.places(at.below(name, is), was, is)
	}
	for _, name := range slices.Sorted(maps.Keys(now.Fields)) {
		if is := now.Fields[name]; before.Fields[name] == nil {
			c.added = append(c.added, located{at.below(name, is), is})
		}
	}
}

// moves says of what is gone whether something like it has come somewhere else.
func (c *comparison) moves() {
	taken := map[*place]bool{}
	for _, gone := range c.removed {
		switch to, found := gone.movedTo(c.added, taken); {
		case !gone.place.keeps():
			c.add(Compatible, gone.at, "it is gone", "nothing is stored there for long")
		case found:
			c.moved, taken[to.place] = true, true
			c.add(Breaking, gone.at, "it is gone", fmt.Sprintf("what is stored is orphaned; %s, which is new, is declared alike: if it was renamed, "+
				"declare both, kv.Move what is stored, and take out the old one when no program uses it any more", to.at))
		default:
			c.add(Breaking, gone.at, "it is gone", "what is stored is orphaned: kv.Audit lists it, and erases it if it is asked to; "+
				"if it was renamed, declare both, and kv.Move what is stored")
		}
	}
	for _, come := range c.added {
		c.add(Compatible, come.at, "it is new", "nothing is stored there")
	}
}

// movedTo is a place that has come, and is declared as the one that is gone: one that has its name, or is beside it, rather than another.
func (l located) movedTo(added []located, taken map[*place]bool) (to located, found bool) {
	best := -1
	for _, candidate := range added {
		if taken[candidate.place] || written(candidate.place) != written(l.place) {
			continue
		}
		likeness := 0
		if slices.Equal(candidate.at[:len(candidate.at)-1], l.at[:len(l.at)-1]) {
			likeness++
		}
		if candidate.at[len(candidate.at)-1] == l.at[len(l.at)-1] {
			likeness += 2
		}
		if likeness > best {
			best, to = likeness, candidate
		}
	}
	return to, best >= 0
}

// keeps reports whether something is stored at, or below, a place that does not end by itself soon.
func (p *place) keeps() bool {
	switch p.kind() {
	case dsl.Static:
		return slices.ContainsFunc(slices.Collect(maps.Values(p.Fields)), (*place).keeps)
	case dsl.Dynamic:
		return p.Element.keeps()
	case dsl.Topic, dsl.Lock, dsl.Limiter:
		return false
	default:
		return true
	}
}

func (p *place) isStore() bool { return p.kind() == dsl.Static || p.kind() == dsl.Dynamic }

// kinds compares places of two kinds.
func (c *comparison) kinds(at path, before, now *place) {
	what := fmt.Sprintf("its kind was %s, and is %s", before.Kind, now.Kind)
	switch {
	case !before.keeps():
		c.add(Compatible, at, what, "nothing is stored there for long: until what is has ended, it is refused with ErrWrongType, or taken for something else")
	case before.isStore() != now.isStore():
		c.add(Breaking, at, what, "what is stored is orphaned: kv.Audit lists it, and erases it if it is asked to")
	case before.isStore():
		c.stores(at, what, before, now)
	default:
		c.fieldKinds(at, what, before, now)
	}
}

// stores compares a static store with a dynamic one.
func (c *comparison) stores(at path, what string, before, now *place) {
	if before.kind() == dsl.Dynamic {
		c.add(Breaking, at, what, "what is stored under any other key than the names of its fields is orphaned: declare the dynamic store under another name, "+
			"and kv.Move what is stored")
		return
	}
	if now.Colocated != before.Colocated {
		c.colocation(at, now)
	}
	c.add(Compatible, at, what, "the fields that it had are keys now")
	if len(now.Indexes) > 0 {
		c.indexes(at, before, now)
	}
	for _, name := range slices.Sorted(maps.Keys(before.Fields)) {
		was := before.Fields[name]
		under := at.below(name, now.Element)
		if now.Keys != nil && keyNamed(name).fits(*now.Keys).verdict == fitting {
			c.places(under, was, now.Element)
		} else {
			c.add(Breaking, under, "it is no key of the dynamic store", "what is stored is orphaned: kv.Move it to a key before")
		}
	}
}

// keyNamed is the form of keys that are all of one text.
func keyNamed(name string) form {
	notation, value := dsl.Plain, any(name)
	if number, err := strconv.ParseInt(name, 10, 64); err == nil && strconv.FormatInt(number, 10) == name {
		notation, value = dsl.Signed, number
	}
	text, _ := json.Marshal(map[string]any{"enum": []any{value}}) //nolint:errchkjson // it is a text or an integer
	return form{Text: notation, Schema: text}
}
