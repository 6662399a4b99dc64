package spec

import (
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/onsi/gomega"

	"github.com/kvstore-go/kvstore/drivers"
)

// The size of the concurrency checks.
const (
	goroutines = 8
	rounds     = 40
)

// concurrencyChecks: any number of goroutines use a driver, and every command is
// atomic. Run them under the race detector.
func concurrencyChecks(Harness) []check {
	topic := func(says string, run func(t *trial)) check { return check{about: "concurrency", says: says, run: run} }
	return []check{
		topic("loses no append", (*trial).appendTogether),
		topic("loses no increment of a slot, and answers each number once", (*trial).incrementTogether),
		topic("lets neighbouring slots be written apart", (*trial).neighboursTogether),
		topic("loses no increment by OpCompareAndSwap", (*trial).compareTogether),
		topic("counts each new member of a set once", (*trial).addTogether),
		topic("lets IfAbsent win once", (*trial).claimTogether),
		topic("hands out each swapped value once", (*trial).swapTogether),
		topic("pops each member once", (*trial).popTogether),
		topic("moves each member once and loses none", (*trial).moveTogether),
		topic("removes a key once", (*trial).deleteTogether),
		topic("replaces a set in one step", (*trial).replaceTogether),
		topic("survives all Ops on the same keys", (*trial).everythingTogether),
	}
}

// together runs fn in goroutines and expects no error of them.
func (t *trial) together(fn func(worker int) error) {
	failures := make([]error, goroutines)
	var all sync.WaitGroup
	for worker := range goroutines {
		all.Go(func() { failures[worker] = fn(worker) })
	}
	all.Wait()
	t.Expect(errors.Join(failures...)).NotTo(gomega.HaveOccurred())
}

// replySum runs cmd in rounds of all goroutines and adds up its integer replies.
func (t *trial) replySum(cmd func(worker, round int) drivers.Command) (sum int64, each []int64) {
	var lock sync.Mutex
	t.together(func(worker int) error {
		for round := range rounds {
			reply, err := t.do(cmd(worker, round))
			if err != nil {
				return err
			}
			lock.Lock()
			sum += reply.Int
			each = append(each, reply.Int)
			lock.Unlock()
		}
		return nil
	})
	slices.Sort(each)
	return sum, each
}

func oneToAll() []int64 {
	all := make([]int64, goroutines*rounds)
	for i := range all {
		all[i] = int64(i) + 1
	}
	return all
}

func (t *trial) appendTogether() {
	_, lengths := t.replySum(func(int, int) drivers.Command { return drivers.Command{Op: drivers.OpAppend, Key: "k", Value: "x"} })
	t.Expect(lengths).To(gomega.Equal(oneToAll()), "the lengths answered")
	t.replies(t.must(drivers.Command{Op: drivers.OpStrLen, Key: "k"}), drivers.Reply{Int: goroutines * rounds})
}

func (t *trial) incrementTogether() {
	kind := drivers.BitType{Width: 17}
	_, numbers := t.replySum(func(int, int) drivers.Command { return bitIncrement(kind, 1, 1) })
	t.Expect(numbers).To(gomega.Equal(oneToAll()), "the numbers answered")
	t.replies(t.must(bitGet(kind, 1)), drivers.Reply{Int: goroutines * rounds})
}

func (t *trial) neighboursTogether() {
	kind := drivers.BitType{Width: 11}
	t.replySum(func(worker, _ int) drivers.Command { return bitIncrement(kind, int64(worker), int64(worker)) })
	want := make([]int64, goroutines)
	for worker := range want {
		want[worker] = int64(worker * rounds)
	}
	t.replies(t.must(bitRange(kind, 0, goroutines)), drivers.Reply{Ints: want})
}

func (t *trial) compareTogether() {
	t.given(put("k", "0"))
	t.together(func(int) error {
		for won := 0; won < rounds/4; {
			now, err := t.do(get("k"))
			if err != nil {
				return err
			}
			var number int
			_, _ = fmt.Sscan(now.Value, &number)
			swapped, err := t.do(drivers.Command{Op: drivers.OpCompareAndSwap, Key: "k", Extra: &drivers.Extra{Expected: now.Value}, Value: fmt.Sprint(number + 1)})
			if err != nil {
				return err
			}
			won += int(swapped.Int)
		}
		return nil
	})
	t.replies(t.must(get("k")), drivers.Reply{Value: fmt.Sprint(goroutines * (rounds / 4))})
}

func (t *trial) addTogether() {
	added, _ := t.replySum(func(_, round int) drivers.Command { return fill("k", fmt.Sprint(round), fmt.Sprint(round+1)) })
	t.Expect(added).To(gomega.BeEquivalentTo(rounds + 1))
	t.replies(t.must(drivers.Command{Op: drivers.OpSCard, Key: "k"}), drivers.Reply{Int: rounds + 1})
}

func (t *trial) claimTogether() {
	var lock sync.Mutex
	winners := map[int]int{}
	t.together(func(worker int) error {
		for round := range rounds {
			cmd := put(fmt.Sprint("k", round), fmt.Sprint(worker))
			cmd.If = drivers.IfAbsent
			reply, err := t.do(cmd)
			if err != nil {
				return err
			}
			if !reply.Nil {
				lock.Lock()
				winners[round]++
				lock.Unlock()
			}
		}
		return nil
	})
	t.Expect(winners).To(gomega.And(gomega.HaveLen(rounds), gomega.HaveEach(1)))
}

func (t *trial) swapTogether() {
	t.given(put("k", "first"))
	var lock sync.Mutex
	handedOut := map[string]int{}
	t.together(func(worker int) error {
		for round := range rounds {
			reply, err := t.do(drivers.Command{Op: drivers.OpSwap, Key: "k", Value: fmt.Sprint(worker, round)})
			if err != nil {
				return err
			}
			lock.Lock()
			handedOut[reply.Value]++
			lock.Unlock()
		}
		return nil
	})
	handedOut[t.must(get("k")).Value]++
	t.Expect(handedOut).To(gomega.And(gomega.HaveLen(goroutines*rounds+1), gomega.HaveEach(1)))
}

func (t *trial) popTogether() {
	members := manyMembers(goroutines * rounds)
	t.given(fill("k", members...))
	var lock sync.Mutex
	var popped []string
	t.together(func(int) error {
		for range rounds / 2 {
			reply, err := t.do(pop(2))
			if err != nil {
				return err
			}
			lock.Lock()
			popped = append(popped, reply.Values...)
			lock.Unlock()
		}
		return nil
	})
	t.Expect(popped).To(gomega.HaveLen(len(members)))
	t.Expect(contains(popped...)).To(gomega.Equal(contains(members...)))
	t.changed("k", sight{}, gone, 0, 0)
}

func (t *trial) moveTogether() {
	members := manyMembers(rounds)
	t.given(fill("k", members...))
	moved, _ := t.replySum(func(worker, round int) drivers.Command {
		return drivers.Command{Op: drivers.OpSMove, Key: "k", Extra: &drivers.Extra{Keys: []string{"dest"}}, Value: members[(round+worker)%rounds]}
	})
	t.Expect(moved).To(gomega.BeEquivalentTo(rounds))
	t.changed("dest", sight{}, contains(members...), 0, 0)
	t.changed("k", sight{}, gone, 0, 0)

	// Back and forth, in both directions at once: nothing deadlocks, nothing is lost.
	t.replySum(func(worker, round int) drivers.Command {
		cmd := drivers.Command{Op: drivers.OpSMove, Key: "k", Extra: &drivers.Extra{Keys: []string{"dest"}}, Value: members[round]}
		if worker%2 == 0 {
			cmd.Key, cmd.OwnExtra().Keys = "dest", []string{"k"}
		}
		return cmd
	})
	union := t.must(drivers.Command{Op: drivers.OpSUnion, Key: "k", Extra: &drivers.Extra{Keys: []string{"dest"}}})
	inter := t.must(drivers.Command{Op: drivers.OpSInter, Key: "k", Extra: &drivers.Extra{Keys: []string{"dest"}}})
	t.replies(union, drivers.Reply{Values: members})
	t.replies(inter, drivers.Reply{})
}

func (t *trial) deleteTogether() {
	for round := range rounds {
		t.given(put(fmt.Sprint("k", round), "v"))
	}
	removed, _ := t.replySum(func(_, round int) drivers.Command {
		return drivers.Command{Op: drivers.OpDelete, Key: fmt.Sprint("k", round)}
	})
	t.Expect(removed).To(gomega.BeEquivalentTo(rounds))
}

func (t *trial) replaceTogether() {
	generation := func(n int) []string {
		return []string{fmt.Sprint(n, "a"), fmt.Sprint(n, "b"), fmt.Sprint(n, "c")}
	}
	t.given(replace(drivers.Always, drivers.Expiry{}, generation(0)...))
	t.together(func(worker int) error {
		for round := range rounds {
			if worker%2 == 0 {
				if _, err := t.do(replace(drivers.Always, drivers.Expiry{}, generation(worker*rounds+round)...)); err != nil {
					return err
				}
				continue
			}
			reply, err := t.do(drivers.Command{Op: drivers.OpSMembers, Key: "k"})
			if err != nil {
				return err
			}
			var n int
			if len(reply.Values) == 3 {
				_, _ = fmt.Sscanf(reply.Values[0], "%d", &n)
			}
			if seen := contains(reply.Values...); seen != contains(generation(n)...) {
				return fmt.Errorf("a reader saw %s", seen.value)
			}
		}
		return nil
	})
}

func (t *trial) everythingTogether() {
	all := append(examples(), writingExamples(indexOf("k", mail("a")), indexOf("k", mail("a"), mail("b")))...)
	t.together(func(worker int) error {
		for round := range rounds * 2 {
			cmd := all[(round*7+worker*3)%len(all)].cmd
			if round%5 == 0 {
				cmd = drivers.Command{Op: drivers.OpDelete, Key: "k"}
			}
			_, err := t.do(cmd)
			// What others left there may be of another type, or no number.
			left := errors.Is(err, drivers.ErrWrongType) || errors.Is(err, drivers.ErrInvalid) || errors.Is(err, errors.ErrUnsupported)
			if err != nil && !left {
				return fmt.Errorf("%s: %w", describe(cmd), err)
			}
		}
		return nil
	})
	t.see("k")
	t.see("other")
}
