package changes_test

import (
	"context"
	"iter"
	"testing"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"github.com/onsi/gomega/gleak"
	"github.com/redis/go-redis/v9"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/spec/suite"
)

func TestChanges(t *testing.T) {
	redis.SetLogger(suite.Log{})
	suite.Run(t, "kv: what changes")
}

// told is what a loop was given.
type told[T any] struct {
	Value T
	Err   error
}

// loop is a loop on a goroutine of its own, which stands still until what it was given last is taken.
type loop[T any] struct {
	given  chan told[T]
	cancel context.CancelFunc
}

// begin begins a loop, which ends with the spec at the latest.
func begin[T any](ctx context.Context, follow func(ctx context.Context) iter.Seq2[T, error]) loop[T] {
	GinkgoHelper()
	ctx, cancel := context.WithCancel(ctx)
	left := make(chan struct{})
	l := loop[T]{make(chan told[T]), cancel}
	go func() {
		defer GinkgoRecover()
		defer close(l.given)
		for value, err := range follow(ctx) {
			select {
			case l.given <- told[T]{value, err}:
			case <-left:
				return
			}
		}
	}()
	DeferCleanup(func() {
		cancel()
		close(left)
		for range l.given { //nolint:revive // until it has ended
		}
	})
	return l
}

// next is what the loop is given next.
func (l loop[T]) next() told[T] {
	GinkgoHelper()
	var next told[T]
	Eventually(l.given).Should(Receive(&next))
	return next
}

// value is the next, which is no error.
func (l loop[T]) value() T {
	GinkgoHelper()
	next := l.next()
	Expect(next.Err).NotTo(HaveOccurred())
	return next.Value
}

// failure is the error that is next.
func (l loop[T]) failure() error {
	GinkgoHelper()
	next := l.next()
	Expect(next.Err).To(HaveOccurred(), "%v", next.Value)
	return next.Err
}

// end is the error that the loop ends with.
func (l loop[T]) end() error {
	GinkgoHelper()
	err := l.failure()
	Eventually(l.given).Should(BeClosed())
	return err
}

// firstOf is what a loop is given first. It is left then.
func firstOf[T any](loop iter.Seq2[T, error]) (T, error) {
	for value, err := range loop {
		return value, err
	}
	Fail("it was given nothing")
	panic("unreachable")
}

// leavesNoGoroutines is to be called at the beginning of a spec.
func leavesNoGoroutines() {
	before := gleak.Goroutines()
	DeferCleanup(func() { Eventually(gleak.Goroutines).ShouldNot(gleak.HaveLeaked(before)) })
}

// do executes a command past the schema.
func do(ctx context.Context, driver drivers.Driver, cmd drivers.Command) {
	GinkgoHelper()
	_, err := driver.Do(ctx, cmd)
	Expect(err).NotTo(HaveOccurred())
}
