package locks_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/drivers/memory"
	"github.com/kvstore-go/kvstore/kv"
	"github.com/kvstore-go/kvstore/kv/internal/kvtest"
	"github.com/kvstore-go/kvstore/spec/suite"
)

const (
	lockLong  kv.Key[kv.LockField] = "long"
	lockShort kv.Key[kv.LockField] = "short"
)

// lockLease is short enough to wait for its end. A busy machine may stand still for as long.
const lockLease = 600 * time.Millisecond

var lockStore = kv.Static("locks").Lock(lockLong, time.Hour).Lock(lockShort, lockLease)

var _ = Describe("Locks", Label(suite.Slow), func() {
	kvtest.OnAllDrivers(func(open func(context.Context) kvtest.Backend) {
		var (
			store kvtest.Backend
			locks kv.StaticStore
			long  kv.LockField
			short kv.LockField
		)
		BeforeEach(func(ctx context.Context) {
			store = open(ctx)
			locks = kv.MustOpen(lockStore, store.Driver)
			long, short = locks.Take(lockLong), locks.Take(lockShort)
			store.Trips.Reset()
		})
		acquire := func(ctx context.Context, lock kv.LockField) kv.Held {
			GinkgoHelper()
			held, err := lock.TryAcquire(ctx)
			Expect(err).NotTo(HaveOccurred())
			return held
		}

		It("are held by one at a time, each in one round trip, with growing tokens", func(ctx context.Context) {
			first := acquire(ctx, long)
			Expect(store.Trips.Taken()).To(Equal(1))
			Expect(first.Token()).To(BeNumerically("~", time.Now().UnixMicro(), time.Minute.Microseconds()))
			_, err := long.TryAcquire(ctx)
			var locked *kv.LockedError
			Expect(errors.As(err, &locked)).To(BeTrue())
			Expect(locked.Left).To(BeNumerically("~", time.Hour, time.Minute))
			Expect(err).To(MatchError(kv.ErrConditionFailed))
			Expect(err).To(MatchError(ContainSubstring("kv: TryAcquire locks:long: another holds the lock for")))

			Expect(long.Holder(ctx)).To(And(HaveField("Owner", first.Owner()), HaveField("Token", first.Token()), HaveField("Left", BeNumerically("~", time.Hour, time.Minute))))
			store.Trips.Reset()
			Expect(first.Renew(ctx)).To(Succeed())
			Expect(first.Release(ctx)).To(Succeed())
			Expect(store.Trips.Taken()).To(Equal(2))
			Expect(first.Release(ctx)).To(MatchError(kv.ErrLockLost))
			Expect(first.Renew(ctx)).To(MatchError(kv.ErrLockLost))
			_, err = long.Holder(ctx)
			Expect(err).To(MatchError(kv.ErrNotFound))
			second := acquire(ctx, long)
			Expect(second.Token()).To(BeNumerically(">", first.Token()))
			Expect(second.Owner()).NotTo(Equal(first.Owner()))
			Expect(long.Erase(ctx)).To(BeTrue())
			Expect(second.Renew(ctx)).To(MatchError(kv.ErrLockLost))
			Expect(acquire(ctx, long).Token()).To(BeNumerically(">=", second.Token()), "of what has been forgotten")
		})
		It("go to the next when the lease is over", func(ctx context.Context) {
			first := acquire(ctx, short)
			next, err := kv.MustOpen(kv.Lock(time.Hour), store.Driver, kv.At("locks", "short")).Acquire(ctx)
			Expect(err).NotTo(HaveOccurred())
			Expect(next.Token()).To(BeNumerically(">", first.Token()))
			Expect(first.Release(ctx)).To(MatchError(kv.ErrLockLost))
			Expect(next.Release(ctx)).To(Succeed())
		})
		It("are waited for until the context ends", func(ctx context.Context) {
			acquire(ctx, long)
			limited, cancel := context.WithTimeout(ctx, 50*time.Millisecond)
			defer cancel()
			_, err := long.Acquire(limited)
			Expect(err).To(MatchError(context.DeadlineExceeded))
			Expect(err).To(MatchError(ContainSubstring("kv: Acquire locks:long")))
		})
		It("are ErrWrongType where something else is stored", func(ctx context.Context) {
			_, err := store.Raw.Do(ctx, drivers.Command{Op: drivers.OpSet, Key: "locks:long", Value: "x"})
			Expect(err).NotTo(HaveOccurred())
			_, err = long.TryAcquire(ctx)
			Expect(err).To(MatchError(kv.ErrWrongType))
			Expect(long.Hold(ctx, func(context.Context, kv.Held) error { panic("not called") })).To(MatchError(kv.ErrWrongType))
		})

		It("are held for as long as a function runs, however long that is", func(ctx context.Context) {
			goroutines := runtime.NumGoroutine()
			failed := errors.New("no")
			var lock kv.LockField
			lease := lockLease / 2
			Eventually(func() error { // a longer lease is not lost where the machine stood still for as long as a shorter one
				lease *= 2
				lock = kv.MustOpen(kv.Lock(lease), store.Driver, kv.At("lock"))
				store.Trips.Reset()
				return lock.Hold(ctx, func(ctx context.Context, held kv.Held) error {
					for store.Trips.Of(drivers.OpLockRenew) < 4 { // of which the lease outlasts two
						select {
						case <-ctx.Done():
							return context.Cause(ctx)
						case <-time.After(time.Millisecond):
						}
					}
					if _, err := lock.TryAcquire(ctx); !errors.Is(err, kv.ErrConditionFailed) {
						return fmt.Errorf("another has the lock: %w", err)
					}
					Expect(held.Token()).To(BeNumerically(">", 0))
					return cmp.Or(context.Cause(ctx), failed)
				})
			}).Should(BeIdenticalTo(failed))
			_, err := lock.Holder(ctx)
			Expect(err).To(MatchError(kv.ErrNotFound), "released")
			Eventually(runtime.NumGoroutine).Should(BeNumerically("<=", goroutines))
		})
		It("are released when the function panics", func(ctx context.Context) {
			Expect(func() {
				_ = long.Hold(ctx, func(context.Context, kv.Held) error { panic("no") })
			}).To(PanicWith("no"))
			_, err := long.Holder(ctx)
			Expect(err).To(MatchError(kv.ErrNotFound))
		})
		It("are released when the context of the function's caller ends", func(ctx context.Context) {
			limited, cancel := context.WithCancel(ctx)
			Expect(long.Hold(limited, func(ctx context.Context, _ kv.Held) error {
				cancel()
				<-ctx.Done()
				return ctx.Err()
			})).To(MatchError(context.Canceled))
			_, err := long.Holder(ctx)
			Expect(err).To(MatchError(kv.ErrNotFound))
		})
		It("end the function's context when they are lost", func(ctx context.Context) {
			lost := func(ctx context.Context, _ kv.Held) error {
				Expect(short.Erase(context.WithoutCancel(ctx))).To(BeTrue())
				<-ctx.Done()
				Expect(context.Cause(ctx)).To(MatchError(kv.ErrLockLost))
				return nil
			}
			Expect(short.Hold(ctx, lost)).To(MatchError(kv.ErrLockLost))
		})
		It("exclude each other", func(ctx context.Context) {
			var group sync.WaitGroup
			var inside, most atomic.Int32
			last, holdings := int64(0), 0
			for range 6 {
				group.Go(func() {
					_ = long.Hold(ctx, func(_ context.Context, held kv.Held) error {
						most.Store(max(most.Load(), inside.Add(1)))
						time.Sleep(time.Millisecond)
						if held.Token() <= last {
							most.Store(99)
						}
						last = held.Token()
						holdings++
						inside.Add(-1)
						return nil
					})
				})
			}
			group.Wait()
			Expect(most.Load()).To(BeEquivalentTo(1))
			Expect(holdings).To(Equal(6))
		})
		It("are not part of transactions, nor held within a batch", func(ctx context.Context) {
			Expect(kv.Atomic(ctx, locks, func(ctx context.Context, tx kv.StaticStore) error {
				_, err := tx.Take(lockLong).TryAcquire(ctx)
				return err
			})).To(MatchError(errors.ErrUnsupported))
			var batch kv.Batch
			bound := batch.Bind(long)
			held := batch.Do(bound.TryAcquire)
			never := batch.Exec(func(ctx context.Context) error {
				return bound.Hold(ctx, func(context.Context, kv.Held) error { panic("not called") })
			})
			Expect(batch.Run(ctx)).To(MatchError(errors.ErrUnsupported))
			_, err := never.Get()
			Expect(err).To(MatchError(errors.ErrUnsupported))
			_, err = held.Get()
			Expect(err).NotTo(HaveOccurred())
		})
		It("are passed by when the store is copied", func(ctx context.Context) {
			acquire(ctx, long)
			copied := kv.MustOpen(lockStore, memory.New())
			_, err := kv.Copy(ctx, locks, copied)
			Expect(err).NotTo(HaveOccurred())
			Expect(copied.Take(lockLong).Exists(ctx)).To(BeFalse())
		})
	})

	It("end the function's context when the lease is over and the server cannot be reached", func(ctx context.Context) {
		var cut atomic.Bool
		driver := drivers.Use(memory.New(), func(ctx context.Context, b *drivers.Batch, next drivers.Next) error {
			if cut.Load() {
				return errors.New("unreachable")
			}
			return next(ctx, b)
		})
		lock := kv.MustOpen(lockStore, driver).Take(lockShort)
		start := time.Now()
		Expect(lock.Hold(ctx, func(ctx context.Context, _ kv.Held) error {
			cut.Store(true)
			<-ctx.Done()
			return nil
		})).To(And(MatchError(kv.ErrLockLost), MatchError(ContainSubstring("unreachable"))))
		Expect(time.Since(start)).To(BeNumerically(">=", lockLease))
	})
	It("need a lease", func() {
		_, err := kv.Open(kv.Lock(0), memory.New(), kv.At("l"))
		Expect(err).To(MatchError(ContainSubstring("a lease of 0s")))
	})
})
