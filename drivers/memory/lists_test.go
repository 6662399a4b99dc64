package memory_test

import (
	"fmt"
	"runtime"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/drivers/memory"
)

// listMachine applies the same commands to a list of the driver and to a slice.
type listMachine struct {
	d     *memory.Driver
	model []string
}

func (m *listMachine) do(t *rapid.T, cmd drivers.Command) drivers.Reply {
	cmd.Key = "l"
	reply, err := m.d.Do(ctx, cmd)
	if err != nil {
		t.Fatalf("%v: %v", cmd.Op, err)
	}
	return reply
}

// listElement is mostly small; large ones get chunks of their own.
func listElement(t *rapid.T) string {
	length := rapid.SampledFrom([]int{0, 1, 1, 2, 16, 16, 16, 127, 128, 200, 2000, 9000}).Draw(t, "length")
	return strings.Repeat(rapid.SampledFrom([]string{"a", "b", "c"}).Draw(t, "letter"), length)
}

// place draws one between 0 and the length, and its index, which may count from the right.
func (m *listMachine) place(t *rapid.T) (place int, index int64) {
	place = rapid.IntRange(0, len(m.model)-1).Draw(t, "place")
	if rapid.Bool().Draw(t, "from the right") {
		return place, int64(place - len(m.model))
	}
	return place, int64(place)
}

func (m *listMachine) push(t *rapid.T) {
	n := rapid.SampledFrom([]int{1, 1, 2, 100, 300}).Draw(t, "n")
	for range n {
		if element := listElement(t); rapid.Bool().Draw(t, "left") {
			m.do(t, drivers.Command{Op: drivers.OpLPush, Values: []string{element}})
			m.model = slices.Insert(m.model, 0, element)
		} else {
			m.do(t, drivers.Command{Op: drivers.OpRPush, Values: []string{element}})
			m.model = append(m.model, element)
		}
	}
}

func (m *listMachine) pop(t *rapid.T) {
	n := min(rapid.SampledFrom([]int{1, 2, 50, 500}).Draw(t, "n"), len(m.model))
	popped := m.do(t, drivers.Command{Op: drivers.OpLPop, Amount: int64(n)}).Values
	if !slices.Equal(popped, m.model[:n]) {
		t.Fatalf("popped %.60q, want %.60q", popped, m.model[:n])
	}
	m.model = slices.Clone(m.model[n:])
}

func (m *listMachine) popRight(t *rapid.T) {
	n := min(rapid.SampledFrom([]int{1, 2, 50, 500}).Draw(t, "n"), len(m.model))
	popped := m.do(t, drivers.Command{Op: drivers.OpRPop, Amount: int64(n)}).Values
	slices.Reverse(popped)
	if at := len(m.model) - n; !slices.Equal(popped, m.model[at:]) {
		t.Fatalf("popped %.60q, want %.60q", popped, m.model[at:])
	}
	m.model = m.model[:len(m.model)-n]
}

func (m *listMachine) set(t *rapid.T) {
	for range rapid.SampledFrom([]int{1, 60}).Draw(t, "n") {
		if len(m.model) == 0 {
			return
		}
		place, index := m.place(t)
		m.model[place] = listElement(t)
		m.do(t, drivers.Command{Op: drivers.OpLSet, Start: index, Value: m.model[place]})
	}
}

func (m *listMachine) insert(t *rapid.T) {
	for range rapid.SampledFrom([]int{1, 200}).Draw(t, "n") {
		if len(m.model) == 0 {
			return
		}
		place, _ := m.place(t)
		pivot, element, behind := m.model[place], listElement(t), rapid.Bool().Draw(t, "behind")
		m.do(t, drivers.Command{Op: drivers.OpLInsert, Extra: &drivers.Extra{Expected: pivot}, Value: element, Reverse: behind})
		at := slices.Index(m.model, pivot)
		if behind {
			at++
		}
		m.model = slices.Insert(m.model, at, element)
	}
}

func (m *listMachine) remove(t *rapid.T) {
	if len(m.model) == 0 {
		return
	}
	place, _ := m.place(t)
	element, n := m.model[place], rapid.SampledFrom([]int{0, 1, -1, 3, -3, 100}).Draw(t, "n")
	backwards := n < 0
	if backwards {
		slices.Reverse(m.model)
		n = -n
	}
	removed := 0
	m.model = slices.DeleteFunc(m.model, func(other string) bool {
		if other != element || n > 0 && removed == n {
			return false
		}
		removed++
		return true
	})
	if backwards {
		slices.Reverse(m.model)
		n = -n
	}
	if got := m.do(t, drivers.Command{Op: drivers.OpLRem, Value: element, Amount: int64(n)}).Int; got != int64(removed) {
		t.Fatalf("removed %d, want %d", got, removed)
	}
}

func (m *listMachine) rotate(t *rapid.T) {
	if len(m.model) == 0 {
		return
	}
	m.do(t, drivers.Command{Op: drivers.OpLMove, Extra: &drivers.Extra{Keys: []string{"l"}}, Stop: -1})
	m.model = append(slices.Clone(m.model[1:]), m.model[0])
}

func (m *listMachine) trim(t *rapid.T) {
	if len(m.model) == 0 {
		return
	}
	from := rapid.IntRange(0, min(20, len(m.model)-1)).Draw(t, "from")
	to := rapid.IntRange(max(from+1, len(m.model)-300), len(m.model)).Draw(t, "to")
	m.do(t, drivers.Command{Op: drivers.OpLTrim, Start: int64(from), Stop: int64(to) - 1})
	m.model = slices.Clone(m.model[from:to])
}

// agree compares the whole list, a part of it and single elements.
func (m *listMachine) agree(t *rapid.T) {
	if got := m.do(t, drivers.Command{Op: drivers.OpLRange, Stop: -1}).Values; !slices.Equal(got, m.model) {
		t.Fatalf("the list has %d elements, want %d, or others", len(got), len(m.model))
	}
	if len(m.model) == 0 {
		return
	}
	place, index := m.place(t)
	if got := m.do(t, drivers.Command{Op: drivers.OpLIndex, Start: index}).Value; got != m.model[place] {
		t.Fatalf("element %d is %.20q, want %.20q", index, got, m.model[place])
	}
	if got := m.do(t, drivers.Command{Op: drivers.OpLRange, Start: index, Stop: -1}).Values; !slices.Equal(got, m.model[place:]) {
		t.Fatalf("from %d on there are %d elements, want %d, or others", index, len(got), len(m.model)-place)
	}
	var right []int64
	for i := len(m.model) - 1; i >= 0; i-- {
		if m.model[i] == m.model[place] {
			right = append(right, int64(i))
		}
	}
	if got := m.do(t, drivers.Command{Op: drivers.OpLPos, Start: -1, Value: m.model[place]}).Ints; !slices.Equal(got, right) {
		t.Fatalf("it is at %v, want %v", got, right)
	}
}

func TestListsAgreeWithSlices(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := &listMachine{d: memory.New()}
		t.Repeat(map[string]func(*rapid.T){
			"push": m.push, "pop": m.pop, "pop right": m.popRight, "set": m.set, "insert": m.insert,
			"remove": m.remove, "rotate": m.rotate, "trim": m.trim, "": m.agree,
		})
	})
}

// A list of Redis takes some 18 bytes for an element of 16.
func TestListMemory(t *testing.T) {
	const elements = 200_000
	for name, build := range map[string]func(d *memory.Driver, i int) drivers.Command{
		"behind":   func(_ *memory.Driver, i int) drivers.Command { return listPush(drivers.OpRPush, i) },
		"in front": func(_ *memory.Driver, i int) drivers.Command { return listPush(drivers.OpLPush, i) },
	} {
		d := memory.New()
		before := heap()
		for i := range elements {
			if _, err := d.Do(ctx, build(d, i)); err != nil {
				t.Fatal(err)
			}
		}
		each := float64(heap()-before) / elements
		t.Logf("%s: %.1f bytes each", name, each)
		if each > 1.2*18 {
			t.Errorf("pushed %s: %.1f bytes for each element", name, each)
		}
		runtime.KeepAlive(d)
	}
}

func listPush(op drivers.Op, i int) drivers.Command {
	return drivers.Command{Op: op, Key: "l", Values: []string{fmt.Sprintf("%016d", i)}}
}

func heap() uint64 {
	runtime.GC()
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return stats.HeapAlloc
}

func BenchmarkLists(b *testing.B) {
	d := memory.New()
	for i := range 1_000_000 {
		_, _ = d.Do(ctx, listPush(drivers.OpRPush, i))
	}
	for name, commands := range map[string][]drivers.Command{
		"push and pop": {listPush(drivers.OpLPush, 1), {Op: drivers.OpRPop, Key: "l", Amount: 1}},
		"index":        {{Op: drivers.OpLIndex, Key: "l", Start: 400_000}},
		"set":          {{Op: drivers.OpLSet, Key: "l", Start: 400_000, Value: "0123456789abcdef"}},
		"range of 100": {{Op: drivers.OpLRange, Key: "l", Start: 400_000, Stop: 400_099}},
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				for _, cmd := range commands {
					_, _ = d.Do(ctx, cmd)
				}
			}
		})
	}
}
