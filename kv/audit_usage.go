package kv

import (
	"cmp"
	"slices"
	"time"

	"github.com/kvstore-go/kvstore/drivers"
)

// Usage is what is stored under a declared path.
type Usage struct {
	Pattern string // the path, with * for ids: chat:rooms:*:config; empty for what no declaration covers
	Keys    int
	// Bytes is what the keys take, with their values: exact in memory; on Redis an estimate, made of Measured of the
	// keys, of which the server in turn samples large collections. It is 0 where the driver cannot tell.
	Bytes    int64
	Measured int
	// Lasting keys stay for ever. The others have between Shortest and Longest left.
	Lasting           int
	Shortest, Longest time.Duration
}

// Where bytes are estimated, the first of a path's keys are all measured, and of the others one in so many.
const (
	measuredFirst = auditPage
	measuredOneIn = 16
)

// usageTable has a row for each node, nil for what nothing declares. How much memory they take is noted by who reads
// the keys, the rest by who judges them.
type usageTable struct {
	report   func([]Usage)
	rows     map[*bound]*Usage
	measures map[*bound]*measuredBytes
	exact    bool // the driver knows, and it costs nothing
	cannot   bool // the driver cannot tell
}

type measuredBytes struct {
	seen, keys int
	bytes      int64
}

func newUsageTable(report func([]Usage)) *usageTable {
	return &usageTable{report: report, rows: map[*bound]*Usage{}, measures: map[*bound]*measuredBytes{}}
}

// measure reports whether the next key of a node is to be measured.
func (t *usageTable) measure(node *bound) bool {
	m := t.measures[node]
	if m == nil {
		m = &measuredBytes{}
		t.measures[node] = m
	}
	m.seen++
	return !t.cannot && (t.exact || m.seen <= measuredFirst || m.seen%measuredOneIn == 0)
}

// measured takes in what was answered. Whatever it failed with, the audit can do without.
func (t *usageTable) measured(page *auditedPage) {
	items := page.batch.Items
	for i := range page.visits {
		v := &page.visits[i]
		if v.kept {
			continue
		}
		last := &items[v.asked-1]
		items = items[v.asked:]
		switch {
		case last.Command.Op != drivers.OpMemoryUsage || last.Reply.Nil:
		case last.Err != nil:
			t.cannot = true
		default:
			m := t.measures[v.node]
			m.keys, m.bytes = m.keys+1, m.bytes+last.Reply.Int
			t.exact = last.Reply.Float == 1
		}
	}
}

// count counts a key that has so many milliseconds left.
func (t *usageTable) count(node *bound, millis int64) {
	row := t.rows[node]
	if row == nil {
		row = &Usage{}
		if node != nil {
			row.Pattern = node.pattern
		}
		t.rows[node] = row
	}
	row.Keys++
	if millis < 0 {
		row.Lasting++
		return
	}
	left := milliseconds(millis)
	if ending := row.Keys - row.Lasting; ending == 1 || left < row.Shortest {
		row.Shortest = left
	}
	row.Longest = max(row.Longest, left)
}

// done reports the table, when nothing is read any more.
func (t *usageTable) done() {
	table := make([]Usage, 0, len(t.rows))
	for node, row := range t.rows {
		if m := t.measures[node]; m.keys > 0 {
			row.Measured, row.Bytes = min(m.keys, row.Keys), m.bytes
			if m.keys != row.Keys {
				row.Bytes = int64(float64(m.bytes) / float64(m.keys) * float64(row.Keys))
			}
		}
		table = append(table, *row)
	}
	slices.SortFunc(table, func(a, b Usage) int { return cmp.Compare(a.Pattern, b.Pattern) })
	t.report(table)
}
