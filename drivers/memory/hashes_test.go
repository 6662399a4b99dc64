package memory_test

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"testing"

	"pgregory.net/rapid"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/drivers/memory"
)

// hashMachine applies the same commands to a hash of the driver and to a Go map.
type hashMachine struct {
	d     *memory.Driver
	clock *clock
	model map[string]string
	ends  map[string]int64 // the last millisecond of fields that do not stay
	// A scan that is under way: what was there all the while, and what it has come to.
	cursor   int64
	constant map[string]bool
	scanned  map[string]bool
	begun    bool
}

func (m *hashMachine) do(t *rapid.T, cmd drivers.Command) drivers.Reply {
	cmd.Key = "h"
	reply, err := m.d.Do(ctx, cmd)
	if err != nil {
		t.Fatalf("%v: %v", cmd.Op, err)
	}
	return reply
}

func (m *hashMachine) expect(t *rapid.T, cmd drivers.Command, want int64) {
	if got := m.do(t, cmd).Int; got != want {
		t.Fatalf("%v %q: %d, want %d", cmd.Op, cmd.Values, got, want)
	}
}

func (m *hashMachine) gone(field string) {
	delete(m.model, field)
	delete(m.ends, field)
	delete(m.constant, field)
}

// written is what becomes of the fields that a command writes: they stay.
func (m *hashMachine) written(pairs []string) {
	for field, value := range hashModel(pairs) {
		m.model[field] = value
		delete(m.ends, field)
	}
}

func (m *hashMachine) now() int64 { return m.clock.Now().UnixMilli() }

// answers is what a command about some fields answers of each.
func (m *hashMachine) answers(t *rapid.T, cmd drivers.Command, of func(field string) int64) {
	for range rapid.IntRange(1, 5).Draw(t, "fields") {
		cmd.Values = append(cmd.Values, m.field(t))
	}
	got := m.do(t, cmd).Ints
	for i, field := range cmd.Values {
		want := int64(-2)
		if _, there := m.model[field]; there {
			want = of(field)
		}
		if got[i] != want {
			t.Fatalf("%v %q: %d, want %d", cmd.Op, field, got[i], want)
		}
	}
}

func (m *hashMachine) Expire(t *rapid.T) {
	end := m.now() + rapid.Int64Range(-1, 20).Draw(t, "millis")
	m.answers(t, drivers.Command{Op: drivers.OpHExpire, Expiry: drivers.Expiry{Mode: drivers.ExpireAt, Millis: end}}, func(field string) int64 {
		if end <= m.now() {
			m.gone(field)
			return 2
		}
		m.ends[field] = end
		return 1
	})
}

func (m *hashMachine) Persist(t *rapid.T) {
	m.answers(t, drivers.Command{Op: drivers.OpHPersist}, func(field string) int64 {
		if _, ends := m.ends[field]; !ends {
			return -1
		}
		delete(m.ends, field)
		return 1
	})
}

func (m *hashMachine) TTL(t *rapid.T) {
	m.answers(t, drivers.Command{Op: drivers.OpHTTL}, func(field string) int64 {
		if end, ends := m.ends[field]; ends {
			return end - m.now()
		}
		return -1
	})
}

func (m *hashMachine) Tick(t *rapid.T) {
	m.clock.Advance(rapid.Int64Range(0, 10).Draw(t, "millis"))
	for field, end := range maps.Clone(m.ends) {
		if end < m.now() {
			m.gone(field)
		}
	}
}

func (m *hashMachine) Increment(t *rapid.T) {
	field := m.field(t)
	cmd := drivers.Command{Op: drivers.OpHIncrBy, Value: field, Amount: 1}
	held, there := m.model[field]
	n, err := strconv.ParseInt(held, 10, 64)
	if there && (err != nil || strconv.FormatInt(n, 10) != held) {
		return // no number
	}
	m.expect(t, cmd, n+1)
	m.model[field] = strconv.FormatInt(n+1, 10)
}

// field draws one of a few or, that there be many, of many.
func (m *hashMachine) field(t *rapid.T) string {
	return strconv.Itoa(rapid.OneOf(rapid.IntRange(0, 20), rapid.IntRange(0, 2000)).Draw(t, "field"))
}

func (m *hashMachine) pairs(t *rapid.T) []string {
	var pairs []string
	for range rapid.IntRange(1, 30).Draw(t, "fields") {
		pairs = append(pairs, m.field(t), rapid.StringN(0, 2, -1).Draw(t, "value"))
	}
	return pairs
}

func hashModel(pairs []string) map[string]string {
	model := map[string]string{}
	for pair := range slices.Chunk(pairs, 2) {
		model[pair[0]] = pair[1]
	}
	return model
}

func hashPairs(model map[string]string) []string {
	var pairs []string
	for field, value := range model {
		pairs = append(pairs, field, value)
	}
	return pairs
}

func (m *hashMachine) Set(t *rapid.T) {
	pairs, before := m.pairs(t), len(m.model)
	m.written(pairs)
	m.expect(t, drivers.Command{Op: drivers.OpHSet, Values: pairs}, int64(len(m.model)-before))
}

// Fill makes the hash big at once.
func (m *hashMachine) Fill(t *rapid.T) {
	var pairs []string
	for i := range rapid.IntRange(100, 2000).Draw(t, "fields") {
		pairs = append(pairs, strconv.Itoa(i), "")
	}
	m.written(pairs)
	m.do(t, drivers.Command{Op: drivers.OpHSet, Values: pairs})
}

func (m *hashMachine) Remove(t *rapid.T) {
	var fields []string
	from := rapid.IntRange(0, 2000).Draw(t, "from")
	for i := range rapid.IntRange(1, 1000).Draw(t, "fields") {
		fields = append(fields, strconv.Itoa(from+i))
	}
	before := len(m.model)
	for _, field := range fields {
		m.gone(field)
	}
	m.expect(t, drivers.Command{Op: drivers.OpHDel, Values: fields}, int64(before-len(m.model)))
}

func (m *hashMachine) Replace(t *rapid.T) {
	pairs := m.pairs(t)
	m.become(hashModel(pairs))
	clear(m.ends)
	m.expect(t, drivers.Command{Op: drivers.OpHReplace, Values: pairs}, int64(len(m.model)))
}

// become replaces the model. Fields that stay hold their place in a scan, and those that do not
// change end when they did before.
func (m *hashMachine) become(next map[string]string) {
	for field := range maps.Clone(m.model) {
		if _, stays := next[field]; !stays {
			m.gone(field)
		}
	}
	for field, value := range next {
		if m.model[field] != value {
			delete(m.ends, field)
		}
		m.model[field] = value
	}
}

func (m *hashMachine) CompareAndSet(t *rapid.T) {
	expected, next := hashPairs(m.model), m.pairs(t)
	if wrong := m.field(t); rapid.Bool().Draw(t, "wrong") {
		expected = append(expected, wrong, "not this")
		m.expect(t, drivers.Command{Op: drivers.OpHCompareAndSet, Values: slices.Concat(expected, next), Amount: int64(len(expected))}, 0)
		return
	}
	m.expect(t, drivers.Command{Op: drivers.OpHCompareAndSet, Values: slices.Concat(expected, next), Amount: int64(len(expected))}, 1)
	m.become(hashModel(next))
}

func (m *hashMachine) Scan(t *rapid.T) {
	if !m.begun {
		m.begun, m.cursor, m.scanned, m.constant = true, 0, map[string]bool{}, map[string]bool{}
		for field := range m.model {
			m.constant[field] = true
		}
	}
	reply := m.do(t, drivers.Command{Op: drivers.OpHScan, Start: m.cursor, Amount: rapid.Int64Range(0, 100).Draw(t, "hint")})
	for pair := range slices.Chunk(reply.Values, 2) {
		if value, there := m.model[pair[0]]; !there || value != pair[1] {
			t.Fatalf("HSCAN comes to %q, which has %q", pair, value)
		}
		if m.constant[pair[0]] && m.scanned[pair[0]] { // one that left and came back may come again
			t.Fatalf("HSCAN comes to %q twice, which was there all the while", pair[0])
		}
		m.scanned[pair[0]] = true
	}
	if m.cursor = reply.Int; m.cursor != 0 {
		return
	}
	m.begun = false
	for field := range m.constant {
		if !m.scanned[field] {
			t.Fatalf("HSCAN never came to %q, which was there all the while", field)
		}
	}
}

func (m *hashMachine) Check(t *rapid.T) {
	if err := memory.Check(m.d); err != nil {
		t.Fatal(err)
	}
	m.expect(t, drivers.Command{Op: drivers.OpHLen}, int64(len(m.model)))
	if got := hashModel(m.do(t, drivers.Command{Op: drivers.OpHGetAll}).Values); !maps.Equal(got, m.model) {
		t.Fatalf("HGETALL has %d fields, want %d", len(got), len(m.model))
	}
	field := m.field(t)
	value, there := m.model[field]
	reply := m.do(t, drivers.Command{Op: drivers.OpHMGet, Values: []string{field}})
	if reply.Values[0] != value || (reply.Ints[0] == 1) != there {
		t.Fatalf("HMGET %q: %+v, want %q, %t", field, reply, value, there)
	}
}

func TestHashAgreesWithMap(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		time := &clock{}
		m := &hashMachine{d: memory.New(memory.WithClock(time.Now)), clock: time, model: map[string]string{}, ends: map[string]int64{}}
		t.Repeat(map[string]func(*rapid.T){
			"": m.Check, "set": m.Set, "fill": m.Fill, "remove": m.Remove, "replace": m.Replace, "compare and set": m.CompareAndSet, "scan": m.Scan,
			"expire": m.Expire, "persist": m.Persist, "ttl": m.TTL, "tick": m.Tick, "increment": m.Increment,
		})
	})
}

func TestHashOfComingsAndGoings(t *testing.T) {
	d := memory.New()
	for i := range 10_000 { // the last one in is the first one out, again and again
		for _, cmd := range []drivers.Command{
			{Op: drivers.OpHSet, Key: "h", Values: []string{"stays", "", fmt.Sprint(i), ""}},
			{Op: drivers.OpHDel, Key: "h", Values: []string{fmt.Sprint(i)}},
		} {
			if _, err := d.Do(ctx, cmd); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := memory.Check(d); err != nil {
		t.Fatal(err)
	}
}
