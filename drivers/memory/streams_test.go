package memory_test

import (
	"fmt"
	"runtime"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/drivers/internal/redisvalue"
	"github.com/kvstore-go/kvstore/drivers/memory"
)

// streamModel is a stream written down naively: slices that are searched each time.
type streamModel struct {
	entries []streamEntry
	last    redisvalue.StreamID
	group   *streamGroup
}

type streamEntry struct {
	id     redisvalue.StreamID
	fields []string
}

type streamGroup struct {
	last    redisvalue.StreamID
	pending []streamPending // by id
}

type streamPending struct {
	id         redisvalue.StreamID
	consumer   string
	at         int64
	deliveries int64
}

// streamMachine applies the same commands to the driver and to the model.
type streamMachine struct {
	d     *memory.Driver
	clock *clock
	model streamModel
}

func (m *streamMachine) now() int64 { return m.clock.Now().UnixMilli() }

func (m *streamMachine) do(t *rapid.T, cmd drivers.Command, want drivers.Reply) {
	cmd.Key = "s"
	got, err := m.d.Do(ctx, cmd)
	if err != nil || got.Nil != want.Nil || got.Int != want.Int || got.Value != want.Value ||
		!slices.Equal(got.Values, want.Values) || !slices.Equal(got.Ints, want.Ints) {
		t.Fatalf("%v %+v: %+v, %v; want %+v", cmd.Op, cmd, got, err, want)
	}
}

// id draws an id about those there are.
func (m *streamMachine) id(t *rapid.T) redisvalue.StreamID {
	id := redisvalue.StreamID{Millis: rapid.Uint64Range(0, m.model.last.Millis+1).Draw(t, "millis"), Sequence: rapid.Uint64Range(0, 12).Draw(t, "sequence")}
	if len(m.model.entries) > 0 && rapid.Bool().Draw(t, "there") {
		id = rapid.SampledFrom(m.model.entries).Draw(t, "entry").id
	}
	return id
}

func (m *streamMachine) ids(t *rapid.T) (texts []string, ids []redisvalue.StreamID) {
	for range rapid.IntRange(1, 20).Draw(t, "count") {
		id := m.id(t)
		texts, ids = append(texts, id.String()), append(ids, id)
	}
	return texts, ids
}

func (m *streamMachine) find(id redisvalue.StreamID) int {
	return slices.IndexFunc(m.model.entries, func(e streamEntry) bool { return e.id == id })
}

func (m *streamMachine) pending(id redisvalue.StreamID) int {
	return slices.IndexFunc(m.model.group.pending, func(p streamPending) bool { return p.id == id })
}

func streamReply(entries ...streamEntry) (reply drivers.Reply) {
	for _, e := range entries {
		reply.Values = append(append(reply.Values, e.id.String()), e.fields...)
		reply.Ints = append(reply.Ints, int64(1+len(e.fields)))
	}
	return reply
}

// Add adds up to a few hundred entries, so that blocks and chunks fill up.
func (m *streamMachine) Add(t *rapid.T) {
	many := rapid.SampledFrom([]int{1, 1, 3, 300}).Draw(t, "many")
	fields := rapid.SampledFrom([][]string{{"value", "v"}, {"value", ""}, {"a", "1", "b", "2"}, {"value", "1", "value", "2"}, {"value", string(make([]byte, 700))}}).Draw(t, "fields")
	step := rapid.Uint64Range(0, 2).Draw(t, "step")
	size := int64(rapid.SampledFrom([]int{0, 0, 0, 1, 100}).Draw(t, "cap"))
	for range many {
		id, _ := m.model.last.Next()
		if step > 0 {
			id = redisvalue.StreamID{Millis: m.model.last.Millis + step}
		}
		m.model.last = id
		m.model.entries = append(m.model.entries, streamEntry{id, fields})
		if size > 0 && int64(len(m.model.entries)) > size {
			m.model.entries = m.model.entries[int64(len(m.model.entries))-size:]
		}
		m.do(t, drivers.Command{Op: drivers.OpXAdd, Value: id.String(), Values: fields, Amount: size}, drivers.Reply{Value: id.String()})
	}
}

func (m *streamMachine) Remove(t *rapid.T) {
	texts, ids := m.ids(t)
	removed := int64(0)
	for _, id := range ids {
		if i := m.find(id); i >= 0 {
			m.model.entries = slices.Delete(m.model.entries, i, i+1)
			removed++
		}
	}
	m.do(t, drivers.Command{Op: drivers.OpXDel, Values: texts}, drivers.Reply{Int: removed})
}

func (m *streamMachine) Trim(t *rapid.T) {
	before := len(m.model.entries)
	var cmd drivers.Command
	if rapid.Bool().Draw(t, "by id") {
		id := m.id(t)
		cmd.OwnExtra().Min = id.String()
		m.model.entries = slices.DeleteFunc(m.model.entries, func(e streamEntry) bool { return e.id.Compare(id) < 0 })
	} else {
		keep := rapid.IntRange(max(before-200, 0), before+1).Draw(t, "keep")
		cmd.Amount = int64(keep)
		m.model.entries = m.model.entries[max(before-keep, 0):]
	}
	cmd.Op = drivers.OpXTrim
	m.do(t, cmd, drivers.Reply{Int: int64(before - len(m.model.entries))})
}

func (m *streamMachine) Range(t *rapid.T) {
	from, to, amount := m.id(t), m.id(t), rapid.IntRange(0, 150).Draw(t, "amount")
	var found []streamEntry
	for _, e := range m.model.entries {
		if e.id.Compare(from) >= 0 && e.id.Compare(to) <= 0 {
			found = append(found, e)
		}
	}
	reverse := rapid.Bool().Draw(t, "reverse")
	if reverse {
		slices.Reverse(found)
	}
	if amount > 0 && len(found) > amount {
		found = found[:amount]
	}
	m.do(t, drivers.Command{Op: drivers.OpXRange, Extra: &drivers.Extra{Min: from.String(), Max: to.String()}, Amount: int64(amount), Reverse: reverse}, streamReply(found...))
}

func (m *streamMachine) Group(t *rapid.T) {
	m.model.group = &streamGroup{last: m.id(t)}
	_, err := m.d.Do(ctx, drivers.Command{Op: drivers.OpXGroupDestroy, Key: "s", Value: "g"})
	if err != nil {
		t.Fatal(err)
	}
	m.do(t, drivers.Command{Op: drivers.OpXGroupCreate, Value: "g", Extra: &drivers.Extra{Expected: m.model.group.last.String()}}, drivers.Reply{Int: 1})
}

func (m *streamMachine) consumer(t *rapid.T) string {
	return rapid.SampledFrom([]string{"ann", "bob"}).Draw(t, "consumer")
}

func (m *streamMachine) Fetch(t *rapid.T) {
	g := m.model.group
	if g == nil {
		t.Skip("no group")
	}
	consumer, amount := m.consumer(t), rapid.IntRange(0, 250).Draw(t, "amount")
	var found []streamEntry
	for _, e := range m.model.entries {
		if e.id.Compare(g.last) > 0 && (amount == 0 || len(found) < amount) {
			found = append(found, e)
			g.pending = append(g.pending, streamPending{e.id, consumer, m.now(), 1})
		}
	}
	if len(found) > 0 {
		g.last = found[len(found)-1].id
	}
	m.do(t, drivers.Command{Op: drivers.OpXReadGroup, Value: "g", Extra: &drivers.Extra{Expected: consumer, Min: ">"}, Amount: int64(amount)}, streamReply(found...))
}

func (m *streamMachine) Again(t *rapid.T) {
	g := m.model.group
	if g == nil {
		t.Skip("no group")
	}
	consumer, after, amount := m.consumer(t), m.id(t), rapid.IntRange(1, 100).Draw(t, "amount")
	var found []streamEntry
	for i := range g.pending {
		p := &g.pending[i]
		if p.consumer != consumer || p.id.Compare(after) <= 0 || len(found) == amount {
			continue
		}
		found = append(found, streamEntry{id: p.id})
		if i := m.find(p.id); i >= 0 {
			found[len(found)-1] = m.model.entries[i]
			p.at = m.now()
			p.deliveries++
		}
	}
	m.do(t, drivers.Command{Op: drivers.OpXReadGroup, Value: "g", Extra: &drivers.Extra{Expected: consumer, Min: after.String()}, Amount: int64(amount)}, streamReply(found...))
}

func (m *streamMachine) Ack(t *rapid.T) {
	g := m.model.group
	if g == nil {
		t.Skip("no group")
	}
	texts, ids := m.ids(t)
	settled := int64(0)
	for _, id := range ids {
		if i := m.pending(id); i >= 0 {
			g.pending = slices.Delete(g.pending, i, i+1)
			settled++
		}
	}
	m.do(t, drivers.Command{Op: drivers.OpXAck, Value: "g", Values: texts}, drivers.Reply{Int: settled})
}

// claim is what becomes of a pending entry that is to be claimed: whether it stays, and is
// delivered.
func (m *streamMachine) claim(i int, consumer string, idle int64) (stays, delivered bool) {
	g := m.model.group
	p := &g.pending[i]
	if m.find(p.id) < 0 {
		g.pending = slices.Delete(g.pending, i, i+1)
		return false, false
	}
	if m.now()-p.at < idle {
		return true, false
	}
	p.consumer, p.at = consumer, m.now()
	p.deliveries++
	return true, true
}

func (m *streamMachine) Claim(t *rapid.T) {
	if m.model.group == nil {
		t.Skip("no group")
	}
	consumer, idle := m.consumer(t), rapid.Int64Range(0, 10).Draw(t, "idle")
	texts, ids := m.ids(t)
	var found []streamEntry
	for _, id := range ids {
		if i := m.pending(id); i >= 0 {
			if _, delivered := m.claim(i, consumer, idle); delivered {
				found = append(found, m.model.entries[m.find(id)])
			}
		}
	}
	m.do(t, drivers.Command{Op: drivers.OpXClaim, Value: "g", Extra: &drivers.Extra{Expected: consumer}, Start: idle, Values: texts}, streamReply(found...))
}

func (m *streamMachine) AutoClaim(t *rapid.T) {
	g := m.model.group
	if g == nil {
		t.Skip("no group")
	}
	consumer, idle, from, amount := m.consumer(t), rapid.Int64Range(0, 10).Draw(t, "idle"), m.id(t), rapid.IntRange(1, 30).Draw(t, "amount")
	var found, deleted []streamEntry
	i := slices.IndexFunc(g.pending, func(p streamPending) bool { return p.id.Compare(from) >= 0 })
	if i < 0 {
		i = len(g.pending)
	}
	for looks := 10 * amount; looks > 0 && i < len(g.pending) && len(found)+len(deleted) < amount; looks-- {
		id := g.pending[i].id
		stays, delivered := m.claim(i, consumer, idle)
		if stays {
			i++
		} else {
			deleted = append(deleted, streamEntry{id: id})
		}
		if delivered {
			found = append(found, m.model.entries[m.find(id)])
		}
	}
	want := streamReply(append(found, deleted...)...)
	if want.Value = "0-0"; i < len(g.pending) {
		want.Value = g.pending[i].id.String()
	}
	m.do(t, drivers.Command{Op: drivers.OpXAutoClaim, Value: "g", Start: idle, Amount: int64(amount), Extra: &drivers.Extra{Expected: consumer, Min: from.String()}}, want)
}

func (m *streamMachine) Wait(t *rapid.T) { m.clock.Advance(rapid.Int64Range(1, 10).Draw(t, "millis")) }

// Check compares all that can be read.
func (m *streamMachine) Check(t *rapid.T) {
	m.do(t, drivers.Command{Op: drivers.OpXRange}, streamReply(m.model.entries...))
	m.do(t, drivers.Command{Op: drivers.OpXLen}, drivers.Reply{Int: int64(len(m.model.entries))})
	m.do(t, drivers.Command{Op: drivers.OpXLastID}, drivers.Reply{Value: m.model.last.String()})
	for _, consumer := range []string{"", "ann", "bob"} {
		want := drivers.Reply{Nil: m.model.group == nil}
		if !want.Nil {
			for _, p := range m.model.group.pending {
				if consumer == "" || p.consumer == consumer {
					want.Values = append(want.Values, p.id.String(), p.consumer)
					want.Ints = append(want.Ints, m.now()-p.at, p.deliveries)
				}
			}
		}
		m.do(t, drivers.Command{Op: drivers.OpXPending, Value: "g", Extra: &drivers.Extra{Expected: consumer}}, want)
	}
}

func TestStreamAgreesWithModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := &clock{}
		m := &streamMachine{d: memory.New(memory.WithClock(c.Now)), clock: c}
		t.Repeat(map[string]func(*rapid.T){
			"": m.Check, "add": m.Add, "remove": m.Remove, "trim": m.Trim, "range": m.Range, "group": m.Group, "fetch": m.Fetch,
			"again": m.Again, "ack": m.Ack, "claim": m.Claim, "auto claim": m.AutoClaim, "wait": m.Wait,
		})
	})
}

// A stream of Redis takes some 37 bytes for an entry of 16.
func TestStreamMemory(t *testing.T) {
	const entries = 200_000
	d := memory.New()
	before := heap()
	for i := range entries {
		add := drivers.Command{Op: drivers.OpXAdd, Key: "s", Value: fmt.Sprintf("%d-0", 1_700_000_000_000+i), Values: []string{"value", fmt.Sprintf("%016d", i)}}
		if _, err := d.Do(ctx, add); err != nil {
			t.Fatal(err)
		}
	}
	each := float64(heap()-before) / entries
	t.Logf("%.1f bytes each", each)
	if each > 37 {
		t.Errorf("%.1f bytes for each entry", each)
	}
	runtime.KeepAlive(d)
}

func BenchmarkStreams(b *testing.B) {
	const entries = 1_000_000
	d := memory.New()
	for i := range entries {
		_, _ = d.Do(ctx, drivers.Command{Op: drivers.OpXAdd, Key: "s", Value: fmt.Sprintf("%d-0", i+1), Values: []string{"value", "v"}})
	}
	_, _ = d.Do(ctx, drivers.Command{Op: drivers.OpXGroupCreate, Key: "s", Value: "g", Extra: &drivers.Extra{Expected: "0"}})
	b.Run("add to a million", func(b *testing.B) {
		add := drivers.Command{Op: drivers.OpXAdd, Key: "s", Value: "*", Values: []string{"value", "v"}, Amount: entries}
		for b.Loop() {
			_, _ = d.Do(ctx, add)
		}
	})
	b.Run("find one of a million", func(b *testing.B) {
		find := drivers.Command{Op: drivers.OpXRange, Key: "s", Extra: &drivers.Extra{Min: "500000-0", Max: "500000-0"}}
		for b.Loop() {
			_, _ = d.Do(ctx, find)
		}
	})
	b.Run("read and acknowledge, with a hundred thousand pending", func(b *testing.B) {
		_, _ = d.Do(ctx, drivers.Command{Op: drivers.OpXReadGroup, Key: "s", Value: "g", Extra: &drivers.Extra{Expected: "ann", Min: ">"}, Amount: 100_000})
		for b.Loop() {
			add, _ := d.Do(ctx, drivers.Command{Op: drivers.OpXAdd, Key: "s", Value: "*", Values: []string{"value", "v"}})
			_, _ = d.Do(ctx, drivers.Command{Op: drivers.OpXReadGroup, Key: "s", Value: "g", Extra: &drivers.Extra{Expected: "ann", Min: ">"}, Amount: 1})
			_, _ = d.Do(ctx, drivers.Command{Op: drivers.OpXAck, Key: "s", Value: "g", Values: []string{add.Value}})
		}
	})
}
