package spec_test

import (
	"slices"
	"strings"

	"github.com/kvstore-go/kvstore/drivers"
)

// Few registries, ids and values, so that children want each other's unique entries,
// and a registry is told of a child in many ways.
var (
	registries  = []string{"d:r", "r"}
	indexNames  = []string{"x", "y"}
	indexValues = []string{"=", "0=", "1=", "1\xfe=", "2=", "3=\x00"}
	indexKeys   = []string{"d:r::x", "d:r::y", "d:r::", "r::x", "r::y", "r::"}
)

// index draws an Index of key, mostly of the child of "d" that key is.
func (g generator) index(key string) (ix drivers.Index) {
	id := strings.TrimPrefix(key, "d:")
	ix = drivers.Index{Key: key, Registry: registries[0], ID: id, Whole: !g.oneIn(3), Names: indexNames}
	if id == key || g.oneIn(10) {
		ix.Registry = registries[1]
	}
	if g.oneIn(5) {
		ix.Names = indexNames[:g.rng.IntN(3)]
	}
	if g.oneIn(2) { // the ids themselves, of which nobody gives entries
		defer func() { ix.Names = append([]string{""}, ix.Names...) }()
	}
	if g.oneIn(30) {
		ix.ID = pick(g, "a", "other", "\xff")
	}
	if g.oneIn(5) {
		ix.Mark = g.mark()
	}
	ix.Entries = g.entries(ix)
	if g.oneIn(3) {
		ix.Stray = g.entries(ix)
	}
	if g.oneIn(300) {
		ix.Registry, ix.Key = pick(g, "", "r"), pick(g, keys...)
	}
	return ix
}

// mark is one of few, so that who rebuilds finds his own, and others'.
func (g generator) mark() int64 { return pick[int64](g, 1, 1, 2, drivers.MaxMark) }

func (g generator) entries(ix drivers.Index) []drivers.Entry {
	var entries []drivers.Entry
	for range g.rng.IntN(3) {
		if len(ix.Names) > 0 {
			unique := ix.Whole && strings.HasSuffix(ix.Key, ix.ID) && g.oneIn(3)
			entries = append(entries, drivers.Entry{Name: pick(g, ix.Names...), Value: pick(g, indexValues...), Unique: unique})
		}
	}
	return entries
}

// addIndexes gives every other write an Index, or several, and seldom a read. What a
// write to a registry itself would leave in it is undefined.
func (g generator) addIndexes(cmd *drivers.Command) {
	if !cmd.Op.Known() || !slices.Contains(keys, cmd.Key) || g.oneIn(2) || cmd.Op.Effect() != drivers.Writes && !g.oneIn(300) {
		return
	}
	one, another := g.index(cmd.Key), g.index(cmd.Key)
	if cmd.Op == drivers.OpSMove && len(cmd.Keys()) > 0 {
		another = g.index(cmd.Keys()[0])
	}
	cmd.OwnExtra().Indexes = []drivers.Index{one}
	// What two Indexes of one child would say is undefined.
	if child := one.Registry + one.ID; child != another.Registry+another.ID && (cmd.Op == drivers.OpSMove || g.oneIn(10)) {
		cmd.OwnExtra().Indexes = append(cmd.Indexes(), another)
	}
}

func (g generator) end(mostly string) string {
	switch g.rng.IntN(40) {
	case 0:
		return pick(g, "", "x", "+x", "-1")
	case 1, 2:
		return pick(g, "-", "+")
	}
	if g.oneIn(3) {
		return mostly
	}
	return pick(g, "[", "(") + pick(g, indexValues...) + pick(g, "", "a", "b", "\xff")
}
