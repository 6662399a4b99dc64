package memory_test

import (
	"cmp"
	"errors"
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/drivers/memory"
)

// sortedSetMachine applies the same commands to the driver and to a map of maps.
type sortedSetMachine struct {
	d     *memory.Driver
	model map[string]map[string]float64
}

type sortedSetMember struct {
	name  string
	score float64
}

// members are those of a key in order.
func (m *sortedSetMachine) members(key string) []sortedSetMember {
	var members []sortedSetMember
	for name, score := range m.model[key] {
		members = append(members, sortedSetMember{name, score})
	}
	slices.SortFunc(members, func(a, b sortedSetMember) int {
		return cmp.Or(cmp.Compare(a.score, b.score), cmp.Compare(a.name, b.name))
	})
	return members
}

func (m *sortedSetMachine) do(t *rapid.T, cmd drivers.Command) drivers.Reply {
	reply, err := m.d.Do(ctx, cmd)
	if err != nil {
		t.Fatalf("%+v: %v", cmd, err)
	}
	return reply
}

func (m *sortedSetMachine) count(t *rapid.T, cmd drivers.Command, want int) {
	if reply := m.do(t, cmd); reply.Int != int64(want) {
		t.Fatalf("%+v: %d instead of %d", cmd, reply.Int, want)
	}
}

func (m *sortedSetMachine) lists(t *rapid.T, cmd drivers.Command, want []sortedSetMember) {
	reply := m.do(t, cmd)
	if len(reply.Values) != len(want) {
		t.Fatalf("%+v: %v %v instead of %v", cmd, reply.Values, reply.Floats, want)
	}
	for i, member := range want {
		if reply.Values[i] != member.name || reply.Floats[i] != member.score {
			t.Fatalf("%+v: %v %v instead of %v", cmd, reply.Values, reply.Floats, want)
		}
	}
}

var (
	sortedSetKey   = rapid.SampledFrom([]string{"a", "b", "c"})
	sortedSetName  = rapid.StringMatching("[a-d]{0,3}")
	sortedSetScore = rapid.SampledFrom([]float64{math.Inf(-1), -1, 0, 0.5, 1, 2, math.Inf(1)})
)

func (m *sortedSetMachine) Add(t *rapid.T) {
	cmd := drivers.Command{Op: drivers.OpZAdd, Key: sortedSetKey.Draw(t, "key"), Values: rapid.SliceOfN(sortedSetName, 1, 40).Draw(t, "names")}
	cmd.If = rapid.SampledFrom([]drivers.Condition{drivers.Always, drivers.IfAbsent, drivers.IfExists, drivers.IfGreater, drivers.IfLess}).Draw(t, "if")
	cmd.Amount = rapid.Int64Range(0, 1).Draw(t, "changes")
	if m.model[cmd.Key] == nil {
		m.model[cmd.Key] = map[string]float64{}
	}
	scores, counted := m.model[cmd.Key], 0
	for _, name := range cmd.Values {
		score := sortedSetScore.Draw(t, "score")
		cmd.OwnExtra().Scores = append(cmd.Scores(), score)
		old, there := scores[name]
		switch {
		case cmd.If == drivers.IfAbsent && there, cmd.If == drivers.IfExists && !there,
			cmd.If == drivers.IfGreater && there && score <= old, cmd.If == drivers.IfLess && there && score >= old:
			continue
		case !there, cmd.Amount == 1 && score != old:
			counted++
		}
		scores[name] = score
	}
	m.count(t, cmd, counted)
}

func (m *sortedSetMachine) Remove(t *rapid.T) {
	cmd := drivers.Command{Op: drivers.OpZRem, Key: sortedSetKey.Draw(t, "key"), Values: rapid.SliceOfN(sortedSetName, 1, 40).Draw(t, "names")}
	before := len(m.model[cmd.Key])
	for _, name := range cmd.Values {
		delete(m.model[cmd.Key], name)
	}
	m.count(t, cmd, before-len(m.model[cmd.Key]))
}

func (m *sortedSetMachine) Increment(t *rapid.T) {
	cmd := drivers.Command{Op: drivers.OpZIncrBy, Key: sortedSetKey.Draw(t, "key"), Value: sortedSetName.Draw(t, "name"), Extra: &drivers.Extra{Scores: []float64{sortedSetScore.Draw(t, "by")}}}
	sum := m.model[cmd.Key][cmd.Value] + cmd.Scores()[0]
	reply, err := m.d.Do(ctx, cmd)
	if math.IsNaN(sum) {
		if !errors.Is(err, drivers.ErrInvalid) {
			t.Fatalf("%+v: %v", cmd, err)
		}
		return
	}
	if m.model[cmd.Key] == nil {
		m.model[cmd.Key] = map[string]float64{}
	}
	m.model[cmd.Key][cmd.Value] = sum
	if err != nil || reply.Float != sum {
		t.Fatalf("%+v: %v, %v instead of %v", cmd, reply.Float, err, sum)
	}
}

func (m *sortedSetMachine) Pop(t *rapid.T) {
	cmd := drivers.Command{Op: drivers.OpZPopMin, Key: sortedSetKey.Draw(t, "key"), Amount: rapid.Int64Range(0, 20).Draw(t, "amount")}
	members := m.members(cmd.Key)
	if rapid.Bool().Draw(t, "highest") {
		cmd.Op = drivers.OpZPopMax
		slices.Reverse(members)
	}
	members = members[:min(len(members), int(cmd.Amount))]
	for _, member := range members {
		delete(m.model[cmd.Key], member.name)
	}
	m.lists(t, cmd, members)
}

func (m *sortedSetMachine) RemoveRange(t *rapid.T) {
	key, low, high := sortedSetKey.Draw(t, "key"), sortedSetScore.Draw(t, "low"), sortedSetScore.Draw(t, "high")
	removed := 0
	for _, member := range m.members(key) {
		if member.score > low && member.score <= high {
			delete(m.model[key], member.name)
			removed++
		}
	}
	m.count(t, drivers.Command{Op: drivers.OpZRemRangeByScore, Key: key, Extra: &drivers.Extra{Min: "(" + drivers.FormatFloat(low), Max: drivers.FormatFloat(high)}}, removed)
}

func (m *sortedSetMachine) Store(t *rapid.T) {
	cmd := drivers.Command{Op: drivers.OpZDiffStore, Key: sortedSetKey.Draw(t, "key"), Extra: &drivers.Extra{Keys: []string{sortedSetKey.Draw(t, "one"), sortedSetKey.Draw(t, "other")}}}
	left := map[string]float64{}
	for name, score := range m.model[cmd.Keys()[0]] {
		if _, there := m.model[cmd.Keys()[1]][name]; !there {
			left[name] = score
		}
	}
	m.model[cmd.Key] = left
	m.count(t, cmd, len(left))
}

// Check compares all that can be read.
func (m *sortedSetMachine) Check(t *rapid.T) {
	for _, key := range []string{"a", "b", "c"} {
		members := m.members(key)
		m.count(t, drivers.Command{Op: drivers.OpZCard, Key: key}, len(members))
		m.lists(t, drivers.Command{Op: drivers.OpZRange, Key: key, Stop: -1}, members)
		for i, member := range members {
			m.count(t, drivers.Command{Op: drivers.OpZRank, Key: key, Value: member.name}, i)
			m.count(t, drivers.Command{Op: drivers.OpZRank, Key: key, Value: member.name, Reverse: true}, len(members)-1-i)
		}
		positive := slices.DeleteFunc(slices.Clone(members), func(member sortedSetMember) bool { return member.score <= 0 })
		m.lists(t, drivers.Command{Op: drivers.OpZRangeByScore, Key: key, Extra: &drivers.Extra{Min: "(0", Max: "inf"}}, positive)
		slices.Reverse(positive)
		m.lists(t, drivers.Command{Op: drivers.OpZRangeByScore, Key: key, Extra: &drivers.Extra{Min: "(0", Max: "inf"}, Reverse: true, Start: 1, Amount: 3}, positive[min(1, len(positive)):min(4, len(positive))])
		_, there := m.model[key]
		there = there && len(members) > 0
		if exists := m.do(t, drivers.Command{Op: drivers.OpExists, Key: key}); (exists.Int == 1) != there {
			t.Fatalf("%q of %d members exists: %d", key, len(members), exists.Int)
		}
	}
	if err := memory.Check(m.d); err != nil {
		t.Fatal(err)
	}
}

func TestSortedSetsAgreeWithModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := &sortedSetMachine{memory.New(), map[string]map[string]float64{}}
		t.Repeat(map[string]func(*rapid.T){
			"": m.Check, "add": m.Add, "remove": m.Remove, "increment": m.Increment, "pop": m.Pop,
			"remove range": m.RemoveRange, "store": m.Store,
		})
	})
}
