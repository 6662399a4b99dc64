package lockfile

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/kvstore-go/kvstore/dsl"
)

// values compares two fields of one kind.
func (c *comparison) values(at path, before, now *place) {
	c.lifetime(at, before, now)
	if before.Slots != now.Slots {
		c.add(Breaking, at, fmt.Sprintf("its slots were %s, and are %s", before.Slots, now.Slots), "what is stored is taken for other numbers: "+
			"declare another bitset beside it, and copy it slot by slot")
	}
	if before.Overflow != now.Overflow {
		c.add(Compatible, at, fmt.Sprintf("a slot that overflows did %s, and does %s", before.Overflow, now.Overflow), "numbers that are stored stay as they are")
	}
	switch {
	case before.Cap == now.Cap:
	case now.Cap == 0:
		c.add(Compatible, at, fmt.Sprintf("it kept %d elements, and keeps all", before.Cap), "nothing is dropped any more")
	case before.Cap == 0 || now.Cap < before.Cap:
		c.add(Compatible, at, fmt.Sprintf("it keeps %d elements, and kept %s", now.Cap, number(before.Cap)), "what is beyond is dropped when the next one is put in")
	default:
		c.add(Compatible, at, fmt.Sprintf("it keeps %d elements, and kept %d", now.Cap, before.Cap), "nothing follows for what is stored")
	}
	if before.Lease != now.Lease {
		c.add(Compatible, at, fmt.Sprintf("its lease was %s, and is %s", before.Lease, now.Lease), "a lock that is held ends as it was to")
	}
	if written(before.Rates) != written(now.Rates) {
		c.add(Compatible, at, fmt.Sprintf("its rates were %s, and are %s", rates(before.Rates), rates(now.Rates)), "it is shut no longer than a burst takes to come back")
	}
	if before.Keys != nil && now.Keys != nil {
		c.mapKeys(at, *before.Keys, *now.Keys)
	}
	c.forms(at, before, now)
}

func number(elements int) string {
	if elements == 0 {
		return "all"
	}
	return fmt.Sprint(elements)
}

func rates(declared []string) string { return cmp.Or(strings.Join(declared, " and "), "not declared") }

func (c *comparison) lifetime(at path, before, now *place) {
	switch {
	case before.TTL == now.TTL:
	case before.TTL == "":
		c.add(Compatible, at, fmt.Sprintf("values live for %s now", now.TTL), "what is stored stays until it is written again: kv.Audit finds what has no time to live")
	case now.TTL == "":
		c.add(Compatible, at, fmt.Sprintf("values lived for %s, and stay now", before.TTL), "what is stored ends when it was to, unless Persist is called")
	default:
		c.add(Compatible, at, fmt.Sprintf("values lived for %s, and live for %s", before.TTL, now.TTL), "what is stored keeps the time that it has until it is written again")
	}
	switch {
	case before.Sliding == now.Sliding:
	case now.Sliding:
		c.add(Compatible, at, "Read starts the time to live anew now", "it is a write, for which a user needs the rights, and which a replica does not take")
	default:
		c.add(Compatible, at, "Read does not start the time to live anew any more", "what is stored ends when it was to")
	}
}

// mapKeys compares the keys of maps, which are found by their text.
func (c *comparison) mapKeys(at path, before, now form) {
	if written(before) == written(now) {
		return
	}
	what := fmt.Sprintf("its keys were of %s, and are of %s", before.words(), now.words())
	switch fit := before.fits(now); {
	case fit.verdict == fitting && before.sameTexts(now):
		c.add(Compatible, at, what, "each key that there is can be read, and found")
	case fit.verdict == refused:
		c.add(Breaking, at, what, "keys that are none now, such as "+fit.example+", are refused: declare another map beside it, and copy what is stored")
	default:
		c.add(Breaking, at, what, "nobody can tell whether each key that there is is found: try it with a copy of what is stored")
	}
}

// fieldKinds compares fields of two kinds.
func (c *comparison) fieldKinds(at path, what string, before, now *place) {
	const copied = "declare it under another name, and copy what is stored"
	raw := before.kind() == dsl.BitSet || before.kind() == dsl.Bitmap || before.kind() == dsl.HyperLogLog
	switch {
	case single(before) && single(now):
		c.lifetime(at, before, now)
		known := len(c.found)
		c.forms(at, before, now)
		if len(c.found) == known {
			c.add(Compatible, at, what, "what is stored is read as the same values")
		}
	case raw && len(now.Forms) > 0 && (now.Forms[0].Text == dsl.Binary || now.Forms[0].Text == dsl.Plain) && now.Forms[0].Schema == nil && single(now):
		c.lifetime(at, before, now)
		c.add(Compatible, at, what, "it is read as the bytes that are stored")
	case before.kind() == dsl.Hash && now.kind() == dsl.Map && before.isMapOf(now):
		c.lifetime(at, before, now)
		c.add(Compatible, at, what, "its fields are keys now, and what they hold is read as values")
	case stored(before.kind()) == stored(now.kind()):
		c.add(Breaking, at, what, "what is stored is taken for something else, or refused: "+copied)
	default:
		c.add(Breaking, at, what, "what is stored is refused with ErrWrongType: "+copied)
	}
}

// single reports whether a field is a single value with a text.
func single(p *place) bool {
	switch p.kind() {
	case dsl.String, dsl.JSON, dsl.Bytes, dsl.Int, dsl.Float, dsl.Bool, dsl.Time, dsl.Duration, dsl.Enum, dsl.Text:
		return len(p.Forms) > 0
	default:
		return false
	}
}

// stored is the type that Redis has for a kind of field.
func stored(kind dsl.Kind) string {
	switch kind {
	case dsl.Set:
		return "set"
	case dsl.List:
		return "list"
	case dsl.SortedSet, dsl.Geo, dsl.Queue:
		return "zset"
	case dsl.Hash, dsl.Map:
		return "hash"
	case dsl.Stream:
		return "stream"
	case dsl.Topic, dsl.Static, dsl.Dynamic, dsl.Invalid:
		return "none"
	default:
		return "string"
	}
}

// isMapOf reports whether a hash can be read as a map.
func (p *place) isMapOf(now *place) bool {
	if now.Keys == nil || now.Keys.Text != dsl.Plain || now.Keys.Schema != nil || len(now.Forms) == 0 {
		return false
	}
	for _, hash := range p.Forms {
		for _, field := range hash.Fields {
			if field.fits(now.Forms[0]).verdict != fitting {
				return false
			}
		}
	}
	return true
}
