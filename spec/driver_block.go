package spec

import (
	"context"
	"time"

	"github.com/onsi/gomega"

	"github.com/kvstore-go/kvstore/drivers"
)

// waitable is an Op that can wait.
type waitable struct {
	cmd   drivers.Command
	given []drivers.Command // without which nobody can wait
	feed  drivers.Command   // makes something to answer with
	want  drivers.Reply
}

func waitables() []waitable {
	add := drivers.Command{Op: drivers.OpXAdd, Key: "k", Value: "1-1", Values: []string{"field", "value"}}
	entry := drivers.Reply{Values: []string{"1-1", "field", "value"}, Ints: []int64{3}}
	score := drivers.Command{Op: drivers.OpZAdd, Key: "k", Values: []string{"a"}, Extra: &drivers.Extra{Scores: []float64{2}}}
	scoredA := drivers.Reply{Values: []string{"a"}, Floats: []float64{2}}
	group := drivers.Command{Op: drivers.OpXGroupCreate, Key: "k", Value: "group", Extra: &drivers.Extra{Expected: "0-0"}}
	return []waitable{
		{cmd: lpop(1), feed: rpush("k", "a"), want: drivers.Reply{Values: []string{"a"}}},
		{cmd: rpop(1), feed: rpush("k", "a"), want: drivers.Reply{Values: []string{"a"}}},
		{cmd: lmpop(1, "k", "low"), feed: rpush("k", "a"), want: drivers.Reply{Values: []string{"a"}}},
		{cmd: zmpop(1, "k", "low"), feed: score, want: scoredA},
		{cmd: lmove("k", "dest", leftEnd, rightEnd), feed: rpush("k", "a"), want: drivers.Reply{Value: "a"}},
		{cmd: drivers.Command{Op: drivers.OpZPopMin, Key: "k", Amount: 1}, feed: score, want: scoredA},
		{cmd: drivers.Command{Op: drivers.OpZPopMax, Key: "k", Amount: 1}, feed: score, want: scoredA},
		{cmd: drivers.Command{Op: drivers.OpXRead, Key: "k", Value: "0-0"}, feed: add, want: entry},
		{cmd: drivers.Command{Op: drivers.OpXReadGroup, Key: "k", Value: "group", Extra: &drivers.Extra{Expected: "consumer", Min: ">"}}, given: given(group), feed: add, want: entry},
	}
}

// takes reports whether the wait ends with something taken out of the key.
func (w waitable) takes() bool {
	return w.cmd.Op.Effect() == drivers.Writes && w.cmd.Op != drivers.OpXReadGroup
}

// blockChecks: a driver that waits does so until there is something, and no longer than
// its context; one that does not says so.
func blockChecks(h Harness) []check {
	var checks []check
	for _, w := range waitables() {
		says := func(sentence string, run func(t *trial)) {
			checks = append(checks, about(w.cmd.Op, sentence, func(t *trial) {
				t.given(w.given...)
				run(t)
			}))
		}
		if !h.Block {
			says("does not wait in a driver that cannot", func(t *trial) {
				_, err := t.block(t.ctx, w.cmd)
				t.fails(err, unsupported)
			})
			continue
		}
		says("that waits answers at once where there is something", func(t *trial) {
			t.given(w.feed)
			reply, err := t.block(t.ctx, w.cmd)
			t.gets(waited{reply, err}, w.want)
		})
		says("waits until there is something", func(t *trial) {
			wait := t.wait(t.ctx, w.cmd)
			t.given(w.feed)
			t.gets(t.end(wait), w.want)
			if w.takes() {
				t.see("k")
				t.Expect(t.must(drivers.Command{Op: drivers.OpExists, Key: "k"}).Int).To(gomega.BeZero())
			}
		})
		says("waits no longer than its context, and takes nothing out then", func(t *trial) {
			t.soon(func() time.Duration {
				ctx, cancel := context.WithCancel(t.ctx)
				wait := t.wait(ctx, w.cmd)
				start := time.Now()
				cancel()
				t.fails(t.end(wait).err, context.Canceled)
				return time.Since(start)
			})
			t.soon(func() time.Duration {
				deadline := time.Now().Add(100 * time.Millisecond)
				ctx, cancel := context.WithDeadline(t.ctx, deadline)
				defer cancel()
				_, err := t.block(ctx, w.cmd)
				t.fails(err, context.DeadlineExceeded)
				return time.Since(deadline)
			})
			t.given(w.feed)
			t.gets(waited{t.must(w.cmd), nil}, w.want)
		})
		says("with a context that has ended takes nothing out", func(t *trial) {
			t.given(w.feed)
			for _, end := range endings() {
				_, err := t.block(end.ctx, w.cmd)
				t.fails(err, end.want)
			}
			t.gets(waited{t.must(w.cmd), nil}, w.want)
		})
		says("that waits is ErrWrongType at once for a value of another type", func(t *trial) {
			t.given(put("k", "v"))
			_, err := t.block(t.ctx, w.cmd)
			t.fails(err, drivers.ErrWrongType)
		})
		says("wakes for what a batch brings", func(t *trial) {
			for _, atomic := range []bool{false, h.Batch} {
				wait := t.wait(t.ctx, w.cmd)
				t.mustBatch(atomic, w.feed)
				t.gets(t.end(wait), w.want)
				t.given(command(drivers.OpDelete))
				t.given(w.given...)
			}
		})
		if h.Close {
			says("that waits is ErrClosed after Close", func(t *trial) {
				t.soon(func() time.Duration {
					t := t.again()
					t.given(w.given...)
					wait := t.wait(t.ctx, w.cmd)
					start := time.Now()
					t.Expect(drivers.Close(t.Driver)).To(gomega.Succeed())
					t.fails(t.end(wait).err, drivers.ErrClosed)
					took := time.Since(start)
					_, err := t.block(t.ctx, w.cmd)
					t.fails(err, drivers.ErrClosed)
					return took
				})
			})
		}
	}
	if !h.Block {
		return checks
	}
	topic := func(says string, run func(t *trial)) check { return check{about: "waiting", says: says, run: run} }
	checks = append(checks,
		topic("is ErrWrongType before long where the key comes to hold another type", (*trial).waitForAnotherType),
		topic("is served in the order of arrival", (*trial).waitInOrder),
		topic("is served in the order of arrival where one command brings several elements", (*trial).waitInOrderAtOnce),
		topic("of all readers ends with one entry", (*trial).readTogether),
		topic("loses nothing when a context ends while something comes", func(t *trial) { t.cancelWhilePushing(lpop(1), "k") }),
		topic("hands out each element once", (*trial).waitTogether),
		topic("for any of several keys takes from the first that has something", (*trial).waitForFirst),
		topic("for any of several keys is woken by each, and takes from one alone", (*trial).waitForAny),
		topic("for any of several keys is served in the order of arrival at each", (*trial).waitForAnyInOrder),
		topic("for any of several keys is ErrWrongType where one of them holds another type", (*trial).waitForWrongType),
		topic("for any of several keys keeps the registries of all up to date", (*trial).waitForAnyIndexed),
		topic("for any of several keys loses nothing when a context ends while something comes", func(t *trial) {
			t.cancelWhilePushing(lmpop(1, "high", "k"), "k", "high")
		}),
		topic("leaves no goroutines behind", (*trial).waitWithoutTrace),
		topic("passes elements on from list to list", (*trial).relay),
		topic("for something to move does all that a move does", (*trial).waitAndMove),
		topic("keeps registries up to date", (*trial).waitIndexed),
	)
	for _, cmd := range []drivers.Command{get("k"), lpop(0), rpop(-1), lpush("k", "a"), {Op: drivers.OpZPopMin, Key: "k"}, lmpop(0, "k", "low"), zmpop(-1, "k", "low"), {Op: drivers.OpInvalid, Key: "k"}, readGroup("ann", "0-0", 1)} {
		checks = append(checks, topic("is ErrInvalid for "+describe(cmd), func(t *trial) {
			_, err := t.block(t.ctx, cmd)
			t.fails(err, drivers.ErrInvalid)
		}))
	}
	return checks
}

// waited is what a wait ended with.
type waited struct {
	reply drivers.Reply
	err   error
}

func (t *trial) gets(got waited, want drivers.Reply) {
	t.Expect(got.err).NotTo(gomega.HaveOccurred())
	t.repliesInOrder(got.reply, want)
}

func (t *trial) block(ctx context.Context, cmd drivers.Command) (drivers.Reply, error) {
	return drivers.Block(ctx, t.Driver, t.place(cmd))
}

// end is what a wait ends with, which is soon.
func (t *trial) end(wait <-chan waited) (got waited) {
	t.Eventually(wait).Should(gomega.Receive(&got), "the wait should have ended")
	return got
}

// wait begins to wait, and returns once the store knows of one more who waits.
func (t *trial) wait(ctx context.Context, cmd drivers.Command) <-chan waited {
	before := t.waiting()
	done := make(chan waited, 1)
	go func() {
		reply, err := t.block(ctx, cmd)
		done <- waited{reply, err}
	}()
	if t.Waiting == nil {
		time.Sleep(20 * time.Millisecond)
	} else {
		t.Eventually(t.waiting).WithPolling(time.Millisecond).Should(gomega.Equal(before + 1))
	}
	return done
}

func (t *trial) waiting() int {
	if t.Waiting == nil {
		return 0
	}
	return t.Waiting()
}
