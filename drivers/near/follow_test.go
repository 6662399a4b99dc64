package near_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"runtime"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/drivers/memory"
	"github.com/kvstore-go/kvstore/drivers/near"
)

// told is something a follower is told: that it hears, that a key has changed, or an error.
type told struct {
	hears bool
	key   string
	err   error
}

// scripted is a driver whose followers are told what a spec says, one thing after the other.
type scripted struct {
	drivers.Driver
	begun chan []string // the keys of a loop that begins
	tell  chan told
	heard chan struct{} // what was told was dealt with
}

func newScripted() scripted {
	return scripted{memory.New(), make(chan []string, 100), make(chan told), make(chan struct{})}
}

func (s scripted) Follow(ctx context.Context, keys []string, ready func()) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		s.begun <- keys
		for {
			select {
			case next := <-s.tell:
				more := true
				if next.hears {
					ready()
				} else {
					more = yield(next.key, next.err)
				}
				s.heard <- struct{}{}
				if !more || next.err != nil && !errors.Is(next.err, drivers.ErrMissed) {
					return
				}
			case <-ctx.Done():
				yield("", ctx.Err())
				return
			}
		}
	}
}

// says tells the follower something, and waits until it has dealt with it.
func (s scripted) says(next told) {
	s.tell <- next
	<-s.heard
}

var _ = Describe("What is kept near", func() {
	var (
		inside scripted
		driver *near.Driver
		cache  drivers.NearCache
		now    *clock
	)
	BeforeEach(func() {
		inside, now = newScripted(), &clock{now: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)}
		driver = near.New(inside, nil, near.MaxBytes(1<<20), near.WithClock(now.Now), near.RetryEvery(time.Millisecond))
		cache = driver.Near()
		DeferCleanup(func() { Expect(driver.Close()).To(Succeed()) })
	})
	hears := func() {
		cache.Cover([]string{"a"})
		inside.says(told{hears: true})
	}

	It("is nothing before it is heard of what changes, and nothing of what lies elsewhere", func() {
		Expect(cache.Reserve("a", get)).To(BeNil(), "nobody follows")
		cache.Cover([]string{"a"})
		Expect(<-inside.begun).To(ConsistOf("a"))
		Expect(cache.Reserve("a", get)).To(BeNil(), "nothing is heard yet")
		inside.says(told{hears: true})
		keep(cache, "a", get, "1")
		keep(cache, "a:b:c", get, "2")
		Expect(cache.Reserve("ab", get)).To(BeNil())
		Expect([]string{kept(cache, "a", get), kept(cache, "a:b:c", get)}).To(Equal([]string{"1", "2"}))
		Expect(driver.Err()).NotTo(HaveOccurred())
	})
	It("goes at once with the news that its key has changed, all of it, and takes the place of what was being read", func() {
		hears()
		keep(cache, "a", hGet("x"), "1")
		keep(cache, "a", hGet("y"), "2")
		keep(cache, "a:b", get, "3")
		reading := cache.Reserve("a", hGet("z"))
		inside.says(told{key: "a"})
		reading(reply("old"), -1)
		Expect([]string{kept(cache, "a", hGet("x")), kept(cache, "a", hGet("y")), kept(cache, "a", hGet("z")), kept(cache, "a:b", get)}).
			To(Equal([]string{"", "", "", "3"}))
		Expect(driver.Stats().Dropped).To(Equal(int64(1)))
	})
	It("goes when something was missed, and nothing is kept until it is heard again: not even what was being read all the while", func() {
		hears()
		keep(cache, "a", get, "1")
		before := cache.Reserve("a:b", get)
		inside.says(told{err: drivers.ErrMissed})
		Expect(kept(cache, "a", get)).To(BeEmpty())
		Expect(cache.Reserve("a", get)).To(BeNil())
		before(reply("old"), -1)
		inside.says(told{hears: true})
		before(reply("old"), -1)
		Expect([]string{kept(cache, "a", get), kept(cache, "a:b", get)}).To(Equal([]string{"", ""}))
		keep(cache, "a", get, "2")
		Expect(kept(cache, "a", get)).To(Equal("2"))
		Expect(driver.Stats().Missed).To(Equal(int64(1)))
		Expect(driver.Stats().Deaf).To(BeNumerically(">", 0))
	})
	It("goes with a write of the process, when that comes back, whatever becomes of it", func(ctx context.Context) {
		hears()
		keep(cache, "a", get, "1")
		keep(cache, "a:b", get, "2")
		reading := cache.Reserve("a", get)
		_, err := driver.Do(ctx, drivers.Command{Op: drivers.OpSAdd, Key: "a"})
		Expect(err).To(MatchError(drivers.ErrInvalid))
		reading(reply("old"), -1)
		Expect([]string{kept(cache, "a", get), kept(cache, "a:b", get)}).To(Equal([]string{"", "2"}))
		_, err = driver.Do(ctx, drivers.Command{Op: drivers.OpGet, Key: "a:b"})
		Expect(err).NotTo(HaveOccurred())
		Expect(kept(cache, "a:b", get)).To(Equal("2"), "a read changes nothing")
		Expect(driver.DoBatch(ctx, drivers.NewBatch(drivers.Command{Op: drivers.OpSMove, Key: "a:c", Extra: &drivers.Extra{Keys: []string{"a:b"}}, Value: "m"}))).To(Succeed())
		Expect(kept(cache, "a:b", get)).To(BeEmpty(), "the destination of a move")
	})
	It("goes with its time to live, counted from before it was read", func() {
		hears()
		put := cache.Reserve("a", get)
		now.Advance(2 * time.Second)
		put(reply("1"), 3*time.Second)
		now.Advance(999 * time.Millisecond)
		Expect(kept(cache, "a", get)).To(Equal("1"))
		now.Advance(time.Millisecond)
		Expect(kept(cache, "a", get)).To(BeEmpty())
		cache.Reserve("a", get)(reply("2"), 0)
		Expect(kept(cache, "a", get)).To(BeEmpty(), "no time is left")
	})
	It("is never replaced by what was read before it", func() {
		hears()
		earlier := cache.Reserve("a", get)
		now.Advance(time.Millisecond)
		keep(cache, "a", get, "later")
		earlier(reply("earlier"), -1)
		Expect(kept(cache, "a", get)).To(Equal("later"))
	})
	It("is bounded by bytes: others give way, and what is too large for its part is not kept", func() {
		hears()
		text := strings.Repeat("x", 10_000)
		for i := range 1000 {
			keep(cache, fmt.Sprintf("a:%d", i), get, text)
		}
		Expect(driver.Stats().Bytes).To(And(BeNumerically(">", 0), BeNumerically("<=", 1<<20)))
		Expect(driver.Stats().Evictions).To(BeNumerically(">", 800))
		Expect(driver.Stats().Keys).To(BeNumerically("<=", 110))
		keep(cache, "a:large", get, strings.Repeat("x", 1<<16))
		Expect(kept(cache, "a:large", get)).To(BeEmpty())
		for i := range 100 { // fields of one key, which begin anew
			keep(cache, "a:fields", hGet(fmt.Sprint(i)), text)
		}
		Expect(kept(cache, "a:fields", hGet("0"))).To(BeEmpty())
	})
	It("begins anew where further keys are followed, one loop after the other", func() {
		hears()
		Expect(<-inside.begun).To(ConsistOf("a"))
		keep(cache, "a", get, "1")
		cache.Cover([]string{"a:b"}) // is heard of already
		Expect(kept(cache, "a", get)).To(Equal("1"))
		cache.Cover([]string{"b"})
		Expect(kept(cache, "a", get)).To(BeEmpty())
		Expect(<-inside.begun).To(ConsistOf("a", "b"))
		Expect(cache.Reserve("a", get)).To(BeNil())
		inside.says(told{hears: true})
		keep(cache, "a", get, "2")
		keep(cache, "b:c", get, "3")
		Expect([]string{kept(cache, "a", get), kept(cache, "b:c", get)}).To(Equal([]string{"2", "3"}))
	})
	It("is nothing where the driver denies to be followed, which is tried again", func() {
		hears()
		<-inside.begun
		keep(cache, "a", get, "1")
		inside.says(told{err: drivers.ErrDenied})
		Expect(kept(cache, "a", get)).To(BeEmpty())
		Expect(driver.Err()).To(MatchError(drivers.ErrDenied))
		Eventually(inside.begun).Should(Receive())
		inside.says(told{hears: true})
		Expect(driver.Err()).NotTo(HaveOccurred())
		keep(cache, "a", get, "2")
		Expect(kept(cache, "a", get)).To(Equal("2"))
	})
	It("is nothing of a driver that is nil, which Open then refuses", func() {
		Expect(near.New(nil)).To(BeNil())
		Expect(near.New((*memory.Driver)(nil))).To(BeNil())
	})
	It("is nothing while the store is out of reach, which is tried again before long", func() {
		inside := newScripted()
		driver := near.New(inside)
		DeferCleanup(driver.Close)
		driver.Near().Cover([]string{"a"})
		<-inside.begun
		inside.says(told{err: drivers.ErrUnavailable})
		Expect(driver.Err()).To(MatchError(drivers.ErrUnavailable))
		Eventually(inside.begun).Should(Receive())
		inside.says(told{hears: true})
		keep(driver.Near(), "a", get, "1")
		Expect(kept(driver.Near(), "a", get)).To(Equal("1"))
	})
	It("is nothing where the driver cannot be followed, which is not tried again", func() {
		driver := near.New(bare{memory.New()}, near.RetryEvery(time.Nanosecond))
		driver.Near().Cover([]string{"a"})
		Eventually(driver.Err).Should(MatchError(errors.ErrUnsupported))
		Expect(driver.Near().Reserve("a", get)).To(BeNil())
		Expect(driver.Close()).To(Succeed())
	})
	It("is nothing once it is closed, and no goroutine is left", func() {
		before := runtime.NumGoroutine()
		for range 10 {
			driver := near.New(memory.New())
			driver.Near().Cover([]string{"a"})
			Eventually(func() bool { return driver.Near().Reserve("a", get) != nil }).Should(BeTrue())
			keep(driver.Near(), "a", get, "1")
			driver.Near().Cover([]string{"b"})
			Expect(driver.Close()).To(Succeed())
			driver.Near().Cover([]string{"c"})
			Expect(kept(driver.Near(), "a", get)).To(BeEmpty())
			Expect(driver.Near().Reserve("a", get)).To(BeNil())
			Expect(driver.Err()).To(MatchError(drivers.ErrClosed))
		}
		Eventually(runtime.NumGoroutine).Should(BeNumerically("<=", before))
	})
	It("is counted", func() {
		hears()
		kept(cache, "a", get)
		keep(cache, "a", get, "1")
		kept(cache, "a", get)
		kept(cache, "a", get)
		kept(cache, "a", hGet("x"))
		stats := driver.Stats()
		Expect([]int64{stats.Hits, stats.Misses, stats.Keys}).To(Equal([]int64{2, 2, 1}))
	})
	It("is the same behind middleware", func() {
		Expect(drivers.Near(drivers.Use(driver, func(ctx context.Context, b *drivers.Batch, next drivers.Next) error { return next(ctx, b) }))).
			To(BeIdenticalTo(cache))
		Expect(drivers.Near(drivers.Use(memory.New(), func(ctx context.Context, b *drivers.Batch, next drivers.Next) error { return next(ctx, b) }))).
			To(BeNil())
	})
})
