package bench

import (
	"cmp"
	"fmt"
	"io"
	"runtime"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/kvstore-go/kvstore/spec/bench/interleave"
)

// report collects the rows of a run.
var report table

type table struct {
	rows  []row
	redis string // its version; empty where there was none
}

type row struct {
	measurement
	got       result
	allocated *allocations // nil if not counted
}

// add puts a row in; of a row that is measured again the last result counts.
func (t *table) add(r row) {
	for i, old := range t.rows {
		if old.group == r.group && old.name == r.name {
			t.rows[i] = r
			return
		}
	}
	t.rows = append(t.rows, r)
}

func (t *table) print(w io.Writer) error {
	redis := "no redis-server: what needs it was left out"
	if t.redis != "" {
		redis = "Redis " + t.redis
	}
	var text strings.Builder
	fmt.Fprintf(&text, "\n%s, %s/%s, %d CPUs, %s\n", runtime.Version(), runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), redis)
	columns := tabwriter.NewWriter(&text, 0, 0, 2, ' ', 0)
	slices.SortStableFunc(t.rows, func(a, b row) int { return cmp.Compare(a.group, b.group) })
	for i, r := range t.rows {
		if i == 0 || r.group != t.rows[i-1].group {
			fmt.Fprintf(columns, "\n%s\n", titles[r.group])
			fmt.Fprintln(columns, "  \tours\tother\tratio\tquartiles\tbar\tallocations\tbar\t")
		}
		fmt.Fprintf(columns, "  %s\n", strings.Join(r.cells(), "\t"))
	}
	if err := columns.Flush(); err != nil {
		return err
	}
	_, err := fmt.Fprintln(w, text.String())
	return err
}

const notMeasured = "not measured: the machine is too busy"

func (r row) cells() []string {
	if r.got.pairs == 0 {
		return []string{r.name, "", "", "", "", r.bar.text, "", "", notMeasured}
	}
	ratio := r.bar.ratio(r.got)
	allocated, budget := "", ""
	if r.allocated != nil {
		allocated, budget = r.allocated.String(), noBar.text
		if r.allocated.budget != nil {
			budget = r.allocated.budget.text
		}
	}
	return []string{
		r.name,
		r.written(r.got.ours), r.written(r.got.other),
		interleave.Number(ratio.Median), interleave.Number(ratio.Low) + "–" + interleave.Number(ratio.High), r.bar.text,
		allocated, budget,
		r.verdict(),
	}
}

func (r row) verdict() string {
	judged := r.allocated != nil && r.allocated.budget != nil
	var missed []string
	if judged && !r.allocated.met() {
		missed = append(missed, "allocations")
	}
	if r.bar.met != nil {
		judged = true
		if !r.bar.met(r.got) {
			missed = append(missed, "time")
		}
	}
	switch {
	case !judged:
		return ""
	case len(missed) == 0:
		return "met"
	}
	return "MISSED: " + strings.Join(missed, ", ")
}

func (a *allocations) String() string {
	if a.budget != nil && !a.budget.relative {
		return fmt.Sprintf("%.0f", a.ours)
	}
	return fmt.Sprintf("%.0f, %.0f: %+.0f", a.ours, a.other, a.ours-a.other)
}

// written is a number of what was measured.
func (r row) written(measured float64) string {
	if r.unit != nil {
		return r.unit(measured)
	}
	return interleave.Nanoseconds(measured)
}
