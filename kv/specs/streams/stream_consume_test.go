package streams_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"github.com/onsi/gomega/gleak"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/drivers/memory"
	"github.com/kvstore-go/kvstore/kv"
	"github.com/kvstore-go/kvstore/kv/internal/kvtest"
	"github.com/kvstore-go/kvstore/spec/suite"
)

// shop is a stream with its dead letters, in one slot.
type shop struct {
	Orders kv.StreamField[int] `kv:"orders"`
	Dead   kv.StreamField[int] `kv:"dead"`
}

var shops = kv.Colocated(kv.Dynamic(kv.Static("shop").
	Field("orders", kv.Stream[int]()).Field("dead", kv.Stream[int](kv.Capped(100))).As[shop]()))

// failures are what OnFailure was told.
type failures struct {
	mutex sync.Mutex
	all   []error
}

func (f *failures) add(err error) {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	f.all = append(f.all, err)
}

var _ = Describe("A group of consumers", func() {
	kvtest.OnAllDrivers(func(open func(context.Context) kvtest.Backend) {
		var (
			store   kvtest.Backend
			shop    shop
			workers kv.StreamGroup[int]
		)
		BeforeEach(func(ctx context.Context) {
			store = open(ctx)
			shop = kv.MustOpen(shops, store.Driver, kv.At("shops")).Take("1")
			workers = shop.Orders.Group("workers")
			Expect(workers.Create(ctx, "")).To(BeTrue())
			for i := range 5 {
				streamRaw(ctx, store.Raw, shop.Orders.Path(), fmt.Sprintf("%d-0", i+1), "value", fmt.Sprint(i+1))
			}
			store.Trips.Reset()
		})
		dead := func(ctx context.Context) []string {
			GinkgoHelper()
			return streamValues(shop.Dead.Range("", "").All(ctx))
		}

		Describe("in a loop", func() {
			It("fetches one entry at a time, in a round trip each", func(ctx context.Context) {
				for delivery, err := range workers.Consume(ctx, "ann") {
					Expect(err).NotTo(HaveOccurred())
					Expect(delivery.Deliveries).To(Equal(1))
					Expect(delivery.Idle).To(BeZero())
					Expect(streamPending(ctx, workers, "", 0)).To(HaveLen(1))
					Expect(delivery.Ack(ctx)).To(BeTrue())
					if delivery.Value == 5 {
						break
					}
				}
				Expect(store.Trips.Of(drivers.OpXReadGroup)).To(Equal(5))
				Expect(store.Trips.Of(drivers.OpXClaimOwn)).To(BeZero(), "there is nothing to hand back")
			})

			It("fetches ahead as many as it is told, and hands back what nobody has begun with", func(ctx context.Context) {
				for delivery, err := range workers.Consume(ctx, "ann", kv.FetchAhead(4)) {
					Expect(err).NotTo(HaveOccurred())
					if delivery.Value == 2 {
						break // with 1 and 2 unacknowledged, and 3 and 4 not looked at
					}
				}
				Expect(store.Trips.Of(drivers.OpXReadGroup)).To(Equal(1))
				Expect(store.Trips.Of(drivers.OpXClaimOwn)).To(Equal(1))
				Expect(streamPending(ctx, workers, "", 0)).To(Equal([]string{"ann 1-0 1", "ann 2-0 1", "ann 3-0 0", "ann 4-0 0"}))
				seen := []string{}
				for delivery, err := range workers.Consume(ctx, "bob") {
					Expect(err).NotTo(HaveOccurred())
					if seen = append(seen, fmt.Sprintf("%d %d", delivery.Value, delivery.Deliveries)); len(seen) == 3 {
						break
					}
				}
				Expect(seen).To(Equal([]string{"3 1", "4 1", "5 1"}), "at once, and as if for the first time")
			})

			It("hands back when its context ends, and when it panics", func(ctx context.Context) {
				consuming, cancel := context.WithCancel(ctx)
				defer cancel()
				var seen []int
				for delivery, err := range workers.Consume(consuming, "ann", kv.FetchAhead(2)) {
					if err != nil {
						Expect(err).To(MatchError(context.Canceled))
						break
					}
					seen = append(seen, delivery.Value)
					cancel()
				}
				Expect(seen).To(Equal([]int{1}))
				Expect(func() {
					for range workers.Consume(ctx, "bob", kv.FetchAhead(2), kv.ClaimAfter(0)) {
						panic("no")
					}
				}).To(PanicWith("no"))
				Expect(streamPending(ctx, workers, "", 0)).To(Equal([]string{"ann 1-0 1", "ann 2-0 0", "bob 3-0 1", "bob 4-0 0"}))
			})

			It("says how often an entry was delivered, and for how long it was idle", func(ctx context.Context) {
				Expect(streamDelivered(workers.Deliver(ctx, "ann", 2))).To(HaveLen(2))
				for delivery, err := range workers.Redeliver(ctx, "ann", "", 1) {
					Expect(err).NotTo(HaveOccurred())
					Expect(delivery.Deliveries).To(Equal(2))
				}
				store.Trips.Reset()
				for delivery, err := range workers.Claim(ctx, "bob", 0, "1-0", "2-0") {
					Expect(err).NotTo(HaveOccurred())
					Expect(delivery.Deliveries).To(Equal(map[int]int{1: 3, 2: 2}[delivery.Value]))
				}
				for delivery, err := range workers.AutoClaim(ctx, "cid", 0) {
					Expect(err).NotTo(HaveOccurred())
					Expect(delivery.Deliveries).To(Equal(map[int]int{1: 4, 2: 3}[delivery.Value]))
				}
				Expect(store.Trips.Taken()).To(Equal(2))
				for delivery, err := range workers.Consume(ctx, "cid") {
					Expect(err).NotTo(HaveOccurred())
					Expect(delivery.Deliveries).To(Equal(map[int]int{1: 5, 2: 4, 3: 1}[delivery.Value]))
					if delivery.Value == 3 {
						break
					}
				}
			})

			It("gets what is to be tried again when that is due", func(ctx context.Context) {
				for delivery, err := range workers.Consume(ctx, "ann") {
					Expect(err).NotTo(HaveOccurred())
					if delivery.Value == 1 {
						Expect(delivery.Retry(ctx, 0)).To(BeTrue())
						continue
					}
					_, err := delivery.Retry(ctx, 2*time.Minute)
					Expect(err).To(MatchError(kv.ErrInvalid))
					Expect(delivery.Retry(ctx, time.Minute)).To(BeTrue())
					break
				}
				for delivery, err := range workers.Consume(ctx, "bob") {
					Expect(err).NotTo(HaveOccurred())
					Expect([]int{delivery.Value, delivery.Deliveries}).To(Equal([]int{1, 2}), "2 is not due yet")
					Expect(delivery.Idle).To(BeNumerically(">=", time.Minute))
					for range workers.Claim(ctx, "cid", 0, delivery.ID) {
					}
					Expect(delivery.Retry(ctx, 0)).To(BeFalse(), "it is another's by now")
					break
				}
			})

			It("moves what was tried too often to the dead letters", func(ctx context.Context) {
				limited := workers.DeadLetters(shop.Dead, 2)
				streamRaw(ctx, store.Raw, shop.Orders.Path(), "6-0", "value", "six")
				for range 2 {
					for delivery, err := range limited.Consume(ctx, "ann", kv.FetchAhead(3)) { // it crashes with 1 each time
						Expect(err).NotTo(HaveOccurred())
						Expect(delivery.Value).To(Equal(1))
						break
					}
				}
				var seen []string
				for delivery, err := range limited.Consume(ctx, "ann") {
					seen = append(seen, streamPrint(delivery.ID, delivery.Value, err))
					if delivery.ID == "2-0" || errors.Is(err, kv.ErrCorrupt) {
						Expect(delivery.Retry(ctx, 0)).To(BeTrue())
					} else {
						Expect(delivery.Ack(ctx)).To(BeTrue())
					}
					if err != nil {
						break
					}
				}
				Expect(seen).To(Equal([]string{"2", "3", "2", "4", "5", "corrupt 6-0"}))
				Expect(dead(ctx)).To(Equal([]string{"1", "2"}), "2 after its last try, at once")
				for delivery, err := range limited.Consume(ctx, "bob") {
					seen = append(seen, streamPrint(delivery.ID, delivery.Value, err))
					Expect(delivery.Retry(ctx, 0)).To(BeTrue())
					if err != nil {
						break
					}
				}
				Expect(dead(ctx)).To(HaveExactElements("1", "2", HavePrefix("corrupt")))
				Expect(streamPending(ctx, workers, "", 0)).To(BeEmpty())
			})

			It("refuses what could not work later, at once", func(ctx context.Context) {
				refused := func(group kv.StreamGroup[int], options ...kv.ConsumeOption) error {
					for _, err := range group.Consume(ctx, "ann", options...) {
						return err
					}
					return nil
				}
				Expect(refused(workers, kv.FetchAhead(0))).To(MatchError(kv.ErrInvalid))
				Expect(refused(workers, kv.ClaimAfter(-1))).To(MatchError(kv.ErrInvalid))
				Expect(refused(workers, kv.ClaimAfter(5))).To(MatchError(ContainSubstring("claiming after 5ns")))
				Expect(workers.Handle(ctx, "ann", acked, kv.RetryAfter(5))).To(MatchError(ContainSubstring("a retry after 5ns")))
				Expect(refused(workers, kv.LeaveTo("ann"))).To(MatchError(kv.ErrInvalid))
				Expect(refused(workers.DeadLetters(shop.Dead, 0))).To(MatchError(kv.ErrInvalid))
				Expect(refused(workers.DeadLetters(kv.StreamField[int]{}, 3))).To(MatchError(kv.ErrUndeclared))
				Expect(refused(workers.DeadLetters(kv.MustOpen(kv.Stream[int](), memory.New(), kv.At("dead")), 3))).To(MatchError(kv.ErrInvalid))
				Expect(workers.Handle(ctx, "ann", acked, kv.Concurrency(0))).To(MatchError(kv.ErrInvalid))
				Expect(workers.Handle(ctx, "ann", acked, kv.RetryAfter(time.Hour))).To(MatchError(kv.ErrInvalid))
				Expect(streamPending(ctx, workers, "", 0)).To(BeEmpty())
			})
		})

		Describe("with handlers", func() {
			// handle runs until n handlers have ended.
			handle := func(ctx context.Context, group kv.StreamGroup[int], n int, fn func(delivery kv.Delivery[int]) error, options ...kv.HandleOption) (failed []error) {
				GinkgoHelper()
				handling, cancel := context.WithCancel(ctx)
				defer cancel()
				var ended atomic.Int64
				var told failures
				Expect(group.Handle(handling, "ann", func(_ context.Context, delivery kv.Delivery[int]) error {
					defer func() {
						if ended.Add(1) == int64(n) {
							cancel()
						}
					}()
					return fn(delivery)
				}, append(options, kv.OnFailure(told.add))...)).To(MatchError(context.Canceled))
				return told.all
			}

			It("acknowledges what succeeds, and lets what fails or panics come again until its last try", func(ctx context.Context) {
				var mutex sync.Mutex
				tries := map[int]int{}
				streamRaw(ctx, store.Raw, shop.Orders.Path(), "6-0", "value", "six")
				limited := workers.DeadLetters(shop.Dead, 3)
				failed := handle(ctx, limited, 9, func(delivery kv.Delivery[int]) error {
					mutex.Lock()
					defer mutex.Unlock()
					if tries[delivery.Value]++; delivery.Value == 2 {
						panic("two")
					} else if delivery.Value == 4 {
						return errors.New("four")
					}
					return nil
				}, kv.Concurrency(3), kv.RetryAfter(time.Millisecond), kv.ClaimAfter(time.Second/2)) // in which what succeeds is acknowledged
				Expect(tries).To(Equal(map[int]int{1: 1, 2: 3, 3: 1, 4: 3, 5: 1}))
				Expect(failed).To(ContainElements(
					MatchError(And(ContainSubstring("entry 2-0: panic: two"), ContainSubstring("stream_consume_test.go"))),
					MatchError(ContainSubstring("entry 4-0: four")), MatchError(kv.ErrCorrupt)))
				Expect(dead(ctx)).To(ContainElements("2", "4"))
			})

			It("runs no more side by side than it is told, and drains when the context ends", func(ctx context.Context) {
				handling, cancel := context.WithCancel(ctx)
				begun, release := make(chan int, 10), make(chan struct{})
				ended := make(chan error)
				go func() {
					ended <- workers.Handle(handling, "ann", func(ctx context.Context, delivery kv.Delivery[int]) error {
						begun <- delivery.Value
						<-release
						return ctx.Err()
					}, kv.Concurrency(2), kv.FetchAhead(4))
				}()
				first, second := <-begun, <-begun
				Expect([]int{first, second}).To(ConsistOf(1, 2))
				cancel()
				Consistently(ended).WithTimeout(20 * time.Millisecond).ShouldNot(Receive())
				close(release)
				var err error
				Eventually(ended).Should(Receive(&err))
				Expect(err).To(MatchError(context.Canceled))
				Expect(begun).To(BeEmpty())
				Expect(streamPending(ctx, workers, "", 0)).To(Equal([]string{"ann 3-0 0", "ann 4-0 0"}))
			})

			It("keeps entries of one key in order, and never has two of them side by side", func(ctx context.Context) {
				for i := range 60 {
					streamRaw(ctx, store.Raw, shop.Orders.Path(), fmt.Sprintf("%d-0", i+6), "value", fmt.Sprint(i+6))
				}
				var mutex sync.Mutex
				done, running := map[int][]int{}, map[int]bool{}
				failed := handle(ctx, workers.OrderedBy(func(value int) string { return fmt.Sprint(value % 3) }), 67, func(delivery kv.Delivery[int]) error {
					key := delivery.Value % 3
					mutex.Lock()
					Expect(running[key]).To(BeFalse())
					running[key] = true
					mutex.Unlock()
					defer func() {
						mutex.Lock()
						defer mutex.Unlock()
						running[key] = false
					}()
					if delivery.Value == 7 && delivery.Deliveries < 3 {
						return errors.New("not yet")
					}
					mutex.Lock()
					defer mutex.Unlock()
					done[key] = append(done[key], delivery.Value)
					return nil
				}, kv.Concurrency(8), kv.FetchAhead(8), kv.RetryAfter(time.Millisecond))
				Expect(failed).To(HaveLen(2))
				for key := range 3 {
					Expect(slices.IsSorted(done[key])).To(BeTrue(), "%v", done[key])
				}
				Expect(len(done[0]) + len(done[1]) + len(done[2])).To(Equal(65))
				Expect(streamPending(ctx, workers, "", 0)).To(BeEmpty())
			})

			It("leaves to others what a handler has decided itself", func(ctx context.Context) {
				handle(ctx, workers, 2, func(delivery kv.Delivery[int]) error {
					if delivery.Value == 1 {
						Expect(delivery.Retry(ctx, 0)).To(BeTrue())
						return nil
					}
					Expect(delivery.Ack(ctx)).To(BeTrue())
					return errors.New("but")
				})
				Expect(streamPending(ctx, workers, "", 0)).To(Equal([]string{"ann 1-0 1"}))
			})

			It("leaves for good once all handlers have ended", func(ctx context.Context) {
				handle(ctx, workers, 1, func(kv.Delivery[int]) error { return errors.New("failed") }, kv.LeaveTo("heir"), kv.FetchAhead(2))
				Expect(streamPending(ctx, workers, "", 0)).To(Equal([]string{"heir 1-0 1", "heir 2-0 0"}))
				consumers, err := workers.Consumers(ctx)
				Expect(err).NotTo(HaveOccurred())
				Expect(consumers).To(HaveExactElements(HaveField("Name", "heir")))
			})
		})

		It("lists its consumers, removes them, and loses nothing", func(ctx context.Context) {
			Expect(workers.Consumers(ctx)).To(BeEmpty())
			Expect(streamDelivered(workers.Deliver(ctx, "bob", 2))).To(HaveLen(2))
			Expect(streamDelivered(workers.Deliver(ctx, "ann", 1))).To(HaveLen(1))
			store.Trips.Reset()
			consumers, err := workers.Consumers(ctx)
			Expect(err).NotTo(HaveOccurred())
			Expect(consumers).To(HaveExactElements(
				And(HaveField("Name", "ann"), HaveField("Pending", 1), HaveField("Idle", BeNumerically(">=", 0))),
				And(HaveField("Name", "bob"), HaveField("Pending", 2))))
			Expect(workers.RemoveConsumer(ctx, "bob", "ann")).To(Equal(2))
			Expect(workers.RemoveConsumer(ctx, "bob", "ann")).To(BeZero())
			Expect(store.Trips.Taken()).To(Equal(3))
			Expect(workers.RemoveConsumer(ctx, "ann", "ann")).Error().To(MatchError(kv.ErrInvalid))
			Expect(streamPending(ctx, workers, "", 0)).To(Equal([]string{"ann 1-0 1", "ann 2-0 1", "ann 3-0 1"}))
			none := shop.Orders.Group("none")
			Expect(none.Consumers(ctx)).Error().To(MatchError(kv.ErrNotFound))
			Expect(none.RemoveConsumer(ctx, "a", "b")).Error().To(MatchError(kv.ErrNotFound))
		})

		It("says how many entries it has still to get, if that is known", func(ctx context.Context) {
			lag := func() string {
				GinkgoHelper()
				lag, known, err := workers.Lag(ctx)
				Expect(err).NotTo(HaveOccurred())
				return fmt.Sprint(lag, known)
			}
			Expect(lag()).To(Equal("5 true"))
			Expect(streamDelivered(workers.Deliver(ctx, "ann", 2))).To(HaveLen(2))
			Expect(lag()).To(Equal("3 true"))
			Expect(shop.Orders.Remove(ctx, "4-0")).To(Equal(1))
			Expect(lag()).To(Equal("0 false"))
			Expect(streamDelivered(workers.Deliver(ctx, "ann", 2))).To(HaveLen(2))
			Expect(lag()).To(Equal("0 true"))
			_, _, err := shop.Orders.Group("none").Lag(ctx)
			Expect(err).To(MatchError(kv.ErrNotFound))
		})
	})

	It("has its dead letters in its own slot, or is refused at once", Label(suite.Cluster), func(ctx context.Context) {
		driver := kvtest.Cluster(ctx)
		orders, dead := kv.MustOpen(kv.Stream[int](), driver, kv.At("orders")), kv.MustOpen(kv.Stream[int](), driver, kv.At("dead"))
		group := orders.Group("workers")
		Expect(group.Create(ctx, "")).To(BeTrue())
		for _, err := range group.DeadLetters(dead, 3).Consume(ctx, "ann") {
			Expect(err).To(MatchError(kv.ErrCrossSlot))
		}
	})

	It("leaves no goroutine behind, and makes what is due claimable by the clock of the store", func(ctx context.Context) {
		before, clock := gleak.Goroutines(), kvtest.NewClock()
		log := kv.MustOpen(kv.Stream[string](), memory.New(memory.WithClock(clock.Now)), kv.At("log"))
		group := log.Group("workers")
		Expect(group.Create(ctx, "")).To(BeTrue())
		streamAppend(ctx, log, "job")
		for delivery := range group.Consume(ctx, "ann") {
			Expect(delivery.Retry(ctx, 10*time.Second)).To(BeTrue())
			break
		}
		waiting, cancel := context.WithTimeout(ctx, 20*time.Millisecond)
		defer cancel()
		clock.Advance(9 * time.Second)
		Expect(group.Handle(waiting, "bob", func(context.Context, kv.Delivery[string]) error { return nil })).To(MatchError(context.DeadlineExceeded))
		clock.Advance(time.Second)
		for delivery, err := range group.Consume(ctx, "bob") {
			Expect(err).NotTo(HaveOccurred())
			Expect(delivery.Deliveries).To(Equal(2))
			Expect(delivery.Idle).To(Equal(time.Minute))
			break
		}
		Eventually(gleak.Goroutines).ShouldNot(gleak.HaveLeaked(before))
	})
})
