package streams_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync/atomic"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/drivers/memory"
	"github.com/kvstore-go/kvstore/kv"
	"github.com/kvstore-go/kvstore/kv/internal/kvtest"
)

// mortal is a driver that is cut off once its process is killed, so that nothing can be made good.
func mortal(driver drivers.Driver) (cut drivers.Driver, kill func()) {
	var killed atomic.Bool
	cut = drivers.Use(driver, func(ctx context.Context, b *drivers.Batch, next drivers.Next) error {
		if killed.Load() {
			return errors.New("killed")
		}
		return next(ctx, b)
	})
	return cut, func() { killed.Store(true) }
}

var _ = Describe("An entry that kills its consumer", func() {
	const entries, poison = 16, 1
	kvtest.OnAllDrivers(func(open func(context.Context) kvtest.Backend) {
		var (
			store   kvtest.Backend
			orders  shop
			workers kv.StreamGroup[int]
		)
		BeforeEach(func(ctx context.Context) {
			store = open(ctx)
			orders = kv.MustOpen(shops, store.Driver, kv.At("shops")).Take("1")
			workers = orders.Orders.Group("workers")
			Expect(workers.Create(ctx, "")).To(BeTrue())
			for i := range entries {
				streamRaw(ctx, store.Raw, orders.Orders.Path(), fmt.Sprintf("%d-0", i+1), "value", fmt.Sprint(i+1))
			}
		})
		dead := func(ctx context.Context) []string {
			GinkgoHelper()
			return streamValues(orders.Dead.Range("", "").All(ctx))
		}
		// aged is for what is pending for a consumer as if an hour had passed.
		aged := func(ctx context.Context, consumer string, more int64, ids ...string) {
			GinkgoHelper()
			cmd := drivers.XClaimOwn("workers", consumer, time.Hour, more, ids...)
			cmd.Key = orders.Orders.Path()
			Expect(store.Raw.Do(ctx, cmd)).Error().NotTo(HaveOccurred())
		}
		ids := func(ctx context.Context) (all []string) {
			for entry, err := range workers.Pending(ctx, "", 0) {
				Expect(err).NotTo(HaveOccurred())
				all = append(all, entry.ID)
			}
			return all
		}
		// consume is a process with a consumer, which the poison kills.
		consume := func(ctx context.Context, name string, tries int, options ...kv.ConsumeOption) (killed bool, done []int) {
			GinkgoHelper()
			driver, kill := mortal(store.Raw)
			own := kv.MustOpen(shops, driver, kv.At("shops")).Take("1")
			for delivery, err := range own.Orders.Group("workers").DeadLetters(own.Dead, tries).Consume(ctx, name, options...) {
				Expect(err).NotTo(HaveOccurred())
				if delivery.Value == poison {
					kill()
					return true, done
				}
				done = append(done, delivery.Value)
				Expect(delivery.Ack(ctx)).To(BeTrue())
				if delivery.Value == entries {
					return false, done
				}
			}
			return false, done
		}
		innocent := make([]int, 0, entries)
		for i := range entries - 1 {
			innocent = append(innocent, poison+1+i)
		}

		DescribeTable("goes to the dead letters alone, however it was fetched", func(ctx context.Context, restarted bool, ahead, tries, deaths int) {
			var done []int
			for run := range 10 {
				name := "ann"
				if !restarted {
					name = fmt.Sprint("worker ", run)
				}
				killed, handled := consume(ctx, name, tries, kv.FetchAhead(ahead))
				done = append(done, handled...)
				if !killed {
					Expect(run).To(Equal(deaths))
					break
				}
				if pending := ids(ctx); !restarted {
					aged(ctx, name, 0, pending...)
				}
			}
			Expect(done).To(Equal(innocent))
			Expect(dead(ctx)).To(Equal([]string{fmt.Sprint(poison)}))
			Expect(ids(ctx)).To(BeEmpty())
		},
			Entry("one at a time, restarted", true, 1, 3, 3),
			Entry("ahead, restarted", true, 16, 3, 3),
			Entry("ahead, taken over by others", false, 16, 3, 3),
			Entry("ahead, of two tries, restarted", true, 16, 2, 2),
			Entry("one at a time, of one try", true, 1, 1, 1),
			Entry("ahead, of one try, which others may not have had: once more", true, 16, 1, 2),
			Entry("ahead, of one try, taken over by others: once more", false, 16, 1, 2),
		)

		It("is alone with a handler when that is its last try", func(ctx context.Context) {
			Expect(streamDelivered(workers.Deliver(ctx, "ann", 2))).To(HaveLen(2)) // 1 has its second try next, and 2 its last
			Expect(streamDelivered(workers.Claim(ctx, "ann", 0, "2-0"))).To(HaveLen(1))
			begun, release := make(chan int, entries), make(chan struct{})
			handling, cancel := context.WithCancel(ctx)
			defer cancel()
			ended := make(chan error)
			go func() {
				ended <- workers.DeadLetters(orders.Dead, 3).Handle(handling, "ann", func(_ context.Context, delivery kv.Delivery[int]) error {
					begun <- delivery.Value
					<-release
					return nil
				}, kv.Concurrency(4), kv.FetchAhead(4))
			}()
			alone := func(value int) {
				GinkgoHelper()
				Eventually(begun).Should(Receive(Equal(value)))
				Consistently(begun).WithTimeout(20 * time.Millisecond).ShouldNot(Receive())
			}
			alone(1)
			Expect(streamPending(ctx, workers, "", 0)).To(Equal([]string{"ann 1-0 2", "ann 2-0 2"}), "2 is not even fetched")
			release <- struct{}{}
			alone(2)
			release <- struct{}{}
			for range 4 {
				Eventually(begun).Should(Receive()) // what is new is handled side by side
			}
			cancel()
			close(release)
			Eventually(ended).Should(Receive(MatchError(context.Canceled)))
			Expect(dead(ctx)).To(BeEmpty())
		})

		It("is judged by how often it was delivered in the end, not when somebody looked", func(ctx context.Context) {
			Expect(streamDelivered(workers.Deliver(ctx, "bob", 3))).To(HaveLen(3))
			aged(ctx, "bob", 0, "1-0")
			aged(ctx, "bob", 1, "2-0")
			aged(ctx, "bob", 0, "3-0")
			var seen []string
			for delivery, err := range workers.DeadLetters(orders.Dead, 2).Consume(ctx, "ann") {
				Expect(err).NotTo(HaveOccurred())
				seen = append(seen, fmt.Sprint(delivery.Value, " ", delivery.Deliveries))
				if delivery.Value == 1 {
					aged(ctx, "bob", -1, "2-0") // as it is handed back
					aged(ctx, "bob", 1, "3-0")
				}
				Expect(delivery.Ack(ctx)).To(BeTrue())
				if delivery.Value == 4 {
					break
				}
			}
			Expect(seen).To(Equal([]string{"1 2", "2 2", "4 1"}))
			Expect(dead(ctx)).To(Equal([]string{"3"}))
		})

		It("is corrupt where it is too long to be moved, and stops nobody", func(ctx context.Context) {
			Expect(orders.Orders.Remove(ctx, "1-0")).To(Equal(1))
			streamRaw(ctx, store.Raw, orders.Orders.Path(), "17-0", slices.Repeat([]string{"value", "17"}, drivers.MaxMoved/2+1)...)
			streamRaw(ctx, store.Raw, orders.Orders.Path(), "18-0", "value", "18")
			Expect(streamDelivered(workers.Deliver(ctx, "ann", entries))).To(HaveLen(entries))
			aged(ctx, "ann", 1, "17-0")
			var corrupt int
			for delivery, err := range workers.DeadLetters(orders.Dead, 2).Consume(ctx, "ann") {
				if delivery.ID == "17-0" {
					Expect(err).To(MatchError(kv.ErrCorrupt))
					Expect(delivery.Retry(ctx, 0)).Error().To(MatchError(kv.ErrInvalid))
					corrupt++
				}
				Expect(delivery.Ack(ctx)).To(BeTrue())
				if delivery.Value == 18 {
					break
				}
			}
			Expect(corrupt).To(Equal(1))
			Expect(dead(ctx)).To(BeEmpty())
			Expect(ids(ctx)).To(BeEmpty())
		})

		It("does not go round in the group's own stream", func(ctx context.Context) {
			group := workers.DeadLetters(orders.Orders, 1)
			for _, err := range group.Consume(ctx, "ann") {
				Expect(err).To(MatchError(kv.ErrInvalid))
			}
			Expect(group.Handle(ctx, "ann", acked)).To(MatchError(kv.ErrInvalid))
			for delivery := range group.Deliver(ctx, "ann", 1) {
				Expect(delivery.Retry(ctx, 0)).Error().To(MatchError(kv.ErrInvalid))
			}
			Expect(streamPending(ctx, workers, "", 0)).To(Equal([]string{"ann 1-0 1"}))
			Expect(orders.Orders.Len(ctx)).To(Equal(entries))
		})

		It("costs a round trip for each entry that was delivered before", func(ctx context.Context) {
			Expect(streamDelivered(workers.Deliver(ctx, "ann", entries))).To(HaveLen(entries))
			store.Trips.Reset()
			for delivery, err := range workers.Consume(ctx, "ann", kv.FetchAhead(16)) {
				Expect(err).NotTo(HaveOccurred())
				Expect(delivery.Deliveries).To(Equal(2))
				if delivery.Value == entries {
					break
				}
			}
			Expect(store.Trips.Taken()).To(Equal(1 + entries))
		})
	})

	It("is found by others once ClaimAfter is over by the clock of the store", func(ctx context.Context) {
		clock := kvtest.NewClock()
		store := memory.New(memory.WithClock(clock.Now))
		var done []string
		for run := range 4 {
			driver, kill := mortal(store)
			jobs, dead := kv.MustOpen(kv.Stream[string](), driver, kv.At("jobs")), kv.MustOpen(kv.Stream[string](), driver, kv.At("dead"))
			if run == 0 {
				Expect(jobs.Group("workers").Create(ctx, "")).To(BeTrue())
				streamAppend(ctx, jobs, "poison", "innocent", "last")
			}
			for delivery, err := range jobs.Group("workers").DeadLetters(dead, 3).Consume(ctx, fmt.Sprint(run), kv.FetchAhead(16)) {
				Expect(err).NotTo(HaveOccurred())
				if delivery.Value == "poison" {
					kill()
					break
				}
				done = append(done, fmt.Sprint(run, " ", delivery.Value, " ", delivery.Deliveries))
				Expect(delivery.Ack(ctx)).To(BeTrue())
				if delivery.Value == "last" {
					break
				}
			}
			clock.Advance(time.Minute)
			if run == 3 {
				Expect(streamValues(dead.Range("", "").All(ctx))).To(Equal([]string{"poison"}))
			}
		}
		Expect(done).To(Equal([]string{"3 innocent 2", "3 last 2"}))
	})
})
