package peers

import (
	"fmt"
	"slices"
	"strings"

	"github.com/kvstore-go/kvstore/spec/bench/interleave"
)

// table is what was measured of some sides, the first of which is kvstore.
type table struct {
	title string
	sides []string
	rows  []row
	notes string
}

// row is a line of a table.
type row struct {
	name    string
	ours    string                       // what was measured of kvstore
	peers   map[string]interleave.Spread // how many times as long as kvstore they take
	lacks   map[string]string            // why a peer was not measured
	targets []target
}

// markdown writes the table as GitHub shows it.
func (t table) markdown() string {
	var text strings.Builder
	fmt.Fprintf(&text, "**%s**\n\n| | %s | target |\n|---|%s---|\n", t.title, strings.Join(t.sides, " | "), strings.Repeat("---:|", len(t.sides)))
	for _, r := range t.rows {
		fmt.Fprintf(&text, "| %s |\n", strings.Join(slices.Concat([]string{r.name, r.ours}, r.cells(t.sides[1:]), []string{verdict(r.targets, r.peers)}), " | "))
	}
	fmt.Fprintf(&text, "\n%s\n", t.notes)
	return text.String()
}

func (r row) cells(peers []string) []string {
	cells := make([]string, len(peers))
	for i, peer := range peers {
		if ratio, measured := r.peers[peer]; measured {
			cells[i] = spreadText(ratio)
		} else {
			cells[i] = r.lacks[peer]
		}
	}
	return cells
}

// spreadText writes a ratio with its quartiles, where it has some.
func spreadText(s interleave.Spread) string {
	if s.Low == s.High {
		return interleave.Number(s.Median)
	}
	return fmt.Sprintf("%s (%s–%s)", interleave.Number(s.Median), interleave.Number(s.Low), interleave.Number(s.High))
}
