package members_test

import (
	"context"
	"errors"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/drivers/memory"
	"github.com/kvstore-go/kvstore/kv"
	"github.com/kvstore-go/kvstore/kv/internal/kvtest"
	"github.com/kvstore-go/kvstore/spec/suite"
)

type PrioritiesView struct {
	Urgent kv.ListFieldOf[int]       `kv:"urgent"`
	Normal kv.ListFieldOf[int]       `kv:"normal"`
	First  kv.SortedSetFieldOf[int]  `kv:"first"`
	Second kv.SortedSetFieldOf[int]  `kv:"second"`
	Rooms  kv.DynamicStore[RoomView] `kv:"rooms"`
}

type RoomView struct {
	Loud  kv.ListField `kv:"loud"`
	Quiet kv.ListField `kv:"quiet"`
}

var Priorities = kv.Colocated(kv.Static("priorities").ListOf[int]("urgent").ListOf[int]("normal").SortedSetOf[int]("first").SortedSetOf[int]("second").
	Field("rooms", kv.IndexKeys(kv.Dynamic(kv.Static("room").List("loud").List("quiet").As[RoomView]()))).As[PrioritiesView]())

var _ = Describe("Waiting for the first of several", func() {
	kvtest.OnAllDrivers(func(open func(context.Context) kvtest.Backend) {
		var (
			store kvtest.Backend
			p     PrioritiesView
		)
		BeforeEach(func(ctx context.Context) {
			store = open(ctx)
			p = kv.MustOpen(Priorities, store.Driver)
			store.Trips.Reset()
		})
		got := func(value any, from int, err error) func(wanted any, place int) {
			return func(wanted any, place int) {
				GinkgoHelper()
				Expect(err).NotTo(HaveOccurred())
				Expect(value).To(Equal(wanted))
				Expect(from).To(Equal(place))
			}
		}
		left := func(ctx context.Context, lists ...kv.ListFieldOf[int]) (any, int, error) {
			return kv.PopLeftWait(ctx, lists...)
		}
		right := func(ctx context.Context, lists ...kv.ListFieldOf[int]) (any, int, error) {
			return kv.PopRightWait(ctx, lists...)
		}
		lowest := func(ctx context.Context, sets ...kv.SortedSetFieldOf[int]) (any, int, error) {
			return kv.PopMinWait(ctx, sets...)
		}
		highest := func(ctx context.Context, sets ...kv.SortedSetFieldOf[int]) (any, int, error) {
			return kv.PopMaxWait(ctx, sets...)
		}

		It("takes by priority, and tells where from", func(ctx SpecContext) {
			Expect(p.Normal.PushRight(ctx, 4, 5, 6)).To(Equal(3))
			Expect(p.Urgent.PushRight(ctx, 1, 2)).To(Equal(2))
			store.Trips.Reset()
			got(left(ctx, p.Urgent, p.Normal))(1, 0)
			got(right(ctx, p.Urgent, p.Normal))(2, 0)
			got(right(ctx, p.Urgent, p.Normal))(6, 1)
			got(left(ctx, p.Urgent, p.Normal))(4, 1)
			got(left(ctx, p.Normal))(5, 0)
			Expect(store.Trips.Taken()).To(Equal(5))
			Expect(p.Normal.Exists(ctx)).To(BeFalse())

			Expect(p.First.Add(ctx, kv.Scored[int]{Member: 1, Score: 1}, kv.Scored[int]{Member: 2, Score: 2})).To(Equal(2))
			Expect(p.Second.Add(ctx, kv.Scored[int]{Member: 3, Score: 0})).To(Equal(1))
			got(highest(ctx, p.First, p.Second))(kv.Scored[int]{Member: 2, Score: 2}, 0)
			got(lowest(ctx, p.First, p.Second))(kv.Scored[int]{Member: 1, Score: 1}, 0)
			got(lowest(ctx, p.First, p.Second))(kv.Scored[int]{Member: 3, Score: 0}, 1)
		})

		It("is woken by each of them, and takes from one", func(ctx SpecContext) {
			after := func(push func(ctx context.Context)) {
				time.AfterFunc(20*time.Millisecond, func() { push(context.WithoutCancel(ctx)) })
			}
			after(func(ctx context.Context) { _, _ = p.Normal.PushRight(ctx, 7) })
			got(left(ctx, p.Urgent, p.Normal))(7, 1)
			after(func(ctx context.Context) { _, _ = p.Urgent.PushRight(ctx, 8, 9) })
			got(right(ctx, p.Urgent, p.Normal))(9, 0)
			Expect(p.Urgent.Read(ctx)).To(Equal([]int{8}))
			after(func(ctx context.Context) { _, _ = p.Second.Add(ctx, kv.Scored[int]{Member: 3, Score: 2}) })
			got(lowest(ctx, p.First, p.Second))(kv.Scored[int]{Member: 3, Score: 2}, 1)
		})

		It("lasts no longer than the context, and takes nothing then", func(ctx SpecContext) {
			brief, cancel := context.WithTimeout(ctx, 50*time.Millisecond)
			defer cancel()
			_, _, err := kv.PopLeftWait(brief, p.Urgent, p.Normal)
			Expect(err).To(MatchError(context.DeadlineExceeded))
			Expect(p.Normal.PushRight(ctx, 1)).To(Equal(1))
			_, _, err = kv.PopMaxWait(brief, p.First, p.Second)
			Expect(err).To(MatchError(context.DeadlineExceeded))
			Expect(p.Normal.Len(ctx)).To(Equal(1))
		})

		It("tells the text of an element that is no T, and where it was", func(ctx SpecContext) {
			_, err := store.Raw.Do(ctx, drivers.Command{Op: drivers.OpRPush, Key: p.Normal.Path(), Values: []string{"one"}})
			Expect(err).NotTo(HaveOccurred())
			_, from, err := kv.PopLeftWait(ctx, p.Urgent, p.Normal)
			var corrupt *kv.CorruptElementError
			Expect(errors.As(err, &corrupt)).To(BeTrue())
			Expect(corrupt.Text).To(Equal("one"))
			Expect(from).To(Equal(1))
			Expect(err).To(MatchError(ContainSubstring(p.Normal.Path())))
			Expect(p.Normal.Exists(ctx)).To(BeFalse())

			_, err = store.Raw.Do(ctx, drivers.Command{Op: drivers.OpZAdd, Key: p.Second.Path(), Values: []string{"two"}, Extra: &drivers.Extra{Scores: []float64{1}}})
			Expect(err).NotTo(HaveOccurred())
			_, from, err = kv.PopMinWait(ctx, p.First, p.Second)
			Expect(errors.As(err, &corrupt)).To(BeTrue())
			Expect(from).To(Equal(1))
		})

		It("is ErrWrongType where one that comes before holds something else", func(ctx SpecContext) {
			_, err := store.Raw.Do(ctx, drivers.Command{Op: drivers.OpSet, Key: p.Normal.Path(), Value: "v"})
			Expect(err).NotTo(HaveOccurred())
			_, _, err = kv.PopLeftWait(ctx, p.Urgent, p.Normal)
			Expect(err).To(MatchError(kv.ErrWrongType))
		})

		It("keeps the keys of a store up to date, whichever is emptied", func(ctx SpecContext) {
			one, two := p.Rooms.Take("1"), p.Rooms.Take("2")
			Expect(one.Loud.PushRight(ctx, "a")).To(Equal(1))
			Expect(two.Quiet.PushRight(ctx, "b")).To(Equal(1))
			got(func() (any, int, error) { return kv.PopLeftWait(ctx, one.Quiet, two.Quiet, one.Loud) }())("b", 1)
			Expect(kvtest.Collect(p.Rooms.Keys(ctx))).To(ConsistOf("1"))
			got(func() (any, int, error) { return kv.PopLeftWait(ctx, one.Quiet, two.Quiet, one.Loud) }())("a", 2)
			Expect(kvtest.Collect(p.Rooms.Keys(ctx))).To(BeEmpty())
		})

		It("is not for batches and transactions", func(ctx SpecContext) {
			var batch kv.Batch
			bound := batch.Bind(p)
			waited := batch.Do(func(ctx context.Context) (int, error) {
				element, _, err := kv.PopLeftWait(ctx, bound.Urgent, bound.Normal)
				return element, err
			})
			Expect(batch.Run(ctx)).To(MatchError(errors.ErrUnsupported))
			Expect(kvtest.ErrorOf(waited.Get())).To(MatchError(errors.ErrUnsupported))
			Expect(kv.Atomic(ctx, p, func(ctx context.Context, tx PrioritiesView) error {
				_, _, err := kv.PopMinWait(ctx, tx.First, tx.Second)
				return err
			})).To(MatchError(errors.ErrUnsupported))
		})

		It("sends nothing where it cannot be done", func(ctx SpecContext) {
			_, _, err := kv.PopLeftWait[int](ctx)
			Expect(err).To(MatchError(kv.ErrInvalid))
			_, _, err = kv.PopMaxWait[int](ctx)
			Expect(err).To(MatchError(kv.ErrInvalid))
			_, _, err = kv.PopLeftWait(ctx, p.Urgent, kv.MustOpen(Priorities, memory.New()).Normal)
			Expect(err).To(MatchError(kv.ErrInvalid))
			Expect(err).To(MatchError(ContainSubstring("another driver")))
			_, _, err = kv.PopRightWait(ctx, p.Urgent, kv.ListFieldOf[int]{})
			Expect(err).To(MatchError(kv.ErrUndeclared))
			_, _, err = kv.PopMinWait(ctx, kv.SortedSetFieldOf[int]{}, p.First)
			Expect(err).To(MatchError(kv.ErrUndeclared))
			Expect(store.Trips.Taken()).To(BeZero())
		})
	})

	It("in a cluster is for one slot", Label(suite.Cluster), func(ctx SpecContext) {
		lists := kv.MustOpen(kv.Dynamic(kv.List()), kvtest.Cluster(ctx), kv.At("apart"))
		_, _, err := kv.PopLeftWait(ctx, lists.Take("a"), lists.Take("b"))
		Expect(err).To(MatchError(kv.ErrCrossSlot))
	})
})
