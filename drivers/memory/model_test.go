package memory_test

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/drivers/memory"
)

// model is the driver written down naively: one map, every key looked at each time.
type model map[string]*cell

type cell struct {
	text     string
	set      map[string]bool // nil for a string
	deadline int64           // 0 for none
}

var forms = []string{"a:b", "a:c", "a:b:c", "a", "x::y", "a:b:d"}

func (m model) tick(now int64) {
	maps.DeleteFunc(m, func(_ string, c *cell) bool {
		return c.deadline != 0 && now > c.deadline || c.set != nil && len(c.set) == 0
	})
}

// touch is the cell of key as a string or a set, made if absent; nil if it is of the other type.
func (m model) touch(key string, set bool) *cell {
	c := m[key]
	if c == nil {
		c = &cell{}
		if set {
			c.set = map[string]bool{}
		}
		m[key] = c
	}
	if (c.set != nil) != set {
		return nil
	}
	return c
}

// children are the names a listing has to yield.
func (m model) children(op drivers.Op, prefix string) []string {
	names := map[string]bool{}
	for key := range m {
		below, ok := strings.CutPrefix(key, prefix+":")
		if !ok {
			continue
		}
		segment, _, deeper := strings.Cut(below, ":")
		switch {
		case op == drivers.OpScanKeys:
			names[key] = true
		case deeper == (op == drivers.OpScanBranches):
			names[segment] = true
		}
	}
	return slices.Sorted(maps.Keys(names))
}

// machine applies the same commands to the driver and to the model.
type machine struct {
	d     *memory.Driver
	clock *clock
	model model
}

func (m *machine) now() int64 { return m.clock.Now().UnixMilli() }

// do runs a command whose reply the model predicts; wrong says that it predicts ErrWrongType.
func (m *machine) do(t *rapid.T, cmd drivers.Command, want int64, wrong bool) {
	reply, err := m.d.Do(ctx, cmd)
	if wrong != errors.Is(err, drivers.ErrWrongType) || !wrong && (err != nil || reply.Int != want) {
		t.Fatalf("%v %q: %+v, %v; want %d, wrong type %t", cmd.Op, cmd.Key, reply, err, want, wrong)
	}
}

func (m *machine) Put(t *rapid.T) {
	key, text := rapid.SampledFrom(forms).Draw(t, "key"), rapid.String().Draw(t, "text")
	cmd := put(key, text)
	deadline := int64(0)
	if old := m.model[key]; old != nil {
		deadline = old.deadline
	}
	if millis := rapid.Int64Range(0, 20).Draw(t, "millis"); millis > 0 {
		cmd, deadline = lasting(millis, cmd), m.now()+millis
	}
	m.model[key] = &cell{text: text, deadline: deadline}
	m.do(t, cmd, 0, false)
}

func (m *machine) Append(t *rapid.T) {
	cmd := drivers.Command{Op: drivers.OpAppend, Key: rapid.SampledFrom(forms).Draw(t, "key"), Value: rapid.String().Draw(t, "text")}
	c := m.model.touch(cmd.Key, false)
	if c != nil {
		c.text += cmd.Value
		m.do(t, cmd, int64(len(c.text)), false)
		return
	}
	m.do(t, cmd, 0, true)
}

func (m *machine) Add(t *rapid.T) {
	values := rapid.SliceOfN(rapid.SampledFrom([]string{"", "1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12"}), 1, 12).Draw(t, "values")
	cmd := sAdd(rapid.SampledFrom(forms).Draw(t, "key"), values...)
	c := m.model.touch(cmd.Key, true)
	if c == nil {
		m.do(t, cmd, 0, true)
		return
	}
	before := len(c.set)
	for _, value := range values {
		c.set[value] = true
	}
	if millis := rapid.Int64Range(0, 20).Draw(t, "millis"); millis > 0 {
		cmd = lasting(millis, cmd)
		if c.deadline == 0 {
			c.deadline = m.now() + millis
		}
	}
	m.do(t, cmd, int64(len(c.set)-before), false)
}

func (m *machine) Remove(t *rapid.T) {
	key := rapid.SampledFrom(forms).Draw(t, "key")
	values := rapid.SliceOfN(rapid.StringMatching("[0-9]{0,2}"), 1, 12).Draw(t, "values")
	removed := int64(0)
	c := m.model[key]
	for _, value := range values {
		if c != nil && c.set[value] {
			delete(c.set, value)
			removed++
		}
	}
	m.do(t, drivers.Command{Op: drivers.OpSRem, Key: key, Values: values}, removed, c != nil && c.set == nil)
}

func (m *machine) Move(t *rapid.T) {
	from, to := rapid.SampledFrom(forms).Draw(t, "from"), rapid.SampledFrom(forms).Draw(t, "to")
	value := rapid.StringMatching("[0-9]{0,1}").Draw(t, "value")
	cmd := drivers.Command{Op: drivers.OpSMove, Key: from, Extra: &drivers.Extra{Keys: []string{to}}, Value: value}
	source, destination := m.model[from], m.model[to]
	switch {
	case source == nil:
		m.do(t, cmd, 0, false)
	case source.set == nil || destination != nil && destination.set == nil:
		m.do(t, cmd, 0, true)
	case !source.set[value]:
		m.do(t, cmd, 0, false)
	default:
		delete(source.set, value)
		m.model.touch(to, true).set[value] = true
		m.do(t, cmd, 1, false)
	}
}

func (m *machine) Delete(t *rapid.T) {
	key := rapid.SampledFrom(forms).Draw(t, "key")
	_, there := m.model[key]
	delete(m.model, key)
	want := int64(0)
	if there {
		want = 1
	}
	m.do(t, del(key), want, false)
}

func (m *machine) Persist(t *rapid.T) {
	key := rapid.SampledFrom(forms).Draw(t, "key")
	want := int64(0)
	if c := m.model[key]; c != nil && c.deadline != 0 {
		c.deadline, want = 0, 1
	}
	m.do(t, drivers.Command{Op: drivers.OpPersist, Key: key}, want, false)
}

func (m *machine) Wait(t *rapid.T) { m.clock.Advance(rapid.Int64Range(1, 10).Draw(t, "millis")) }

// List compares the listings. It is no part of Check, as it removes what is over.
func (m *machine) List(t *rapid.T) {
	for _, prefix := range []string{"a", "a:b", "x", "x:", ""} {
		for _, op := range []drivers.Op{drivers.OpScanKeys, drivers.OpScanLeaves, drivers.OpScanBranches} {
			names := []string{}
			for name, err := range m.d.Scan(ctx, drivers.Command{Op: op, Key: prefix}) {
				if err != nil {
					t.Fatal(err)
				}
				names = append(names, name)
			}
			if slices.Sort(names); !slices.Equal(names, m.model.children(op, prefix)) {
				t.Fatalf("%v %q: %q instead of %q", op, prefix, names, m.model.children(op, prefix))
			}
		}
	}
}

// Check compares all that can be read, and looks at what can not.
func (m *machine) Check(t *rapid.T) {
	m.model.tick(m.now())
	for _, key := range forms {
		if err := m.compare(key); err != nil {
			t.Fatalf("%q: %v", key, err)
		}
	}
	if err := memory.Check(m.d); err != nil {
		t.Fatal(err)
	}
}

func (m *machine) compare(key string) error {
	want := m.model[key]
	left, err := m.d.Do(ctx, drivers.Command{Op: drivers.OpTTL, Key: key})
	switch {
	case err != nil || left.Nil != (want == nil):
		return fmt.Errorf("%+v, %w; want %+v", left, err, want)
	case want == nil:
		return nil
	case want.deadline == 0 && left.Int != -1 || want.deadline != 0 && left.Int != want.deadline-m.now():
		return fmt.Errorf("time to live %d; want %+v", left.Int, want)
	case want.set == nil:
		if reply, err := m.d.Do(ctx, get(key)); err != nil || reply.Value != want.text {
			return fmt.Errorf("%q, %w; want %q", reply.Value, err, want.text)
		}
		return nil
	}
	reply, err := m.d.Do(ctx, drivers.Command{Op: drivers.OpSMembers, Key: key})
	slices.Sort(reply.Values)
	if members := slices.Sorted(maps.Keys(want.set)); err != nil || !slices.Equal(reply.Values, members) {
		return fmt.Errorf("%q, %w; want %q", reply.Values, err, members)
	}
	return nil
}

func TestDriverAgreesWithModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := &clock{}
		m := &machine{memory.New(memory.WithClock(c.Now)), c, model{}}
		t.Repeat(map[string]func(*rapid.T){
			"": m.Check, "put": m.Put, "append": m.Append, "add": m.Add, "remove": m.Remove,
			"move": m.Move, "delete": m.Delete, "persist": m.Persist, "wait": m.Wait, "list": m.List,
		})
	})
}
