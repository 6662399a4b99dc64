package peers

import (
	"fmt"
	"os"
	"testing"

	"github.com/kvstore-go/kvstore/spec/bench/fixture"
)

// report is what was measured.
var report struct {
	redis  string // the server's version
	tables []*table
}

// reading says how to read the tables.
const reading = `Beside what kvstore takes: how many times as long the others take, median and quartiles of the rounds; above 1 kvstore
is ahead. Targets: how many times as long as a peer kvstore takes, and may take.`

func TestMain(m *testing.M) {
	code := m.Run()
	if len(report.tables) > 0 {
		fmt.Printf("\n%s\n\n%s\n", machine(report.redis), reading)
		for _, t := range report.tables {
			fmt.Printf("\n%s", t.markdown())
		}
	}
	os.Exit(code)
}

func must(b *testing.B, err error) {
	b.Helper()
	fixture.Must(b, err)
}
