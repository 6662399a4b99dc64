package peers

import (
	"fmt"
	"runtime"
	"strconv"
	"testing"

	"github.com/kvstore-go/kvstore/spec/bench/fixture"
	"github.com/kvstore-go/kvstore/spec/bench/interleave"
)

// line is a row that is to be measured.
type line struct {
	task    task
	name    string
	pace    interleave.Pace
	targets []target
}

const (
	documentNote = "¹ kvstore validates them, nobody else does."
	entryNote    = "³ Of 100,000 keys and values of 16 bytes each"

	notesOnRedis = documentNote + ` ² kvstore, rueidis and om pipeline the commands of many goroutines by themselves;
go-redis would with its AutoPipeline. go-redis has a pool of 10 connections for each CPU, rueidis no client-side caching.
` + entryNote + ", by used_memory."
	notesInMemory = documentNote + " " + entryNote + ", on the heap."
)

// BenchmarkRedis compares the sides on a server.
func BenchmarkRedis(b *testing.B) {
	addr, empty := fixture.StartRedis(b).Addr(), fixture.StartRedis(b).Addr()
	client := fixture.ClientOf(b, addr)
	version, err := fixture.Info(ctx, client, "server", "redis_version")
	must(b, err)
	report.redis = version
	fillPiped(b, client, otherCount)

	sides := func(addr string) []side {
		return []side{
			kvstoreOnRedis(addr), bareGoRedis("go-redis", addr), bareRueidis(addr),
			objectMapping(addr), gocacheOnRedis(addr), gokvOnRedis(addr),
		}
	}
	like := []target{likeGoRedis}
	t := measure(b, "On Redis", notesOnRedis, sides(addr), []line{
		{readText, "read a string", interleave.Fine, like},
		{writeText, "write a string", interleave.Fine, like},
		{readDocument, "read a document, not validated", interleave.Fine, like},
		{writeDocument, "write a document, not validated", interleave.Fine, like},
		{readValidated, "read a document, validated", interleave.Fine, like},
		{writeValidated, "write a document, validated", interleave.Fine, like},
		{addMember, "add to a set", interleave.Fine, like},
		{hasMember, "look into a set", interleave.Fine, like},
		{addScored, "add to a sorted set", interleave.Fine, like},
		{rangeScored, "first 10 of a sorted set", interleave.Fine, like},
		{sumSlots, "sum of 1,000 slots of a bitset", interleave.Fine, like},
		{readTogether, "64 goroutines read strings ²", interleave.Coarse, []target{likeGoRedis, aheadOfRueidis}},
		{writeTogether, "64 goroutines write strings ²", interleave.Coarse, []target{likeGoRedis, aheadOfRueidis}},
		{batch, "a batch of 100 mixed operations", interleave.Fine, like},
		{readMany, "read 10,000 documents ¹", interleave.Coarse, like},
		{listChildren, "list 1,000 children of a database of 200,000 keys", interleave.Coarse, like},
		{listIndexed, "the same, kvstore with IndexKeys", interleave.Coarse, like},
	})
	client = fixture.ClientOf(b, empty)
	clear := func() { must(b, client.FlushAll(ctx).Err()) }
	footprint(b, t, "memory for a key, of Redis ³", sides(empty), clear, func() uint64 {
		used, err := fixture.Info(ctx, client, "memory", "used_memory")
		must(b, err)
		bytes, err := strconv.ParseUint(used, 10, 64)
		must(b, err)
		return bytes
	})
}

// BenchmarkMemory compares the sides in the memory of the process.
func BenchmarkMemory(b *testing.B) {
	sides := []side{
		kvstoreInMemory(),
		textsInMemory("map", func() listedTexts { return newShardedMap() }),
		textsInMemory("otter", func() listedTexts { return newOtter() }),
		onMiniredis(), gocacheInMemory(), gokvInMemory(),
	}
	ahead, readers := []target{aheadOfTyped}, []target{likeMap, aheadOfTyped}
	t := measure(b, "In memory", notesInMemory, sides, []line{
		{readText, "read a string", interleave.Medium, readers},
		{writeText, "write a string", interleave.Medium, ahead},
		{readDocument, "read a document, not validated", interleave.Medium, ahead},
		{writeDocument, "write a document, not validated", interleave.Medium, ahead},
		{readValidated, "read a document, validated", interleave.Medium, ahead},
		{writeValidated, "write a document, validated", interleave.Medium, ahead},
		{addMember, "add to a set", interleave.Medium, ahead},
		{hasMember, "look into a set", interleave.Medium, ahead},
		{addScored, "add to a sorted set", interleave.Medium, ahead},
		{rangeScored, "first 10 of a sorted set", interleave.Medium, ahead},
		{sumSlots, "sum of 1,000 slots of a bitset", interleave.Medium, ahead},
		{readTogether, "64 goroutines read strings", interleave.Coarse, readers},
		{writeTogether, "64 goroutines write strings", interleave.Coarse, ahead},
		{batch, "a batch of 100 mixed operations", interleave.Medium, ahead},
		{readMany, "read 10,000 documents ¹", interleave.Coarse, ahead},
		{listChildren, "list 1,000 children of a database of 200,000 keys", interleave.Coarse, ahead},
	})
	footprint(b, t, "memory for a key ³", sides, func() {}, fixture.Heap)
}

// measure opens the sides and measures line after line.
func measure(b *testing.B, title, notes string, sides []side, lines []line) *table {
	b.Helper()
	t := &table{title: title, notes: notes}
	report.tables = append(report.tables, t)
	does := make([]operations, len(sides))
	for i, s := range sides {
		t.sides = append(t.sides, s.name)
		does[i] = s.open(b)
	}
	for _, l := range lines {
		b.Run(l.name, func(b *testing.B) { t.rows = append(t.rows, l.measure(b, sides, does)) })
	}
	return t
}

// measure checks what the sides do, and times those that do it.
func (l line) measure(b *testing.B, sides []side, does []operations) row {
	b.Helper()
	r := row{name: l.name, peers: map[string]interleave.Spread{}, lacks: map[string]string{}, targets: l.targets}
	var names []string
	var timed []interleave.Side
	for i, s := range sides {
		operation, can := does[i][l.task]
		switch reason, lacks := s.lacks[l.task]; {
		case lacks:
			r.lacks[s.name] = reason
		case !can:
			b.Fatalf("%s does not say why it does not do it", s.name)
		default:
			if err := operation.check(); err != nil {
				b.Fatalf("%s: %v", s.name, err)
			}
			names, timed = append(names, s.name), append(timed, operation.side(b))
		}
	}
	sample := interleave.Run(l.pace, timed...)
	if b.Failed() {
		return r
	}
	r.ours = interleave.Nanoseconds(sample.Time(0))
	b.ReportMetric(sample.Time(0), "ns/op")
	for i, name := range names[1:] {
		r.peers[name] = sample.Ratio(i+1, 0)
		b.ReportMetric(r.peers[name].Median, name)
	}
	return r
}

func (o operation) side(b *testing.B) interleave.Side {
	if len(o.runs) == 1 {
		return interleave.Repeat(b, o.runs[0])
	}
	return interleave.Share(b, o.runs)
}

// footprint adds a row of the bytes that a key with its value takes.
func footprint(b *testing.B, t *table, name string, sides []side, clear func(), used func() uint64) {
	b.Run(name, func(b *testing.B) {
		r := row{name: name, peers: map[string]interleave.Spread{}}
		var ours float64
		for i, s := range sides {
			clear()
			bytes := s.footprint(b, used)
			b.ReportMetric(bytes, s.name+"-bytes")
			if i == 0 {
				ours, r.ours = bytes, fmt.Sprintf("%.0f B", bytes)
				continue
			}
			ratio := bytes / ours
			r.peers[s.name] = interleave.Spread{Low: ratio, Median: ratio, High: ratio}
		}
		t.rows = append(t.rows, r)
	})
}

func (s side) footprint(b *testing.B, used func() uint64) float64 {
	b.Helper()
	before := used()
	kept := s.fill(b, filledCount)
	bytes := (float64(used()) - float64(before)) / filledCount
	runtime.KeepAlive(kept)
	return bytes
}
