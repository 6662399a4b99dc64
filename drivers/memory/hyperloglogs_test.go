package memory_test

import (
	"maps"
	"math"
	"slices"
	"strconv"
	"testing"

	"pgregory.net/rapid"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/drivers/memory"
)

// hyperLogLogMachine applies the same commands to HyperLogLogs of the driver and to maps.
type hyperLogLogMachine struct {
	d      *memory.Driver
	model  map[string]map[string]bool
	oracle *memory.Driver // counts what was added at once
}

// flood stands in the model for so many elements that the registers are dense. They are
// under this key, too, both in the driver and in the oracle.
const flood, floodSize = "flood", 5000

var (
	hyperLogLogKeys     = rapid.SampledFrom([]string{"a", "b", "c"})
	hyperLogLogElements = rapid.SliceOfN(rapid.StringMatching("[a-z]{1,2}"), 0, 60)
)

// touch is the elements of key, which is there from now on.
func (m *hyperLogLogMachine) touch(key string) map[string]bool {
	if m.model[key] == nil {
		m.model[key] = map[string]bool{}
	}
	return m.model[key]
}

func (m *hyperLogLogMachine) Add(t *rapid.T) {
	key, elements := hyperLogLogKeys.Draw(t, "key"), hyperLogLogElements.Draw(t, "elements")
	_, there := m.model[key]
	known := m.touch(key)
	news := slices.ContainsFunc(elements, func(element string) bool { return !known[element] })
	for _, element := range elements {
		known[element] = true
	}
	reply := mustDo(t, m.d, drivers.Command{Op: drivers.OpPFAdd, Key: key, Values: elements})
	if !there && reply.Int != 1 || there && !news && reply.Int != 0 { // a new one need not change a register
		t.Fatalf("%+v for %q added to %q", reply, elements, key)
	}
}

func (m *hyperLogLogMachine) Flood(t *rapid.T) {
	key := hyperLogLogKeys.Draw(t, "key")
	m.touch(key)[flood] = true
	mustDo(t, m.d, drivers.Command{Op: drivers.OpPFMerge, Key: key, Extra: &drivers.Extra{Keys: []string{flood}}})
}

func (m *hyperLogLogMachine) Merge(t *rapid.T) {
	into, others := hyperLogLogKeys.Draw(t, "into"), rapid.SliceOfN(hyperLogLogKeys, 0, 3).Draw(t, "others")
	union := m.touch(into)
	for _, other := range others {
		maps.Copy(union, m.model[other])
	}
	mustDo(t, m.d, drivers.Command{Op: drivers.OpPFMerge, Key: into, Extra: &drivers.Extra{Keys: others}})
}

func (m *hyperLogLogMachine) Delete(t *rapid.T) {
	key := hyperLogLogKeys.Draw(t, "key")
	delete(m.model, key)
	mustDo(t, m.d, del(key))
}

// Check counts every union, which is what one counts that got all its elements at once.
func (m *hyperLogLogMachine) Check(t *rapid.T) {
	for _, keys := range [][]string{{"a"}, {"c", "b"}} {
		union := map[string]bool{}
		for _, key := range keys {
			maps.Copy(union, m.model[key])
		}
		want, exact := m.counts(t, union)
		got := mustDo(t, m.d, drivers.Command{Op: drivers.OpPFCount, Key: keys[0], Extra: &drivers.Extra{Keys: keys[1:]}}).Int
		if got != want || math.Abs(float64(got)-exact) > 2+0.05*exact {
			t.Fatalf("%q count %d, together %d of %v", keys, got, want, exact)
		}
	}
	if err := memory.Check(m.d); err != nil {
		t.Fatal(err)
	}
}

// counts is how many elements there are by the oracle, and in truth.
func (m *hyperLogLogMachine) counts(t *rapid.T, union map[string]bool) (estimate int64, exact float64) {
	mustDo(t, m.oracle, del("union"))
	if union[flood] {
		mustDo(t, m.oracle, drivers.Command{Op: drivers.OpPFMerge, Key: "union", Extra: &drivers.Extra{Keys: []string{flood}}})
		delete(union, flood)
		exact = floodSize
	}
	mustDo(t, m.oracle, drivers.Command{Op: drivers.OpPFAdd, Key: "union", Values: slices.Sorted(maps.Keys(union))})
	return mustDo(t, m.oracle, drivers.Command{Op: drivers.OpPFCount, Key: "union"}).Int, exact + float64(len(union))
}

func TestHyperLogLogsAgreeWithModel(t *testing.T) {
	oracle, add := memory.New(), drivers.Command{Op: drivers.OpPFAdd, Key: flood}
	for i := range floodSize {
		add.Values = append(add.Values, strconv.Itoa(i))
	}
	if _, err := oracle.Do(ctx, add); err != nil {
		t.Fatal(err)
	}
	flooded, err := oracle.Do(ctx, get(flood))
	if err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(t *rapid.T) {
		m := &hyperLogLogMachine{memory.New(), map[string]map[string]bool{}, oracle}
		mustDo(t, m.d, put(flood, flooded.Value)) // a HyperLogLog is a string
		t.Repeat(map[string]func(*rapid.T){"": m.Check, "add": m.Add, "flood": m.Flood, "merge": m.Merge, "delete": m.Delete})
	})
}
