package spec

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"sync"
	"time"

	"github.com/onsi/gomega"

	"github.com/kvstore-go/kvstore/drivers"
)

func (t *trial) waitInOrder() {
	var waits []<-chan waited
	for range 5 {
		waits = append(waits, t.wait(t.ctx, lpop(1)))
	}
	for i, wait := range waits {
		t.given(rpush("k", fmt.Sprint(i)))
		t.gets(t.end(wait), drivers.Reply{Values: []string{fmt.Sprint(i)}})
	}
}

func (t *trial) waitInOrderAtOnce() {
	first, second, third := t.wait(t.ctx, lpop(1)), t.wait(t.ctx, rpop(2)), t.wait(t.ctx, lpop(9))
	t.replies(t.must(rpush("k", "a", "b", "c", "d")), drivers.Reply{Int: 4})
	t.gets(t.end(first), drivers.Reply{Values: []string{"a"}})
	t.gets(t.end(second), drivers.Reply{Values: []string{"d", "c"}})
	t.gets(t.end(third), drivers.Reply{Values: []string{"b"}})
	t.changed("k", sight{}, gone, 0, 0)
}

func (t *trial) readTogether() {
	var waits []<-chan waited
	for range 3 {
		waits = append(waits, t.wait(t.ctx, drivers.Command{Op: drivers.OpXRead, Key: "k", Value: "0-0"}))
	}
	t.given(drivers.Command{Op: drivers.OpXAdd, Key: "k", Value: "1-1", Values: []string{"f", "v"}})
	for _, wait := range waits {
		t.gets(t.end(wait), drivers.Reply{Values: []string{"1-1", "f", "v"}, Ints: []int64{3}})
	}
}

// waitForAnotherType waits for all that can be waited for at once: some servers notice late.
func (t *trial) waitForAnotherType() {
	var waits []<-chan waited
	for i, w := range waitables() {
		key := fmt.Sprint("k", i)
		for _, cmd := range w.given {
			cmd.Key = key
			t.given(cmd)
		}
		w.cmd.Key = key
		waits = append(waits, t.wait(t.ctx, w.cmd))
	}
	for i := range waits {
		t.given(put(fmt.Sprint("k", i), "v"))
	}
	for _, wait := range waits {
		t.fails(t.end(wait).err, drivers.ErrWrongType)
	}
}

// cancelWhilePushing: an element, which is pushed to keys by turns, is answered, or still there,
// whichever comes first.
func (t *trial) cancelWhilePushing(pop drivers.Command, keys ...string) {
	answered := 0
	for round := range 300 {
		ctx, cancel := context.WithCancel(t.ctx)
		done := make(chan waited, 1)
		go func() {
			reply, err := t.block(ctx, pop)
			done <- waited{reply, err}
		}()
		time.Sleep(time.Duration(round%5) * 200 * time.Microsecond)
		var both sync.WaitGroup
		key, element := keys[round/2%len(keys)], fmt.Sprint(round)
		var pushed error
		both.Go(func() {
			if _, pushed = t.do(rpush(key, element)); round%2 == 0 {
				cancel() // whoever waits is to find both
			}
		})
		both.Go(func() {
			if round%2 == 1 {
				time.Sleep(time.Duration(round%7) * 50 * time.Microsecond)
				cancel()
			}
		})
		both.Wait()
		t.Expect(pushed).NotTo(gomega.HaveOccurred())
		got := t.end(done)
		var left []string
		for _, key := range keys {
			left = append(left, t.must(lmpop(9, key)).Values...)
		}
		if got.err != nil {
			t.fails(got.err, context.Canceled)
			t.Expect(left).To(gomega.Equal([]string{element}), "nobody got it, so it must be there")
			continue
		}
		answered++
		t.Expect(got.reply.Values).To(gomega.Equal([]string{element}))
		t.Expect(left).To(gomega.BeEmpty())
	}
	t.Expect(answered).To(gomega.BeNumerically(">", 0))
}

// waitTogether: some wait, some push, some give up.
func (t *trial) waitTogether() {
	var lock sync.Mutex
	var taken []string
	ctx, cancel := context.WithCancel(t.ctx)
	all := goroutines * rounds / 2
	t.together(func(worker int) error {
		for round := range rounds {
			if worker%2 == 0 {
				if _, err := t.do(rpush("k", fmt.Sprintf("%d-%d", worker, round))); err != nil {
					return err
				}
			}
		}
		for tries := 1; worker%2 == 1; tries++ { // with more and more patience, as a busy machine needs it
			impatient, stop := context.WithTimeout(ctx, time.Duration(worker*tries)*time.Millisecond)
			reply, err := t.block(impatient, lpop(1))
			ended := impatient.Err()
			stop()
			if err != nil {
				if ctx.Err() != nil {
					return nil
				}
				if ended == nil {
					return err
				}
				continue
			}
			lock.Lock()
			if taken = append(taken, reply.Values...); len(taken) == all {
				cancel()
			}
			lock.Unlock()
		}
		return nil
	})
	cancel()
	slices.Sort(taken)
	t.Expect(slices.Compact(taken)).To(gomega.HaveLen(all))
	t.changed("k", sight{}, gone, 0, 0)
}

func (t *trial) waitWithoutTrace() {
	t.waitAndGiveUp() // so that connections that stay are there
	before := runtime.NumGoroutine()
	t.waitAndGiveUp()
	t.Eventually(runtime.NumGoroutine).Should(gomega.BeNumerically("<=", before))
	t.Expect(t.waiting()).To(gomega.BeZero())
}

func (t *trial) waitAndGiveUp() {
	ctx, cancel := context.WithCancel(t.ctx)
	var waits []<-chan waited
	for i := range 8 {
		waits = append(waits, t.wait(ctx, []drivers.Command{lpop(1), lmove("k", "dest", leftEnd, leftEnd)}[i%2]))
	}
	t.given(rpush("k", "a", "b"))
	t.Expect(t.end(waits[0]).err).NotTo(gomega.HaveOccurred())
	t.Expect(t.end(waits[1]).err).NotTo(gomega.HaveOccurred())
	cancel()
	for _, wait := range waits[2:] {
		t.fails(t.end(wait).err, context.Canceled)
	}
}

func (t *trial) relay() {
	last := t.wait(t.ctx, drivers.Command{Op: drivers.OpLPop, Key: "end", Amount: 1})
	second := t.wait(t.ctx, lmove("middle", "end", leftEnd, leftEnd))
	first := t.wait(t.ctx, lmove("k", "middle", leftEnd, leftEnd))
	t.given(rpush("k", "a"))
	t.gets(t.end(first), drivers.Reply{Value: "a"})
	t.gets(t.end(second), drivers.Reply{Value: "a"})
	t.gets(t.end(last), drivers.Reply{Values: []string{"a"}})
}

func (t *trial) waitAndMove() {
	t.given(rpush("dest", "x", "y"))
	cmd := lasting(capped(2, lmove("k", "dest", leftEnd, leftEnd)))
	wait, start := t.wait(t.ctx, cmd), t.now()
	t.given(rpush("k", "a"))
	t.gets(t.end(wait), drivers.Reply{Value: "a"})
	t.changed("dest", sight{}, lists("a", "x").lasting(hour), start, t.now())

	t.given(put("dest", "v"))
	wait = t.wait(t.ctx, cmd)
	t.given(rpush("k", "a"))
	t.fails(t.end(wait).err, drivers.ErrWrongType)
	t.changed("k", sight{}, lists("a"), 0, 0)
}

func (t *trial) waitIndexed() {
	registered := func(id string) bool {
		return !t.must(drivers.Command{Op: drivers.OpHGet, Key: "reg", Value: id}).Nil
	}
	t.given(register("reg", "k", "other"))
	wait := t.wait(t.ctx, on(indexOf("k"), lpop(1)))
	t.given(on(indexOf("k"), rpush("", "a")))
	t.gets(t.end(wait), drivers.Reply{Values: []string{"a"}})
	t.Expect(registered("k")).To(gomega.BeFalse(), "the key is gone")

	move := lmove("k", "dest", leftEnd, leftEnd)
	move.OwnExtra().Indexes = []drivers.Index{indexOf("k"), indexOf("dest")}
	wait = t.wait(t.ctx, move)
	t.given(on(indexOf("k"), rpush("", "a", "b")))
	t.gets(t.end(wait), drivers.Reply{Value: "a"})
	t.Expect(registered("k")).To(gomega.BeTrue())
	t.Expect(registered("dest")).To(gomega.BeTrue())
	t.Expect(registered("other")).To(gomega.BeTrue())
}
