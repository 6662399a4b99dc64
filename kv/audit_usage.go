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

type usageTable struct {
	report func([]Usage)
	rows   map[string]*usageRow
	exact  bool // the driver knows, and it costs nothing
	cannot bool // the driver cannot tell
}

type usageRow struct {
	Usage
	table *usageTable
	asked int
}

func newUsageTable(report func([]Usage)) *usageTable {
	return &usageTable{report: report, rows: map[string]*usageRow{}}
}

func (t *usageTable) row(p *place) *usageRow {
	pattern := ""
	if p.node != nil {
		pattern = p.node.pattern
	}
	row := t.rows[pattern]
	if row == nil {
		row = &usageRow{Usage: Usage{Pattern: pattern}, table: t}
		t.rows[pattern] = row
	}
	return row
}

// measures reports whether the next key is to be measured.
func (r *usageRow) measures() bool {
	r.asked++
	return !r.table.cannot && (r.table.exact || r.asked <= measuredFirst || r.asked%measuredOneIn == 0)
}

// measured takes in what was answered. Whatever it failed with, the audit can do without.
func (t *usageTable) measured(p *place, item *drivers.Item) {
	switch {
	case item.Err != nil:
		t.cannot = true
	case !item.Reply.Nil:
		row := t.row(p)
		row.Bytes, row.Measured = row.Bytes+item.Reply.Int, row.Measured+1
		t.exact = item.Reply.Float == 1
	}
}

// count counts a key that has so many milliseconds left.
func (t *usageTable) count(p *place, millis int64) {
	row := t.row(p)
	row.Keys++
	if millis < 0 {
		row.Lasting++
		return
	}
	left := drivers.Span(millis, time.Millisecond)
	if ending := row.Keys - row.Lasting; ending == 1 || left < row.Shortest {
		row.Shortest = left
	}
	row.Longest = max(row.Longest, left)
}

func (t *usageTable) done() {
	var table []Usage
	for _, row := range t.rows {
		if row.Keys == 0 {
			continue
		}
		if row.Measured > 0 && row.Measured != row.Keys {
			row.Bytes = int64(float64(row.Bytes) / float64(row.Measured) * float64(row.Keys))
		}
		table = append(table, row.Usage)
	}
	slices.SortFunc(table, func(a, b Usage) int { return cmp.Compare(a.Pattern, b.Pattern) })
	t.report(table)
}
