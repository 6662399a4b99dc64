package spec

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/onsi/gomega"

	"github.com/kvstore-go/kvstore/drivers"
)

// followChecks are about hearing of changes.
func followChecks(h Harness) []check {
	follow := func(says string, run func(t *trial)) check { return check{about: "following", says: says, run: run} }
	if !h.Follow {
		return []check{follow("is errors.ErrUnsupported", func(t *trial) { t.fails(t.follow(t.ctx, "k").end(t), unsupported) })}
	}
	var checks []check
	for _, i := range intrusions() {
		checks = append(checks, follow("tells of a key of which somebody "+i.says, func(t *trial) { t.tells(i, "k") }))
	}
	for _, i := range harmless() {
		checks = append(checks, follow("tells nothing of a key of which somebody "+i.says, func(t *trial) { t.tells(i) }))
	}
	checks = append(checks,
		follow("tells of a key that expires by itself", (*trial).tellsExpiry),
		follow("tells of the keys below, and of no others", func(t *trial) {
			f := t.following("k", "other", "other:below")
			t.given(put("k", "v"), put("k:a", "v"), put("k:a:b", "v"), put("other:below:c", "v"), put("kk", "v"), put("j", "v"), put("l:k", "v"))
			f.expects(t, "k", "k:a", "k:a:b", "other:below:c")
		}),
		follow("tells of what is written in batches", func(t *trial) {
			f := t.following("k")
			t.mustBatch(false, put("k:a", "v"), put("j", "v"), put("k:b", "v"))
			f.expects(t, "k:a", "k:b")
			if t.harness.Batch {
				t.mustBatch(true, put("k:c", "v"), put("j", "v"), put("k:d", "v"))
				f.expects(t, "k:c", "k:d")
			}
		}),
		follow("tells of every key that one command changes", func(t *trial) {
			t.given(fill("k", "a", "b"))
			f := t.following("k", "other")
			t.given(drivers.Command{Op: drivers.OpSMove, Key: "k", Extra: &drivers.Extra{Keys: []string{"other"}}, Value: "a"})
			f.expects(t, "k", "other")
		}),
		follow("tells of keys with any bytes", func(t *trial) {
			f := t.following("k\x00\xff *?[]{}")
			t.given(put("k\x00\xff *?[]{}:\r\n", "v"), put("k\x00\xff", "v"))
			f.expects(t, "k\x00\xff *?[]{}:\r\n")
		}),
		follow("tells all who follow, whatever they follow and whoever leaves", func(t *trial) {
			ctx, cancel := context.WithCancel(t.ctx)
			leaving, one, two := t.heard(ctx, "k"), t.following("k"), t.following("k:a")
			cancel()
			t.fails(leaving.end(t), context.Canceled)
			t.given(put("k:a", "v"), put("k:b", "v"))
			one.expects(t, "k:a", "k:b")
			two.expects(t, "k:a")
		}),
		follow("is of thousands of keys at once", func(t *trial) {
			names := make([]string, 10_000)
			for i := range names {
				names[i] = fmt.Sprint("many:", i)
			}
			f := t.following(names...)
			t.given(put("many:7", "v"), put("many:10000", "v"), put("many:9999:a", "v"))
			f.expects(t, "many:7", "many:9999:a")
		}),
		follow("is ErrInvalid without keys", func(t *trial) {
			for _, keys := range [][]string{nil, {"k", ""}} {
				for _, err := range drivers.Follow(t.ctx, t.Driver, keys, func() {}) {
					t.fails(err, drivers.ErrInvalid)
				}
			}
		}),
		follow("ends with the error of the context", func(t *trial) {
			ctx, cancel := context.WithTimeout(t.ctx, 10*time.Millisecond)
			defer cancel()
			t.fails(t.follow(ctx, "k").end(t), context.DeadlineExceeded)
		}),
		follow("does not begin with a context that has ended", func(t *trial) {
			for _, end := range endings() {
				f := t.follow(end.ctx, "k")
				t.fails(f.end(t), end.want)
				t.Expect(f.ready).NotTo(gomega.Receive())
			}
		}),
		follow("ends with the loop", func(t *trial) {
			ended, ready := make(chan struct{}), make(chan struct{})
			go func() {
				defer close(ended)
				for _, err := range drivers.Follow(t.ctx, t.Driver, []string{t.key("k")}, func() { close(ready) }) {
					_ = err // the first change ends it
					return
				}
			}()
			t.Eventually(ready).Should(gomega.BeClosed())
			t.given(put("k", "v"))
			t.Eventually(ended).Should(gomega.BeClosed())
		}),
		follow("keeps nobody who writes waiting for a slow loop, which is told that it missed something", (*trial).slowFollower),
	)
	if h.Close {
		checks = append(checks,
			follow("ends with ErrClosed", func(t *trial) {
				f := t.heard(t.ctx, "k")
				t.close()
				t.fails(f.end(t), drivers.ErrClosed)
			}),
			follow("is ErrClosed after Close", func(t *trial) {
				t.close()
				t.fails(t.follow(t.ctx, "k").end(t), drivers.ErrClosed)
			}))
	}
	return checks
}

// follower is what a loop on a goroutine of its own hears.
type follower struct {
	ready chan struct{} // an element for each time that it began to hear
	told  chan string
	err   chan error
}

func (t *trial) follow(ctx context.Context, names ...string) follower {
	f := follower{make(chan struct{}, 100), make(chan string, 100), make(chan error, 1)}
	keys := make([]string, len(names))
	for i, name := range names {
		keys[i] = t.key(name)
	}
	go func() {
		for key, err := range drivers.Follow(ctx, t.Driver, keys, func() { f.ready <- struct{}{} }) {
			if err != nil {
				f.err <- err
				return
			}
			select {
			case f.told <- key:
			case <-t.ctx.Done(): // the check is over
				return
			}
		}
		f.err <- nil
	}()
	return f
}

// heard is follow once that hears.
func (t *trial) heard(ctx context.Context, names ...string) follower {
	f := t.follow(ctx, names...)
	t.Eventually(f.ready).Should(gomega.Receive())
	return f
}

// following is heard for as long as the check lasts, and of marks as well.
func (t *trial) following(names ...string) follower {
	return t.heard(t.ctx, append(names, "mark")...)
}

// end is why the loop has ended.
func (f follower) end(t *trial) (err error) {
	t.Eventually(f.err).Should(gomega.Receive(&err))
	return err
}

// expects that f is told of keys, and no others, by now. Of what is told together any may be told first: so a
// second mark tells that all is told that was told with the first.
func (f follower) expects(t *trial, names ...string) {
	told := map[string]bool{}
	for range 2 {
		t.given(put("mark", "v"))
		for mark := t.key("mark"); ; {
			var key string
			t.Eventually(f.told).Should(gomega.Receive(&key))
			if key == mark {
				break
			}
			told[key] = true
		}
	}
	want := map[string]bool{}
	for _, name := range names {
		want[t.key(name)] = true
	}
	t.Expect(told).To(gomega.Equal(want), "keys that are told")
}

// tells follows the key k while somebody intrudes.
func (t *trial) tells(i intrusion, names ...string) {
	t.given(i.given...)
	f := t.following("k")
	t.given(i.intr...)
	if i.expire {
		t.expire("k")
	}
	f.expects(t, names...)
}

func (t *trial) tellsExpiry() {
	f := t.following("k")
	t.inTime(50*time.Millisecond, func(life time.Duration) (time.Time, func()) {
		began := time.Now()
		t.given(putFor(life, "k", "v"), put("k:stays", "v"))
		f.expects(t, "k", "k:stays")
		return began, func() {
			if t.Advance != nil {
				t.Advance(2 * life)
			}
			var key string // though nobody asks for it
			t.Eventually(f.told).Should(gomega.Receive(&key))
			t.Expect(key).To(gomega.Equal(t.key("k")))
		}
	})
}

// slowFollower changes more keys than anybody holds for a loop that stands still. What it does not hear of then,
// it is told that it missed; and it hears again.
func (t *trial) slowFollower() {
	const many, together = 100_000, 1_000
	ctx, cancel := context.WithCancel(t.ctx)
	defer cancel()
	ready, written := make(chan struct{}, 100), make(chan struct{})
	heard, missed, again, last := map[string]bool{}, false, false, make(chan error, 1)
	go func() {
		for key, err := range drivers.Follow(ctx, t.Driver, []string{t.key("k")}, func() {
			again = missed
			ready <- struct{}{}
		}) {
			<-written
			switch {
			case errors.Is(err, drivers.ErrMissed):
				missed, again = true, false
			case err != nil:
				last <- err
				return
			case key == t.key("k:last"):
				switch {
				case missed && !again:
					err = errors.New("it was not said that it hears again")
				case !missed && len(heard) < many:
					err = errors.New("changes went by without a word")
				}
				last <- err
				return
			default:
				heard[key] = true
			}
		}
	}()
	t.Eventually(ready).Should(gomega.Receive())
	commands := make([]drivers.Command, together)
	for from := 0; from < many; from += together {
		for i := range commands {
			commands[i] = put("k:"+strconv.Itoa(from+i), "v")
		}
		t.mustBatch(false, commands...)
	}
	close(written)
	t.Eventually(func() (err error) {
		t.given(put("k:last", "v"))
		select {
		case err = <-last:
			return err
		case <-time.After(10 * time.Millisecond):
			return errors.New("the loop goes on")
		}
	}).Should(gomega.Succeed())
}
