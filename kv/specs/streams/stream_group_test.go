package streams_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strconv"
	"sync"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"github.com/onsi/gomega/gleak"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/drivers/memory"
	"github.com/kvstore-go/kvstore/kv"
	"github.com/kvstore-go/kvstore/kv/internal/kvtest"
)

// streamPending is what is pending, as consumer, id and deliveries.
func streamPending[T any](ctx context.Context, group kv.StreamGroup[T], consumer string, idle time.Duration) (all []string) {
	GinkgoHelper()
	for entry, err := range group.Pending(ctx, consumer, idle) {
		Expect(err).NotTo(HaveOccurred())
		Expect(entry.Idle).To(BeNumerically(">=", idle))
		all = append(all, fmt.Sprintf("%s %s %d", entry.Consumer, entry.ID, entry.Deliveries))
	}
	return all
}

// stopping is a driver that calls stop when a wait has ended by its context, before it says so.
type stopping struct {
	*memory.Driver
	stop func()
}

func (d stopping) Block(ctx context.Context, cmd drivers.Command) (drivers.Reply, error) {
	reply, err := d.Driver.Block(ctx, cmd)
	if ctx.Err() != nil {
		d.stop()
	}
	return reply, err
}

var _ = Describe("A group without a name", func() {
	kvtest.OnBothDrivers(func(open func(context.Context) kvtest.Backend) {
		It("is refused by every operation, before anything is sent", func(ctx context.Context) {
			store := open(ctx)
			group, refused := kv.MustOpen(kv.Stream[int](), store.Driver, kv.At("log")).Group(""), func(op string, err error) {
				GinkgoHelper()
				Expect(err).To(And(MatchError(kv.ErrInvalid), MatchError("kv: "+op+" log: invalid value: the name of the group is empty")))
			}
			refused("Create", kvtest.ErrorOf(group.Create(ctx, "")))
			refused("Erase", kvtest.ErrorOf(group.Erase(ctx)))
			refused("Ack", kvtest.ErrorOf(group.Ack(ctx, "1-0")))
			refused("Ack", kvtest.ErrorOf(group.Ack(ctx)))
			refused("Claim", lastOf(group.Claim(ctx, "ann", time.Minute, "1-0")))
			refused("Deliver", lastOf(group.Deliver(ctx, "ann", 1)))
			refused("Redeliver", lastOf(group.Redeliver(ctx, "ann", "", 1)))
			refused("Pending", lastOf(group.Pending(ctx, "", 0)))
			refused("Consume", lastOf(group.Consume(ctx, "ann")))
			refused("Handle", group.DeadLetters(kv.MustOpen(kv.Stream[int](), store.Driver, kv.At("dead")), 1).OrderedBy(strconv.Itoa).
				Handle(ctx, "ann", func(context.Context, kv.Delivery[int]) error { return nil }))
			refused("Consumers", kvtest.ErrorOf(group.Consumers(ctx)))
			refused("RemoveConsumer", kvtest.ErrorOf(group.RemoveConsumer(ctx, "ann", "bob")))
			_, _, err := group.Lag(ctx)
			refused("Lag", err)
			Expect(store.Trips.Taken()).To(BeZero())
		})
	})
})

// lastOf is the error that a loop ends with.
func lastOf[V any](loop iter.Seq2[V, error]) (err error) {
	for _, err = range loop {
	}
	return err
}

var _ = Describe("A group of consumers", func() {
	kvtest.OnAllDrivers(func(open func(context.Context) kvtest.Backend) {
		var (
			store kvtest.Backend
			log   kv.StreamField[int]
			group kv.StreamGroup[int]
		)
		BeforeEach(func(ctx context.Context) {
			store = open(ctx)
			log = kv.MustOpen(kv.Stream[int](), store.Driver, kv.At("log"))
			group = log.Group("workers")
			for i := range 5 {
				streamRaw(ctx, store.Raw, log.Path(), fmt.Sprintf("%d-0", i+1), "value", fmt.Sprint(i+1))
			}
		})
		create := func(ctx context.Context) {
			GinkgoHelper()
			Expect(group.Create(ctx, "")).To(BeTrue())
			store.Trips.Reset()
		}

		It("is made and dropped once", func(ctx context.Context) {
			Expect(group.Create(ctx, kv.Newest)).To(BeTrue())
			Expect(group.Create(ctx, "")).To(BeFalse())
			Expect(streamDelivered(group.Deliver(ctx, "ann", 10))).To(BeEmpty())
			Expect(group.Erase(ctx)).To(BeTrue())
			Expect(group.Erase(ctx)).To(BeFalse())
			Expect(group.Create(ctx, "3-0")).To(BeTrue())
			Expect(streamDelivered(group.Deliver(ctx, "ann", 10))).To(Equal([]string{"4", "5"}))
			_, err := group.Create(ctx, ">")
			Expect(err).To(MatchError(kv.ErrInvalid))
		})

		It("shares entries, which are pending until they are acknowledged", func(ctx context.Context) {
			create(ctx)
			Expect(streamDelivered(group.Deliver(ctx, "ann", 2))).To(Equal([]string{"1", "2"}))
			Expect(streamDelivered(group.Deliver(ctx, "bob", 10))).To(Equal([]string{"3", "4", "5"}))
			Expect(streamDelivered(group.Deliver(ctx, "bob", 10))).To(BeEmpty())
			Expect(store.Trips.Taken()).To(Equal(3))
			Expect(group.Ack(ctx, "1-0", "1-0", "4-0", "9-9")).To(Equal(2))
			Expect(group.Ack(ctx)).To(BeZero())
			Expect(streamPending(ctx, group, "", 0)).To(Equal([]string{"ann 2-0 1", "bob 3-0 1", "bob 5-0 1"}))
			Expect(streamPending(ctx, group, "bob", 0)).To(Equal([]string{"bob 3-0 1", "bob 5-0 1"}))
			Expect(streamPending(ctx, group, "", time.Hour)).To(BeEmpty())
			Expect(streamDelivered(group.Redeliver(ctx, "bob", "", 10))).To(Equal([]string{"3", "5"}))
			Expect(streamDelivered(group.Redeliver(ctx, "bob", "3-0", 10))).To(Equal([]string{"5"}))
			for delivery, err := range group.Redeliver(ctx, "ann", "", 1) {
				Expect(err).NotTo(HaveOccurred())
				Expect(delivery.Ack(ctx)).To(BeTrue())
				Expect(delivery.Ack(ctx)).To(BeFalse())
			}
			Expect(streamPending(ctx, group, "", 0)).To(Equal([]string{"bob 3-0 2", "bob 5-0 3"}))
		})

		It("hands over what others have left", func(ctx context.Context) {
			create(ctx)
			Expect(streamDelivered(group.Deliver(ctx, "ann", 10))).To(HaveLen(5))
			Expect(log.Remove(ctx, "2-0", "4-0")).To(Equal(2))
			Expect(streamDelivered(group.Claim(ctx, "bob", time.Hour, "1-0"))).To(BeEmpty())
			Expect(streamDelivered(group.Claim(ctx, "bob", 0, "1-0", "2-0", "9-9"))).To(Equal([]string{"1"}))
			Expect(streamDelivered(group.Claim(ctx, "bob", 0))).To(BeEmpty())
			Expect(streamPending(ctx, group, "", 0)).To(Equal([]string{"bob 1-0 2", "ann 3-0 1", "ann 4-0 1", "ann 5-0 1"}))
			Expect(streamDelivered(group.Redeliver(ctx, "ann", "", 10))).To(Equal([]string{"3", "5"}), "what was removed is passed over")
			Expect(streamDelivered(group.AutoClaim(ctx, "cid", time.Hour))).To(BeEmpty())
			Expect(streamPending(ctx, group, "", 0)).To(Equal([]string{"bob 1-0 2", "ann 3-0 2", "ann 5-0 2"}))
			Expect(streamDelivered(group.AutoClaim(ctx, "cid", 0))).To(Equal([]string{"1", "3", "5"}))
			Expect(streamPending(ctx, group, "cid", 0)).To(HaveLen(3))
		})

		It("goes through more than a page", func(ctx context.Context) {
			create(ctx)
			for i := range 595 {
				streamRaw(ctx, store.Raw, log.Path(), fmt.Sprintf("%d-0", i+6), "value", fmt.Sprint(i+6))
			}
			Expect(streamDelivered(group.Deliver(ctx, "ann", 1000))).To(HaveLen(600))
			store.Trips.Reset()
			Expect(streamPending(ctx, group, "", 0)).To(HaveLen(600))
			Expect(store.Trips.Taken()).To(Equal(3))
			Expect(streamDelivered(group.AutoClaim(ctx, "bob", 0))).To(HaveLen(600))
			Expect(streamPending(ctx, group, "bob", 0)).To(HaveLen(600))
		})

		It("is ErrNotFound where it was not created, if it is needed", func(ctx context.Context) {
			for _, unknown := range []kv.StreamGroup[int]{log.Group("none"), kv.MustOpen(kv.Stream[int](), store.Driver, kv.At("nothing")).Group("none")} {
				Expect(unknown.Ack(ctx, "1-0")).To(BeZero())
				Expect(unknown.Erase(ctx)).To(BeFalse())
				var errs []error
				for _, err := range unknown.Deliver(ctx, "ann", 1) {
					errs = append(errs, err)
				}
				for _, err := range unknown.Redeliver(ctx, "ann", "", 1) {
					errs = append(errs, err)
				}
				for _, err := range unknown.Claim(ctx, "ann", 0, "1-0") {
					errs = append(errs, err)
				}
				for _, err := range unknown.AutoClaim(ctx, "ann", 0) {
					errs = append(errs, err)
				}
				for _, err := range unknown.Pending(ctx, "", 0) {
					errs = append(errs, err)
				}
				for _, err := range unknown.Consume(ctx, "ann") {
					errs = append(errs, err)
				}
				Expect(errs).To(HaveLen(6))
				Expect(errs).To(HaveEach(MatchError(kv.ErrNotFound)))
				Expect(errs).To(HaveEach(MatchError(ContainSubstring(`the group "none"`))))
			}
		})

		It("refuses what makes no sense", func(ctx context.Context) {
			create(ctx)
			for _, err := range group.Deliver(ctx, "", 1) {
				Expect(err).To(MatchError(kv.ErrInvalid))
			}
			for _, err := range group.Deliver(ctx, "ann", -1) {
				Expect(err).To(MatchError(kv.ErrInvalid))
			}
			for _, err := range group.Claim(ctx, "ann", -1, "1-0") {
				Expect(err).To(MatchError(kv.ErrInvalid))
			}
			_, err := group.Ack(ctx, "x")
			Expect(err).To(MatchError(kv.ErrInvalid))
			Expect(streamDelivered(group.Deliver(ctx, "ann", 0))).To(BeEmpty())
		})

		It("is created, acknowledged and dropped in transactions, and not read", func(ctx context.Context) {
			var created, again, dropped bool
			var acknowledged int
			Expect(kv.Atomic(ctx, log, func(ctx context.Context, tx kv.StreamField[int]) (err error) {
				created, err = tx.Group("workers").Create(ctx, "")
				return err
			})).To(Succeed())
			Expect(streamDelivered(group.Deliver(ctx, "ann", 3))).To(HaveLen(3))
			Expect(kv.Atomic(ctx, log, func(ctx context.Context, tx kv.StreamField[int]) (err error) {
				if again, err = tx.Group("workers").Create(ctx, ""); err == nil {
					acknowledged, err = tx.Group("workers").Ack(ctx, "1-0", "1", "3-0", "5-0")
				}
				return err
			})).To(Succeed())
			Expect(streamPending(ctx, group, "", 0)).To(Equal([]string{"ann 2-0 1"}))
			Expect(kv.Atomic(ctx, log, func(ctx context.Context, tx kv.StreamField[int]) (err error) {
				dropped, err = tx.Group("workers").Erase(ctx)
				return err
			})).To(Succeed())
			Expect([]bool{created, again, dropped}).To(Equal([]bool{true, false, true}))
			Expect(acknowledged).To(Equal(2))
			Expect(group.Erase(ctx)).To(BeFalse())
			Expect(kv.Atomic(ctx, log, func(ctx context.Context, tx kv.StreamField[int]) error {
				for _, err := range tx.Group("workers").Deliver(ctx, "ann", 1) {
					return err
				}
				return nil
			})).To(MatchError(errors.ErrUnsupported))
		})

		Describe("in a loop", func() {
			It("gets its own pending entries first, then new ones, and waits", func(ctx SpecContext) {
				create(ctx)
				Expect(streamDelivered(group.Deliver(ctx, "ann", 2))).To(Equal([]string{"1", "2"}))
				consuming, cancel := context.WithCancel(ctx)
				defer cancel()
				seen, ended := make(chan int, 10), make(chan error, 1)
				go func() {
					for delivery, err := range group.Consume(consuming, "ann", kv.ClaimAfter(0)) {
						if err != nil {
							ended <- err
							return
						}
						if _, err := delivery.Ack(ctx); err != nil {
							ended <- err
							return
						}
						seen <- delivery.Value
					}
				}()
				for i := range 5 {
					Eventually(seen).Should(Receive(Equal(i + 1)))
				}
				streamAppend(ctx, log, 6)
				Eventually(seen).Should(Receive(Equal(6)))
				cancel()
				var err error
				Eventually(ended).Should(Receive(&err))
				Expect(err).To(MatchError(context.Canceled))
				Expect(streamPending(ctx, group, "", 0)).To(BeEmpty())
			})

			It("tells of entries that do not fit, which are acknowledged like others", func(ctx SpecContext) {
				create(ctx)
				streamRaw(ctx, store.Raw, log.Path(), "6-0", "value", "six")
				streamRaw(ctx, store.Raw, log.Path(), "7-0", "value", "7")
				var seen []string
				for delivery, err := range group.Consume(ctx, "ann", kv.ClaimAfter(0)) {
					seen = append(seen, streamPrint(delivery.ID, delivery.Value, err))
					Expect(delivery.Ack(ctx)).To(BeTrue())
					if delivery.ID == "7-0" {
						break
					}
				}
				Expect(seen).To(Equal([]string{"1", "2", "3", "4", "5", "corrupt 6-0", "7"}))
				Expect(streamPending(ctx, group, "", 0)).To(BeEmpty())
			})

			It("acknowledges what is pending for it and was removed", func(ctx SpecContext) {
				create(ctx)
				Expect(streamDelivered(group.Deliver(ctx, "ann", 3))).To(HaveLen(3))
				Expect(log.Remove(ctx, "1-0", "2-0")).To(Equal(2))
				for delivery, err := range group.Consume(ctx, "ann", kv.ClaimAfter(0)) {
					Expect(err).NotTo(HaveOccurred())
					Expect(delivery.ID).To(Equal("3-0"))
					break
				}
				Expect(streamPending(ctx, group, "", 0)).To(Equal([]string{"ann 3-0 2"}))
			})

			It("gets what is not acknowledged again", func(ctx SpecContext) {
				create(ctx)
				seen := map[string]int{}
				for delivery, err := range group.Consume(ctx, "ann", kv.ClaimAfter(20*time.Millisecond)) {
					Expect(err).NotTo(HaveOccurred())
					if seen[delivery.ID]++; seen[delivery.ID] == 2 {
						Expect(delivery.Ack(ctx)).To(BeTrue())
					}
					if len(seen) == 5 && !slices.Contains(slices.Collect(maps.Values(seen)), 1) {
						break
					}
				}
				Expect(streamPending(ctx, group, "", 0)).To(BeEmpty())
			})

			It("takes over from a consumer that has crashed, so that nothing is lost", func(ctx SpecContext) {
				create(ctx)
				const entries, idle = 200, 200 * time.Millisecond
				for i := range entries - 5 {
					streamRaw(ctx, store.Raw, log.Path(), fmt.Sprintf("%d-0", i+6), "value", fmt.Sprint(i+6))
				}
				crashed := 0
				for _, err := range group.Consume(ctx, "ann", kv.ClaimAfter(idle)) {
					Expect(err).NotTo(HaveOccurred())
					if crashed++; crashed == 3 {
						break // with three unacknowledged in its hands, and more that it has not looked at
					}
				}
				var mutex sync.Mutex
				done := map[int]int{}
				consuming, cancel := context.WithCancel(ctx)
				defer cancel()
				var consumers sync.WaitGroup
				for _, name := range []string{"bob", "cid"} {
					consumers.Go(func() {
						for delivery, err := range group.Consume(consuming, name, kv.ClaimAfter(idle)) {
							if err != nil {
								return
							}
							if acknowledged, err := delivery.Ack(ctx); err != nil || !acknowledged {
								continue
							}
							mutex.Lock()
							if done[delivery.Value]++; len(done) == entries {
								cancel()
							}
							mutex.Unlock()
						}
					})
				}
				consumers.Wait()
				Expect(done).To(HaveLen(entries))
				Expect(streamPending(ctx, group, "", 0)).To(BeEmpty())
			})
		})
	})

	It("ends as its context did, even when it was just about to look for what others have left", func(ctx SpecContext) {
		consuming, stop := context.WithCancel(ctx)
		group := kv.MustOpen(kv.Stream[string](), stopping{memory.New(), stop}, kv.At("log")).Group("workers")
		Expect(group.Create(ctx, "")).To(BeTrue())
		for _, err := range group.Consume(consuming, "ann", kv.ClaimAfter(time.Millisecond)) {
			Expect(err).To(MatchError(context.Canceled))
		}
		Expect(consuming.Err()).To(MatchError(context.Canceled))
	})

	It("takes over by the clock of the store", func(ctx SpecContext) {
		before, clock := gleak.Goroutines(), kvtest.NewClock()
		log := kv.MustOpen(kv.Stream[string](), memory.New(memory.WithClock(clock.Now)), kv.At("log"))
		group := log.Group("workers")
		Expect(group.Create(ctx, "")).To(BeTrue())
		streamAppend(ctx, log, "job")
		for range group.Consume(ctx, "ann", kv.ClaimAfter(time.Second)) {
			break // it crashes
		}
		waiting, cancel := context.WithTimeout(ctx, 50*time.Millisecond)
		defer cancel()
		for _, err := range group.Consume(waiting, "bob", kv.ClaimAfter(time.Second)) {
			Expect(err).To(MatchError(context.DeadlineExceeded), "it is not idle for long enough")
		}
		clock.Advance(2 * time.Second)
		for delivery, err := range group.Consume(ctx, "bob", kv.ClaimAfter(time.Second)) {
			Expect(err).NotTo(HaveOccurred())
			Expect(delivery.Value).To(Equal("job"))
			Expect(delivery.Ack(ctx)).To(BeTrue())
			break
		}
		Eventually(gleak.Goroutines).ShouldNot(gleak.HaveLeaked(before))
	})

	It("ends its loops when the driver is closed", func(ctx context.Context) {
		driver := memory.New()
		log := kv.MustOpen(kv.Stream[string](), driver, kv.At("log"))
		Expect(log.Group("workers").Create(ctx, "")).To(BeTrue())
		ended := make(chan error, 2)
		go func() {
			for _, err := range log.Follow(ctx, "") {
				ended <- err
			}
		}()
		go func() {
			for _, err := range log.Group("workers").Consume(ctx, "ann") {
				ended <- err
			}
		}()
		time.Sleep(10 * time.Millisecond)
		Expect(drivers.Close(driver)).To(Succeed())
		for range 2 {
			var err error
			Eventually(ended).Should(Receive(&err))
			Expect(err).To(MatchError(kv.ErrClosed))
		}
	})
})
