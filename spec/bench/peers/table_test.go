package peers

import (
	"strings"
	"testing"

	"github.com/kvstore-go/kvstore/spec/bench/interleave"
)

func exactly(ratio float64) interleave.Spread {
	return interleave.Spread{Low: ratio, Median: ratio, High: ratio}
}

func TestVerdict(t *testing.T) {
	limited := []target{{1.05, []string{"one", "two"}}}
	for _, c := range []struct {
		name  string
		peers map[string]interleave.Spread
		want  string
	}{
		{"ahead", map[string]interleave.Spread{"one": exactly(2)}, "met: 0.50 × one (≤ 1.05)"},
		{"as it is printed", map[string]interleave.Spread{"one": exactly(1 / 1.0549)}, "met: 1.05 × one (≤ 1.05)"},
		{"behind", map[string]interleave.Spread{"one": exactly(0.5)}, "**missed**: 2.00 × one (≤ 1.05)"},
		{"the best peer counts", map[string]interleave.Spread{"one": exactly(0.8), "two": exactly(4)}, "**missed**: 1.25 × one (≤ 1.05)"},
		{"nobody to compare with", map[string]interleave.Spread{"three": exactly(0.5)}, ""},
	} {
		if got := verdict(limited, c.peers); got != c.want {
			t.Errorf("%s: %q, not %q", c.name, got, c.want)
		}
	}
}

func TestMarkdown(t *testing.T) {
	written := table{
		title: "Title",
		sides: []string{ours, "one", "two"},
		rows: []row{{
			name: "row", ours: "3µs", targets: []target{{1, []string{"one"}}},
			peers: map[string]interleave.Spread{"one": {Low: 1.5, Median: 2, High: 30}},
			lacks: map[string]string{"two": "no sets"},
		}},
		notes: "Notes.",
	}.markdown()
	want := strings.Join([]string{
		"**Title**", "",
		"| | kvstore | one | two | target |",
		"|---|---:|---:|---:|---|",
		"| row | 3µs | 2.00 (1.50–30) | no sets | met: 0.50 × one (≤ 1.00) |", "",
		"Notes.", "",
	}, "\n")
	if written != want {
		t.Errorf("%s\nis not\n%s", written, want)
	}
}
