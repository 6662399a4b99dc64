package memory

import (
	"cmp"
	"fmt"
	"maps"
	"math/rand/v2"
	"runtime"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// check reports where the structures of a sorted set disagree.
func (z *sortedSet) check() error {
	var all []scored
	z.order.ascend(0, func(s scored) bool { all = append(all, s); return true })
	switch {
	case len(all) != z.order.size || len(all) != z.len():
		return fmt.Errorf("%d members in order, %d counted, %d with a score", len(all), z.order.size, z.len())
	case !slices.IsSortedFunc(all, scored.compare):
		return fmt.Errorf("%v is not in order", all)
	}
	for _, s := range all {
		if score, there := z.score(s.member); !there || score != s.score {
			return fmt.Errorf("%v has the score %v", s, score)
		}
	}
	return z.order.root.check(nil)
}

// check compares what a node says of its children with what they have. Members are
// no lower than low, unless that is nil.
func (n *btreeNode) check(low *scored) error {
	if n.len() > nodeFull || len(n.members) > 0 && len(n.children) > 0 {
		return fmt.Errorf("a node of %d members and %d children", len(n.members), len(n.children))
	}
	if low != nil && len(n.members) > 0 && n.members[0].compare(*low) < 0 {
		return fmt.Errorf("%v is lower than %v", n.members[0], *low)
	}
	for i := range n.children {
		c := &n.children[i]
		if c.size != c.node.size() {
			return fmt.Errorf("%d members instead of %d", c.node.size(), c.size)
		}
		if i > 0 {
			low = &c.low
		}
		if err := c.node.check(low); err != nil {
			return err
		}
	}
	return nil
}

// TestSortedSetAgreesWithModel compares with a map and a slice that is sorted each time.
func TestSortedSetAgreesWithModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var z sortedSet
		model := map[string]float64{}
		members := rapid.IntRange(1, 5000).Draw(t, "members")
		random := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0))
		phases := rapid.SliceOfN(rapid.SampledFrom([]int{1, 5, 9, 10}), 1, 4).Draw(t, "additions of 10")
		for _, additions := range phases {
			for range members {
				member, score := fmt.Sprint(random.IntN(members)), float64(random.IntN(3))
				_, there := model[member]
				if random.IntN(10) < additions {
					if old := model[member]; z.add(member, score) == (there && old == score) {
						t.Fatalf("add %q", member)
					}
					model[member] = score
				} else {
					if z.remove(member) != there {
						t.Fatalf("remove %q", member)
					}
					delete(model, member)
				}
			}
			compareSortedSet(t, &z, model, random)
		}
		for _, member := range slices.Sorted(maps.Keys(model)) {
			z.remove(member)
		}
		if err := z.check(); err != nil || z.len() != 0 || z.order.root.len() != 0 {
			t.Fatalf("%d members are left: %v", z.len(), err)
		}
	})
}

func compareSortedSet(t *rapid.T, z *sortedSet, model map[string]float64, random *rand.Rand) {
	if err := z.check(); err != nil {
		t.Fatal(err)
	}
	want := make([]scored, 0, len(model))
	for member, score := range model {
		want = append(want, scored{score, member})
	}
	slices.SortFunc(want, func(a, b scored) int {
		return cmp.Or(cmp.Compare(a.score, b.score), cmp.Compare(a.member, b.member))
	})
	for range 20 {
		at := random.IntN(len(want) + 1)
		var up, down []scored
		z.order.ascend(at, func(s scored) bool { up = append(up, s); return len(up) < 40 })
		if !slices.Equal(up, want[at:min(at+40, len(want))]) {
			t.Fatalf("%v from %d", up, at)
		}
		z.order.descend(len(want)-at, func(s scored) bool { down = append(down, s); return len(down) < 40 })
		if slices.Reverse(down); !slices.Equal(down, want[max(at-40, 0):at]) {
			t.Fatalf("%v up to %d", down, at)
		}
		if at == len(want) {
			continue
		}
		if rank := z.order.rank(func(s scored) bool { return s.compare(want[at]) < 0 }); rank != at {
			t.Fatalf("rank %d instead of %d", rank, at)
		}
	}
}

func (n *btreeNode) nodes() int {
	nodes := 1
	for _, c := range n.children {
		nodes += c.node.nodes()
	}
	return nodes
}

// TestSortedSetThinnedOut fills every leaf, and leaves one member of each.
func TestSortedSetThinnedOut(t *testing.T) {
	const leaves, room = 1000, nodeFull + 1
	name := func(i int) string { return fmt.Sprintf("%06d", i) }
	for way, order := range map[string]func(i int) int{
		"upwards":   func(i int) int { return i },
		"downwards": func(i int) int { return leaves*room - 1 - i },
	} {
		t.Run(way, func(t *testing.T) {
			var z sortedSet
			for i := 0; i < leaves*room; i += 2 { // in order, which makes leaves of room/2
				z.add(name(i), 0)
			}
			for i := 1; i < leaves*room; i += 2 {
				if i%room != room-1 {
					z.add(name(i), 0)
				}
			}
			for i := range leaves * room {
				if order(i)%room != room/2 {
					z.remove(name(order(i)))
				}
			}
			if err := z.check(); err != nil || z.order.root.nodes() > z.len()/8 {
				t.Fatalf("%d nodes for %d members: %v", z.order.root.nodes(), z.len(), err)
			}
		})
	}
}

// TestSortedSetMemory has MEMORY USAGE of Redis 7.0 for a bound: 100,000 members of
// 16 bytes take 120 bytes each there.
func TestSortedSetMemory(t *testing.T) {
	const members, redis = 100_000, 120
	for name, order := range map[string][]int{"in order": nil, "at random": rand.Perm(members)} {
		t.Run(name, func(t *testing.T) {
			var before, after runtime.MemStats
			runtime.GC()
			runtime.ReadMemStats(&before)
			var z sortedSet
			for i := range members {
				if order != nil {
					i = order[i]
				}
				z.add(fmt.Sprintf("%016d", i), 0)
			}
			runtime.GC()
			runtime.ReadMemStats(&after)
			each := float64(after.HeapAlloc-before.HeapAlloc) / members
			t.Logf("%.0f bytes each", each)
			if each > 1.5*redis {
				t.Errorf("%.0f bytes each, %d in Redis", each, redis)
			}
			runtime.KeepAlive(&z)
		})
	}
}
