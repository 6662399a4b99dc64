package queues_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/drivers/memory"
	"github.com/kvstore-go/kvstore/kv"
	"github.com/kvstore-go/kvstore/kv/internal/kvtest"
)

// eager asks without pauses that would be felt.
var eager = []kv.HandleJobsOption{kv.PollEvery(time.Millisecond), kv.RetryAfter(0)}

// eagerly is eager and something more.
func eagerly(options ...kv.HandleJobsOption) []kv.HandleJobsOption {
	return append(slices.Clone(eager), options...)
}

// handled is a worker until stop is called, which answers what Handle did.
func handled(ctx context.Context, mails kv.QueueField[mail], fn func(ctx context.Context, job kv.Job[mail]) error, options ...kv.HandleJobsOption) (stop func() error) {
	working, cancel := context.WithCancel(ctx)
	over := make(chan error, 1)
	go func() { over <- mails.Handle(working, fn, options...) }()
	return func() error {
		cancel()
		return <-over
	}
}

var _ = Describe("Workers of a queue", func() {
	kvtest.OnAllDrivers(func(open func(context.Context) kvtest.Backend) {
		var (
			store kvtest.Backend
			mails kv.QueueField[mail]
		)
		BeforeEach(func(ctx context.Context) {
			store = open(ctx)
			mails = kv.MustOpen(shopSchema, store.Driver).Mails
		})
		fill := func(ctx context.Context, ids ...string) {
			GinkgoHelper()
			for _, id := range ids {
				Expect(mails.Add(ctx, mail{id}, kv.JobID(id), past)).To(Equal(id))
			}
		}
		isEmpty := func(ctx context.Context) func() (int, error) {
			return func() (int, error) { return mails.Len(ctx) }
		}

		It("do each job once, however many they are, and those that are added later", func(ctx context.Context) {
			var lock sync.Mutex
			done := map[string]int{}
			work := func(_ context.Context, job kv.Job[mail]) error {
				lock.Lock()
				defer lock.Unlock()
				done[job.ID]++
				return nil
			}
			fill(ctx, "a", "b", "c")
			stops := []func() error{handled(ctx, mails, work, eagerly(kv.Concurrency(4))...), handled(ctx, mails, work, eagerly(kv.Concurrency(4))...)}
			fill(ctx, "d", "e", "f")
			Eventually(isEmpty(ctx)).Should(BeZero())
			for _, stop := range stops {
				Expect(stop()).To(MatchError(context.Canceled))
			}
			Expect(done).To(Equal(map[string]int{"a": 1, "b": 1, "c": 1, "d": 1, "e": 1, "f": 1}))
		})
		It("work side by side, and on no more than they are told", func(ctx context.Context) {
			fill(ctx, "a", "b", "c")
			began, goOn := make(chan string, 3), make(chan struct{})
			stop := handled(ctx, mails, func(_ context.Context, job kv.Job[mail]) error {
				began <- job.ID
				<-goOn
				return nil
			}, eagerly(kv.Concurrency(2))...)
			Expect([]string{<-began, <-began}).To(ConsistOf("a", "b"))
			Expect(mails.Get(ctx, "c")).To(HaveField("State", kv.JobDue))
			close(goOn)
			Expect(<-began).To(Equal("c"))
			Eventually(isEmpty(ctx)).Should(BeZero())
			Expect(stop()).To(MatchError(context.Canceled))
		})
		It("try a job again and bury it when it was tried often enough", func(ctx context.Context) {
			fill(ctx, "good", "poison")
			var tries []int
			var waits []int
			stop := handled(ctx, mails, func(_ context.Context, job kv.Job[mail]) error {
				if job.ID == "good" {
					return nil
				}
				tries = append(tries, job.Tries)
				return errors.New("it is bad")
			}, eagerly(kv.BuryAfter(3), kv.Backoff(func(tries int) time.Duration { waits = append(waits, tries); return 0 }))...)
			Eventually(func() (int, error) { return mails.CountDead(ctx) }).Should(Equal(1))
			Expect(stop()).To(MatchError(context.Canceled))
			Expect(tries).To(Equal([]int{1, 2, 3}))
			Expect(waits).To(Equal([]int{1, 2}))
			Expect(ids(mails.AllDead(ctx))).To(Equal([]string{"poison"}))
			Expect(mails.Len(ctx)).To(BeZero())
		})
		It("bury, without trying it, what kills all that try it, and what does not fit", func(ctx context.Context) {
			fill(ctx, "killer")
			for range 2 {
				Eventually(func() error { return kvtest.ErrorOf(mails.Take(ctx, time.Millisecond)) }).WithPolling(time.Millisecond).Should(Succeed())
			}
			cmd := drivers.JobAdd("odd", "{", 0, 1)
			cmd.Key = mails.Path()
			Expect(kvtest.ErrorOf(store.Raw.Do(ctx, cmd))).To(Succeed())
			stop := handled(ctx, mails, func(context.Context, kv.Job[mail]) error {
				defer GinkgoRecover()
				Fail("it is tried")
				return nil
			}, eagerly(kv.BuryAfter(2))...)
			Eventually(func() (int, error) { return mails.CountDead(ctx) }).Should(Equal(2))
			Expect(stop()).To(MatchError(context.Canceled))
		})
		It("are told of whatever fails, an error, a panic, and what is buried untried, and none of it ends them", func(ctx context.Context) {
			fill(ctx, "killer")
			for range 2 {
				job, err := mails.Take(ctx, time.Hour)
				Expect(err).NotTo(HaveOccurred())
				Expect(mails.Retry(ctx, job, past)).To(Succeed())
			}
			fill(ctx, "bad", "panics")
			cmd := drivers.JobAdd("odd", "{", 0, 1)
			cmd.Key = mails.Path()
			Expect(kvtest.ErrorOf(store.Raw.Do(ctx, cmd))).To(Succeed())
			bad := errors.New("it is bad")
			var lock sync.Mutex
			var told []error
			stop := handled(ctx, mails, func(_ context.Context, job kv.Job[mail]) error {
				if job.ID == "bad" {
					return bad
				}
				panic("of " + job.ID)
			}, eagerly(kv.Concurrency(2), kv.BuryAfter(2), kv.OnFailure(func(err error) {
				lock.Lock()
				defer lock.Unlock()
				told = append(told, err)
			}))...)
			Eventually(func() (int, error) { return mails.CountDead(ctx) }).Should(Equal(4))
			Expect(stop()).To(MatchError(context.Canceled))
			isBad := And(MatchError(bad), MatchError(ContainSubstring(`job "bad": it is bad`)))
			isLast := And(MatchError(bad), MatchError(ContainSubstring(`job "bad": the last of 2 tries: it is bad`)))
			panics := MatchError(And(ContainSubstring(`job "panics": panic: of panics`), ContainSubstring("handle_test.go")))
			lastPanic := MatchError(And(ContainSubstring(`job "panics": the last of 2 tries: panic: of panics`), ContainSubstring("handle_test.go")))
			Expect(told).To(ConsistOf(isBad, isLast, panics, lastPanic, MatchError(kv.ErrCorrupt), MatchError(ContainSubstring(`job "killer": buried untried`))))
			var lost *kv.CorruptElementError
			Expect(errors.As(errors.Join(told...), &lost)).To(BeTrue())
			Expect(lost.Text).To(Equal("{"))
		})
		It("refuse what makes no sense before they take anything", func(ctx context.Context) {
			fill(ctx, "a")
			for _, option := range []kv.HandleJobsOption{
				kv.Concurrency(0), kv.BuryAfter(0), kv.LeaseFor(0), kv.PollEvery(-1), kv.RetryAfter(-1), kv.Backoff(nil),
				kv.LeaseFor(5), kv.PollEvery(5), kv.RetryAfter(5), // nanoseconds
			} {
				Expect(mails.Handle(ctx, func(context.Context, kv.Job[mail]) error { return nil }, option)).To(MatchError(kv.ErrInvalid))
			}
			Expect(mails.Get(ctx, "a")).To(And(HaveField("State", kv.JobDue), HaveField("Tries", 0)))
		})
		It("take a pause of nanoseconds for the shortest there is", func(ctx context.Context) {
			fill(ctx, "a")
			tries := make(chan int, 2)
			stop := handled(ctx, mails, func(_ context.Context, job kv.Job[mail]) error {
				tries <- job.Tries
				return errors.New("again")
			}, kv.PollEvery(time.Millisecond), kv.BuryAfter(2), kv.Backoff(func(int) time.Duration { return 5 }))
			Expect([]int{<-tries, <-tries}).To(Equal([]int{1, 2}))
			Eventually(func() (int, error) { return mails.CountDead(ctx) }).Should(Equal(1))
			Expect(stop()).To(MatchError(context.Canceled))
		})
		It("go on with what a worker that was killed has left", func(ctx context.Context) {
			fill(ctx, "a")
			Expect(mails.Take(ctx, time.Millisecond)).To(HaveField("ID", "a")) // and nothing more is heard of it
			tries := make(chan int, 1)
			stop := handled(ctx, mails, func(_ context.Context, job kv.Job[mail]) error {
				tries <- job.Tries
				return nil
			}, eager...)
			Expect(<-tries).To(Equal(2))
			Eventually(isEmpty(ctx)).Should(BeZero())
			Expect(stop()).To(MatchError(context.Canceled))
		})
		It("leave a job that fn has settled as that has left it", func(ctx context.Context) {
			fill(ctx, "bury", "later", "once")
			seen := make(chan string, 3)
			stop := handled(ctx, mails, func(ctx context.Context, job kv.Job[mail]) (err error) {
				switch job.ID {
				case "bury":
					err = mails.Bury(ctx, job)
				case "later":
					err = mails.Retry(ctx, job, kv.DueIn(time.Hour))
				case "once":
					err = kv.Atomic(ctx, mails, func(ctx context.Context, tx kv.QueueField[mail]) error { return tx.Done(ctx, job) })
				}
				seen <- job.ID
				return err
			}, eager...)
			Expect([]string{<-seen, <-seen, <-seen}).To(ConsistOf("bury", "later", "once"))
			Expect(stop()).To(MatchError(context.Canceled))
			Expect(ids(mails.AllDead(ctx))).To(Equal([]string{"bury"}))
			Expect(ids(mails.All(ctx))).To(Equal([]string{"later"}))
		})
		It("give back at once what fails because they are stopped, and finish what does not", func(ctx context.Context) {
			fill(ctx, "a", "b")
			began := make(chan struct{}, 2)
			stop := handled(ctx, mails, func(ctx context.Context, job kv.Job[mail]) error {
				began <- struct{}{}
				<-ctx.Done()
				if job.ID == "b" {
					return nil
				}
				return ctx.Err()
			}, eagerly(kv.Concurrency(2), kv.Backoff(func(int) time.Duration { return time.Hour }))...)
			<-began
			<-began
			Expect(stop()).To(MatchError(context.Canceled))
			Expect(ids(mails.All(ctx))).To(Equal([]string{"a"}))
			Eventually(func() (kv.Job[mail], error) { return mails.Get(ctx, "a") }).Should(And(HaveField("State", kv.JobDue), HaveField("Tries", 1)))
		})
		It("keep a job as long as they work on it, and are told when they lose it", func(ctx context.Context) {
			fill(ctx, "a")
			began, lost := make(chan time.Time, 2), make(chan error, 2)
			stop := handled(ctx, mails, func(ctx context.Context, job kv.Job[mail]) error {
				found, err := mails.Get(ctx, "a")
				Expect(err).NotTo(HaveOccurred())
				began <- found.Due
				<-ctx.Done()
				lost <- context.Cause(ctx)
				return nil
			}, eagerly(kv.LeaseFor(1500*time.Millisecond))...)
			until := <-began
			Eventually(func() (kv.Job[mail], error) { return mails.Get(ctx, "a") }).Should(HaveField("Due", BeTemporally(">", until)))
			Expect(mails.Remove(ctx, "a")).To(Equal(1))
			Expect(<-lost).To(MatchError(kv.ErrJobLost))
			Expect(stop()).To(MatchError(context.Canceled))
			Expect(mails.Exists(ctx)).To(BeFalse())
		})
	})

	It("end with the error of the store, when those that are under way have ended", func(ctx context.Context) {
		var lock sync.Mutex
		broken := false
		refused := errors.New("refused")
		driver := drivers.Use(memory.New(), func(ctx context.Context, b *drivers.Batch, next drivers.Next) error {
			lock.Lock()
			defer lock.Unlock()
			if broken && b.Items[0].Command.Op == drivers.OpJobTake {
				return refused
			}
			return next(ctx, b)
		})
		mails := kv.MustOpen(kv.Queue[mail](), driver, kv.At("mails"))
		Expect(kvtest.ErrorOf(mails.Add(ctx, mail{"ann"}))).To(Succeed())
		ended := false
		Expect(mails.Handle(ctx, func(context.Context, kv.Job[mail]) error {
			lock.Lock()
			broken = true
			lock.Unlock()
			ended = true
			return nil
		}, eagerly(kv.Concurrency(2))...)).To(MatchError(refused))
		Expect(ended).To(BeTrue())
		Expect(mails.Len(ctx)).To(BeZero())
	})
	It("are told of what became of a job that could not be stored, and end with it", func(ctx context.Context) {
		refused := errors.New("refused")
		driver := drivers.Use(memory.New(), func(ctx context.Context, b *drivers.Batch, next drivers.Next) error {
			if b.Items[0].Command.Op == drivers.OpJobRemove {
				return refused
			}
			return next(ctx, b)
		})
		mails := kv.MustOpen(kv.Queue[mail](), driver, kv.At("mails"))
		Expect(kvtest.ErrorOf(mails.Add(ctx, mail{"ann"}, kv.JobID("a")))).To(Succeed())
		var told []error
		done := func(context.Context, kv.Job[mail]) error { return nil }
		Expect(mails.Handle(ctx, done, kv.OnFailure(func(err error) { told = append(told, err) }))).To(MatchError(refused))
		Expect(told).To(ConsistOf(And(MatchError(refused), MatchError(ContainSubstring(`job "a"`)))))
	})
	It("ask no more often than they are told while nothing is due", func(ctx context.Context) {
		store := kvtest.New(memory.New())
		mails := kv.MustOpen(kv.Queue[mail](), store.Driver, kv.At("mails"))
		stop := handled(ctx, mails, func(context.Context, kv.Job[mail]) error { return nil }, kv.PollEvery(time.Hour))
		Eventually(store.Trips.Taken).Should(Equal(1))
		Expect(kvtest.ErrorOf(mails.Add(ctx, mail{"ann"}))).To(Succeed())
		Expect(stop()).To(MatchError(context.Canceled))
		Expect(store.Trips.Of(drivers.OpJobTake)).To(Equal(1))
		Expect(mails.Len(ctx)).To(Equal(1))
	})
	It("wait twice as long each time, an hour at most, if nothing else is said", func(ctx context.Context) {
		clock := kvtest.NewClock()
		mails := kv.MustOpen(kv.Queue[mail](), memory.New(memory.WithClock(clock.Now)), kv.At("mails"))
		Expect(kvtest.ErrorOf(mails.Add(ctx, mail{"ann"}, kv.JobID("a")))).To(Succeed())
		var waited []time.Duration
		for range 9 {
			failed := make(chan struct{})
			stop := handled(ctx, mails, func(context.Context, kv.Job[mail]) error {
				close(failed)
				return errors.New("no")
			}, kv.PollEvery(time.Millisecond))
			<-failed
			var job kv.Job[mail]
			Eventually(func() (err error) {
				if job, err = mails.Get(ctx, "a"); err == nil && job.State != kv.JobWaiting {
					err = errors.New("not yet")
				}
				return err
			}).Should(Succeed())
			Expect(stop()).To(MatchError(context.Canceled))
			waited = append(waited, job.Due.Sub(clock.Now()))
			clock.Advance(job.Due.Sub(clock.Now()))
		}
		want := []time.Duration{1, 2, 4, 8, 16, 32, 64, 128, 256}
		Expect(waited).To(Equal(slices.Collect(func(yield func(time.Duration) bool) {
			for _, seconds := range want {
				if !yield(seconds * time.Second) {
					return
				}
			}
		})))
	})
})
