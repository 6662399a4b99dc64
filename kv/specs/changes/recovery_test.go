package changes_test

import (
	"context"
	"fmt"
	"iter"
	"sync"
	"sync/atomic"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/drivers/memory"
	"github.com/kvstore-go/kvstore/kv"
)

// faulty is a driver whose follower hears what a spec lets it hear, and nothing by itself.
type faulty struct {
	*memory.Driver
	heard   chan heard
	down    atomic.Bool // commands are refused
	scanned func(key string) error
	asked   atomic.Int64
}

// heard is what a follower hears: a key, or an error, or that it hears from now on.
type heard struct {
	key   string
	err   error
	hears bool
}

func newFaulty() *faulty {
	return &faulty{Driver: memory.New(), heard: make(chan heard), scanned: func(string) error { return nil }}
}

func (f *faulty) Do(ctx context.Context, cmd drivers.Command) (drivers.Reply, error) {
	f.asked.Add(1)
	if f.down.Load() {
		return drivers.Reply{}, fmt.Errorf("%w: for now", drivers.ErrUnavailable)
	}
	return f.Driver.Do(ctx, cmd)
}

func (f *faulty) DoBatch(ctx context.Context, b *drivers.Batch) error {
	f.asked.Add(1)
	if f.down.Load() {
		err := fmt.Errorf("%w: for now", drivers.ErrUnavailable)
		b.Fail(err)
		return err
	}
	return f.Driver.DoBatch(ctx, b)
}

func (f *faulty) Scan(ctx context.Context, cmd drivers.Command) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		for key, err := range f.Driver.Scan(ctx, cmd) {
			if !yield(key, err) {
				return
			}
			if err := f.scanned(key); err != nil {
				yield("", err)
				return
			}
		}
	}
}

func (f *faulty) Follow(ctx context.Context, _ []string, ready func()) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		ready()
		for {
			select {
			case next := <-f.heard:
				if next.hears {
					ready()
				} else if !yield(next.key, next.err) {
					return
				}
			case <-ctx.Done():
				yield("", ctx.Err())
				return
			}
		}
	}
}

// hears lets the follower hear something.
func (f *faulty) hears(ctx context.Context, next heard) {
	GinkgoHelper()
	Eventually(f.heard).WithContext(ctx).Should(BeSent(next), "nobody listens, as the loop stands still")
}

func (f *faulty) misses(ctx context.Context) {
	GinkgoHelper()
	f.hears(ctx, heard{err: fmt.Errorf("%w: the connection was lost", drivers.ErrMissed)})
}

func (f *faulty) recovers(ctx context.Context) {
	GinkgoHelper()
	f.hears(ctx, heard{hears: true})
}

var _ = Describe("A follower that misses something", func() {
	var driver *faulty
	BeforeEach(func() {
		driver = newFaulty()
		leavesNoGoroutines()
	})

	It("says so, and then what is true now, the same or not", func(ctx context.Context) {
		note := kv.MustOpen(kv.String(), driver, kv.At("note"))
		Expect(note.Write(ctx, "a")).To(Succeed())
		loop := begin(ctx, note.Follow)
		Expect(loop.value()).To(Equal("a"))
		driver.misses(ctx)
		Expect(loop.failure()).To(MatchError("kv: Follow note: " + kv.ErrMissed.Error() + ": the connection was lost"))
		driver.recovers(ctx)
		Expect(loop.value()).To(Equal("a"))
		driver.misses(ctx)
		Expect(loop.failure()).To(MatchError(kv.ErrMissed))
		Expect(note.Write(ctx, "b")).To(Succeed())
		driver.recovers(ctx)
		Expect(loop.value()).To(Equal("b"))
		driver.hears(ctx, heard{key: "note"})
		driver.hears(ctx, heard{key: "note:below"}) // which it does when it has read the value once more
		Expect(note.Write(ctx, "c")).To(Succeed())
		driver.hears(ctx, heard{key: "note"})
		Expect(loop.value()).To(Equal("c"))
	})

	It("asks for nothing when something changes below a value", func(ctx context.Context) {
		root := kv.MustOpen(town, driver)
		loop := begin(ctx, root.Take(notes).Take("a").Follow)
		Expect(loop.failure()).To(MatchError(kv.ErrNotFound))
		asked := driver.asked.Load()
		for range 2 { // the second is heard when the first is done with
			driver.hears(ctx, heard{key: "town:notes:a:below"})
		}
		Expect(driver.asked.Load()).To(Equal(asked))
	})

	It("says so of any value, and whether it is there now", func(ctx context.Context) {
		lock := kv.MustOpen(kv.HyperLogLog(), driver, kv.At("seen"))
		loop := begin(ctx, lock.Follow)
		Expect(loop.value()).To(BeFalse())
		driver.misses(ctx)
		Expect(loop.failure()).To(MatchError(kv.ErrMissed))
		Expect(lock.Add(ctx, "ann")).To(BeTrue())
		driver.recovers(ctx)
		Expect(loop.value()).To(BeTrue())
	})

	It("goes through all keys of a store anew", func(ctx context.Context) {
		root := kv.MustOpen(town, driver)
		Expect(root.Take(notes).Take("a").Write(ctx, "1")).To(Succeed())
		fields, loop := begin(ctx, root.Follow), begin(ctx, root.Take(notes).Follow)
		Expect(fields.value()).To(Equal("notes"))
		Expect(loop.value().Key).To(Equal("a"))
		for range 2 {
			driver.misses(ctx)
		}
		Expect(fields.failure()).To(MatchError(kv.ErrMissed))
		Expect(loop.failure()).To(MatchError(kv.ErrMissed))
		Expect(root.Take(notes).Take("b").Write(ctx, "1")).To(Succeed())
		Expect(root.Take(notes).Take("a").Erase(ctx)).To(BeTrue())
		for range 2 {
			driver.recovers(ctx)
		}
		Expect(fields.value()).To(Equal("notes"))
		Expect(loop.value().Key).To(Equal("b"))
	})

	It("says what is different of a query", func(ctx context.Context) {
		all := kv.MustOpen(players, driver, kv.At("players"))
		write := func(id string, rating int) {
			GinkgoHelper()
			Expect(all.Take(id).Write(ctx, player{Rating: rating})).To(Succeed())
		}
		for _, id := range []string{"a", "b", "c"} {
			write(id, 2000)
		}
		write("d", 1000)
		loop := begin(ctx, all.Find(byRating.AtLeast(1500)).Follow)
		for _, id := range []string{"a", "b", "c"} {
			Expect(loop.value()).To(Equal(enters(id, 2000)))
		}
		driver.misses(ctx)
		Expect(loop.failure()).To(MatchError(kv.ErrMissed))
		write("a", 2100)
		write("b", 1400)
		write("d", 1600)
		Expect(all.Take("c").Erase(ctx)).To(BeTrue())
		driver.recovers(ctx)
		Expect(loop.value()).To(Equal(changes("a", 2100)))
		Expect(loop.value()).To(Equal(enters("d", 1600)))
		Expect([]playerChange{loop.value(), loop.value()}).To(ConsistOf(leaves("b"), leaves("c")))
		driver.misses(ctx)
		Expect(loop.failure()).To(MatchError(kv.ErrMissed))
		driver.recovers(ctx)
		driver.hears(ctx, heard{key: all.Take("a").Path()}) // which it does when it has begun
		write("d", 1601)
		driver.hears(ctx, heard{key: all.Take("d").Path()})
		Expect(loop.value()).To(Equal(changes("d", 1601)), "nothing else was different")
	})
})

var _ = Describe("A store that is out of reach", func() {
	var driver *faulty
	BeforeEach(func() {
		driver = newFaulty()
		leavesNoGoroutines()
	})

	It("ends nothing: what is followed is read when it is back", func(ctx context.Context) {
		note := kv.MustOpen(kv.String(), driver, kv.At("note"))
		Expect(note.Write(ctx, "a")).To(Succeed())
		loop := begin(ctx, note.Follow)
		Expect(loop.value()).To(Equal("a"))
		Expect(note.Write(ctx, "b")).To(Succeed())
		driver.down.Store(true)
		asked := driver.asked.Load()
		driver.hears(ctx, heard{key: "note"})
		Eventually(driver.asked.Load).Should(BeNumerically(">", asked+2))
		driver.down.Store(false)
		Expect(loop.value()).To(Equal("b"))
		driver.down.Store(true)
		driver.hears(ctx, heard{key: "note"})
		Eventually(driver.asked.Load).Should(BeNumerically(">", asked+4))
		loop.cancel()
		Expect(loop.end()).To(MatchError(context.Canceled))
	})

	It("is listed, and searched, when it is back", func(ctx context.Context) {
		root, all := kv.MustOpen(town, driver), kv.MustOpen(players, driver, kv.At("players"))
		Expect(root.Take(notes).Take("a").Write(ctx, "1")).To(Succeed())
		Expect(all.Take("a").Write(ctx, player{Rating: 1})).To(Succeed())
		failures := 3
		driver.scanned = func(string) error {
			if failures--; failures >= 0 {
				return fmt.Errorf("%w: a failover", drivers.ErrInterrupted)
			}
			return nil
		}
		driver.down.Store(true)
		loop, found := begin(ctx, root.Take(notes).Follow), begin(ctx, all.Find().Follow)
		driver.down.Store(false)
		for range 4 {
			Expect(loop.value().Key).To(Equal("a"), "each time that it is listed")
		}
		Expect(found.value()).To(Equal(enters("a", 1)))
	})
})

var _ = Describe("What changes while a store is listed", func() {
	It("is told after that, if not within", func(ctx context.Context) {
		driver := newFaulty()
		all := kv.MustOpen(town, driver).Take(notes)
		for i := range 10 {
			Expect(all.Take(fmt.Sprint(i)).Write(ctx, "1")).To(Succeed())
		}
		var once sync.Once
		driver.scanned = func(string) error {
			once.Do(func() { Expect(all.Take("new").Write(ctx, "1")).To(Succeed()) })
			return nil
		}
		loop := begin(ctx, all.Follow)
		var listed []string
		for range 10 {
			listed = append(listed, loop.value().Key)
		}
		Expect(listed).NotTo(ContainElement("new"), "of what a scan goes through, which is from before")
		driver.hears(ctx, heard{key: "town:notes:new"})
		Expect(loop.value().Key).To(Equal("new"))
	})

	It("is not lost, though it comes before anything is listed", func(ctx context.Context) {
		memory := memory.New()
		all := kv.MustOpen(town, memory).Take(notes)
		late := kv.MustOpen(town, drivers.Driver(&lateScan{memory, func() { Expect(all.Take("new").Write(ctx, "1")).To(Succeed()) }})).Take(notes)
		loop := begin(ctx, late.Follow)
		Expect(loop.value().Key).To(Equal("new"))
	})
})

// lateScan is a driver that does something when its listing is over.
type lateScan struct {
	*memory.Driver
	after func()
}

func (s *lateScan) Scan(ctx context.Context, cmd drivers.Command) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		for key, err := range s.Driver.Scan(ctx, cmd) {
			if !yield(key, err) {
				return
			}
		}
		s.after()
	}
}
