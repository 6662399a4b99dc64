package memory_test

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/drivers/internal/redisvalue"
	"github.com/kvstore-go/kvstore/drivers/memory"
)

// bitSetMachine applies the same commands to a bitset of the driver and to a slice.
type bitSetMachine struct {
	d    *memory.Driver
	bits drivers.BitType
	row  []int64 // every slot that may have been written to
}

func (m *bitSetMachine) do(t *rapid.T, op drivers.Op, slot, amount int64) drivers.Reply {
	t.Helper()
	return mustDo(t, m.d, drivers.Command{Op: op, Key: "b", Bits: m.bits, Start: slot, Amount: amount})
}

func (m *bitSetMachine) slot(t *rapid.T) int64 {
	return rapid.Int64Range(0, int64(len(m.row))-1).Draw(t, "slot")
}

func (m *bitSetMachine) Set(t *rapid.T) {
	slot, amount := m.slot(t), rapid.Int64().Draw(t, "amount")
	number, fits := redisvalue.BitType(m.bits).Fit(amount)
	old := m.row[slot]
	if fits {
		m.row[slot] = number
	}
	if reply := m.do(t, drivers.OpBitSet, slot, amount); reply.Nil == fits || fits && reply.Int != old {
		t.Fatalf("%+v for %d in slot %d, which was %d", reply, amount, slot, old)
	}
}

func (m *bitSetMachine) Increment(t *rapid.T) {
	slot, by := m.slot(t), rapid.OneOf(rapid.Int64(), rapid.Int64Range(-2, 2)).Draw(t, "by")
	number, fits := redisvalue.BitType(m.bits).Add(m.row[slot], by)
	if fits {
		m.row[slot] = number
	}
	if reply := m.do(t, drivers.OpBitIncrement, slot, by); reply.Nil == fits || fits && reply.Int != number {
		t.Fatalf("%+v for slot %d and %d more, which is %d", reply, slot, by, number)
	}
}

func (m *bitSetMachine) Get(t *rapid.T) {
	slot := m.slot(t)
	if reply := m.do(t, drivers.OpBitGet, slot, 0); reply.Int != m.row[slot] {
		t.Fatalf("%+v in slot %d instead of %d", reply, slot, m.row[slot])
	}
}

func (m *bitSetMachine) Range(t *rapid.T) {
	from := m.slot(t)
	to := rapid.Int64Range(from, int64(len(m.row))).Draw(t, "to")
	m.reads(t, from, to)
}

func (m *bitSetMachine) reads(t *rapid.T, from, to int64) {
	t.Helper()
	reply := mustDo(t, m.d, drivers.Command{Op: drivers.OpBitRange, Key: "b", Bits: m.bits, Start: from, Stop: to})
	if !slices.Equal(reply.Ints, m.row[from:to]) {
		t.Fatalf("slots %d to %d: %v instead of %v", from, to, reply.Ints, m.row[from:to])
	}
}

// Check reads every slot, whoever its neighbours are.
func (m *bitSetMachine) Check(t *rapid.T) { m.reads(t, 0, int64(len(m.row))) }

func TestBitSetAgreesWithModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		signed := rapid.Bool().Draw(t, "signed")
		widest := map[bool]uint8{true: 64, false: 63}[signed]
		m := &bitSetMachine{d: memory.New(), row: make([]int64, 40), bits: drivers.BitType{
			Signed: signed, Width: rapid.Uint8Range(1, widest).Draw(t, "width"),
			Overflow: rapid.SampledFrom([]drivers.Overflow{drivers.Wrap, drivers.Saturate, drivers.Fail}).Draw(t, "overflow"),
		}}
		t.Repeat(map[string]func(*rapid.T){
			"": m.Check, "set": m.Set, "increment": m.Increment, "get": m.Get, "range": m.Range,
		})
	})
}
