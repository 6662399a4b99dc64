package redisdriver

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/kvstore-go/kvstore/drivers"
)

var (
	PrefixesOf     = prefixesOf
	HasPrefixAmong = hasPrefixAmong
)

// RightsTable is the features' table as README.md has it.
func RightsTable() string {
	var table strings.Builder
	for _, f := range features {
		without := f.without
		if f.newer {
			without = "(Redis 7.4)"
		}
		fmt.Fprintf(&table, "| %s | `%s` | %s |\n", f.name, strings.ReplaceAll(f.rights, "|", `\|`), without)
	}
	return table.String()
}

// Samples are the commands by which rights are asked for.
func Samples() (samples []string) {
	for _, f := range features {
		if !f.newer && !f.outside {
			samples = append(samples, f.commands...)
		}
	}
	return samples
}

// RightsOf are the rights that features take, and those of every value.
func RightsOf(names ...string) (rights []string) {
	for _, f := range features {
		if f.name == "every value" || slices.Contains(names, f.name) {
			rights = append(rights, strings.Fields(f.rights)...)
		}
	}
	return rights
}

// Occupy makes whoever comes wait in a line, as if all servers' trips were under way, and
// returns how many wait and what ends it.
func Occupy(d *Driver) (waiting func() int, release func()) {
	all := linesOf(d)
	for _, l := range all {
		l.mutex.Lock()
		l.trips += maxTrips
		l.mutex.Unlock()
	}
	return func() int { return Waiting(d) }, func() {
		for _, l := range all {
			l.mutex.Lock()
			l.trips -= maxTrips - 1
			l.mutex.Unlock()
			l.leave()
		}
	}
}

func linesOf(d *Driver) []*line {
	all := []*line{&d.lines.reads, &d.lines.writes}
	d.linesOf.Range(func(_, found any) bool {
		all = append(all, &found.(*lines).reads, &found.(*lines).writes)
		return true
	})
	return all
}

// Waiting is how many calls wait in line.
func Waiting(d *Driver) (n int) {
	for _, l := range linesOf(d) {
		l.mutex.Lock()
		n += len(l.waiting)
		l.mutex.Unlock()
	}
	return n
}

// Underway is how many trips are under way.
func Underway(d *Driver) (n int) {
	for _, l := range linesOf(d) {
		l.mutex.Lock()
		n += l.trips
		l.mutex.Unlock()
	}
	return n
}

// Departs reports whether a call goes at once where so many trips to a server at a distance have just begun.
func Departs(distance time.Duration, trips int) bool {
	l := line{distance: distance, trips: trips, departed: time.Since(began)}
	return l.depart()
}

// The bounds of a pipeline.
const (
	MaxPassengers = maxPassengers
	MaxBytes      = maxBytes
	Much          = much
)

// HonorsDeadlines reports a driver whose client ends its calls in time by itself.
func HonorsDeadlines(d drivers.Driver) bool { return d.(*owner).honorsDeadlines }
