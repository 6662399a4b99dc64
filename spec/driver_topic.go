package spec

import (
	"context"
	"errors"
	"time"

	"github.com/onsi/gomega"

	"github.com/kvstore-go/kvstore/drivers"
)

func publish(message string) drivers.Command {
	return drivers.Command{Op: drivers.OpPublish, Key: "k", Value: message}
}

func topicFamily() family {
	return family{examples: []example{{publish("message"), anyKind, "Value"}}, checks: topicChecks}
}

func topicChecks(h Harness) []check {
	checks := rows(
		row{says: "reaches nobody where nobody listens, and stores nothing", when: publish("message"), want: drivers.Reply{}, then: then{"k": gone}},
		row{says: "leaves the key of the same name alone", given: given(fillFor(hour, "k", "a")), when: publish("message"), want: drivers.Reply{}},
	)
	topic := func(says string, run func(t *trial)) check { return check{about: "subscribing", says: says, run: run} }
	if !h.Subscribe {
		return append(checks, topic("is errors.ErrUnsupported", func(t *trial) {
			heard := t.subscribe(t.ctx)
			t.fails(heard.end(t), unsupported)
		}))
	}
	checks = append(checks,
		about(drivers.OpPublish, "reaches all who listen, with any bytes and in order", func(t *trial) {
			ctx, cancel := context.WithCancel(t.ctx)
			defer cancel()
			one, two := t.listen(ctx), t.listen(ctx)
			messages := []string{"a", "", "\x00\xff", "a"}
			for _, message := range messages {
				t.replies(t.must(publish(message)), drivers.Reply{Int: 2})
			}
			for _, message := range messages {
				t.Eventually(one.messages).Should(gomega.Receive(gomega.Equal(message)))
				t.Eventually(two.messages).Should(gomega.Receive(gomega.Equal(message)))
			}
		}),
		about(drivers.OpPublish, "reaches nobody who listens to another channel", func(t *trial) {
			ctx, cancel := context.WithCancel(t.ctx)
			defer cancel()
			heard := t.listen(ctx)
			other := publish("other")
			other.Key = "other"
			t.replies(t.must(other), drivers.Reply{})
			t.given(publish("own"))
			t.Eventually(heard.messages).Should(gomega.Receive(gomega.Equal("own")))
		}),
		about(drivers.OpPublish, "reaches those who listen from within batches", func(t *trial) {
			ctx, cancel := context.WithCancel(t.ctx)
			defer cancel()
			heard := t.listen(ctx)
			t.mustBatch(false, put("a", "v"), publish("plain"))
			t.Eventually(heard.messages).Should(gomega.Receive(gomega.Equal("plain")))
			if t.harness.Batch {
				t.mustBatch(true, put("a", "v"), publish("atomic"))
				t.Eventually(heard.messages).Should(gomega.Receive(gomega.Equal("atomic")))
			}
		}),
		topic("ends with the error of the context", func(t *trial) {
			ctx, cancel := context.WithCancel(t.ctx)
			heard := t.listen(ctx)
			cancel()
			t.fails(heard.end(t), context.Canceled)
			ctx, cancel = context.WithTimeout(t.ctx, 10*time.Millisecond)
			defer cancel()
			t.fails(t.subscribe(ctx).end(t), context.DeadlineExceeded)
		}),
		topic("does not begin with a context that has ended", func(t *trial) {
			for _, end := range endings() {
				heard := t.subscribe(end.ctx)
				t.fails(heard.end(t), end.want)
				t.Expect(heard.ready).NotTo(gomega.BeClosed())
			}
		}),
		topic("ends with the loop", func(t *trial) {
			ctx, cancel := context.WithCancel(t.ctx)
			defer cancel()
			ended := make(chan struct{})
			ready := make(chan struct{})
			go func() {
				defer close(ended)
				for _, err := range drivers.Subscribe(ctx, t.Driver, t.place(publish("")), func() { close(ready) }) {
					_ = err // the first message ends it
					return
				}
			}()
			t.Eventually(ready).Should(gomega.BeClosed())
			t.given(publish("message"))
			t.Eventually(ended).Should(gomega.BeClosed())
			t.Eventually(func() int64 { return t.must(publish("message")).Int }).Should(gomega.BeZero())
		}),
		topic("keeps nobody who publishes waiting for a slow loop, which is told what it missed", func(t *trial) { t.slowLoop() }),
	)
	if h.Close {
		checks = append(checks,
			topic("ends with ErrClosed", func(t *trial) {
				heard := t.listen(t.ctx)
				t.close()
				t.fails(heard.end(t), drivers.ErrClosed)
			}),
			topic("is ErrClosed after Close", func(t *trial) {
				t.close()
				t.fails(t.subscribe(t.ctx).end(t), drivers.ErrClosed)
			}))
	}
	return checks
}

// subscription is what a loop on a goroutine of its own hears.
type subscription struct {
	ready    chan struct{}
	messages chan string
	err      chan error
}

func (t *trial) subscribe(ctx context.Context) subscription {
	s := subscription{make(chan struct{}), make(chan string, 10_000), make(chan error, 1)}
	cmd := t.place(publish(""))
	go func() {
		for message, err := range drivers.Subscribe(ctx, t.Driver, cmd, func() { close(s.ready) }) {
			if err != nil {
				s.err <- err
				return
			}
			s.messages <- message
		}
		s.err <- nil
	}()
	return s
}

// listen is subscribe once that listens.
func (t *trial) listen(ctx context.Context) subscription {
	s := t.subscribe(ctx)
	t.Eventually(s.ready).Should(gomega.BeClosed())
	return s
}

// end is why the loop has ended.
func (s subscription) end(t *trial) (err error) {
	t.Eventually(s.err).Should(gomega.Receive(&err))
	return err
}

// slowLoop publishes more than anybody buffers to a loop that stands still. What it hears
// then is in order, and where something is missing it is told.
func (t *trial) slowLoop() {
	const many, size = 3_000, 20_000
	ctx, cancel := context.WithCancel(t.ctx)
	defer cancel()
	ready, published := make(chan struct{}), make(chan struct{})
	result := make(chan error, 1)
	go func() {
		heard, missed := 0, false
		for message, err := range drivers.Subscribe(ctx, t.Driver, t.place(publish("")), func() { close(ready) }) {
			<-published
			switch {
			case errors.Is(err, drivers.ErrMissed):
				missed = true
			case err != nil:
				result <- err
				return
			case message == "last":
				if heard < many && !missed {
					err = errors.New("messages were dropped without a word")
				}
				result <- err
				return
			case len(message) == size:
				heard++
			}
		}
	}()
	t.Eventually(ready).Should(gomega.BeClosed())
	big := publish(string(make([]byte, size)))
	for range many {
		t.given(big)
	}
	close(published)
	t.Eventually(func() (err error) {
		t.given(publish("last"))
		select {
		case err = <-result:
			return err
		case <-time.After(10 * time.Millisecond):
			return errors.New("the loop goes on")
		}
	}).Should(gomega.Succeed())
}
