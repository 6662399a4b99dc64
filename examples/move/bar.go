package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"time"
)

const (
	barWidth  = 30
	barPeriod = 50 * time.Millisecond // between one drawing and the next
)

// bar is a progress bar: on a terminal one line that is drawn again and again, elsewhere
// a line for every tenth.
type bar struct {
	out      io.Writer
	terminal bool
	now      func() time.Time

	started, drawn time.Time
	tenth          int64
	open           bool // the line has no end yet
}

func newBar(out io.Writer) *bar {
	b := &bar{out: out, now: time.Now, tenth: -1}
	if file, ok := out.(*os.File); ok {
		info, err := file.Stat()
		b.terminal = err == nil && info.Mode()&os.ModeCharDevice != 0
	}
	b.started = b.now()
	return b
}

// show shows that done of total is done, and how many values that is.
func (b *bar) show(done, total int64, values int) {
	done, total = max(done, 0), max(total, 1)
	done = min(done, total) // there may be more than there were
	now := b.now()
	if b.terminal && done < total && now.Sub(b.drawn) < barPeriod || !b.terminal && done*10/total == b.tenth {
		return
	}
	b.drawn, b.tenth = now, done*10/total
	full := int(done * barWidth / total)
	line := fmt.Sprintf("[%s%s] %3d %%  %d values", strings.Repeat("█", full), strings.Repeat("░", barWidth-full), done*100/total, values)
	if took := now.Sub(b.started).Seconds(); took > 0.1 {
		line += fmt.Sprintf("  %.0f/s", float64(values)/took)
	}
	if !b.terminal {
		fmt.Fprintln(b.out, line)
		return
	}
	fmt.Fprintf(b.out, "\r%s\x1b[K", line) // and clears what was longer before
	b.open = true
}

// end ends the line, so that what is printed next has one of its own.
func (b *bar) end() {
	if b.open {
		fmt.Fprintln(b.out)
	}
	b.open = false
}
