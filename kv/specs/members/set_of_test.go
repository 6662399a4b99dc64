package members_test

import (
	"context"
	"errors"
	"net/netip"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/drivers/memory"
	"github.com/kvstore-go/kvstore/kv"
	"github.com/kvstore-go/kvstore/kv/internal/kvtest"
)

type SetOfColour string

type SetOfPoint struct {
	X int `json:"x" jsonschema:"minimum=0"`
	Y int `json:"y"`
}

var _ = Describe("A set of typed members", func() {
	kvtest.OnBothDrivers(func(open func(context.Context) kvtest.Backend) {
		var store kvtest.Backend
		BeforeEach(func(ctx context.Context) { store = open(ctx) })

		It("has members of every type that has a text", func(ctx context.Context) {
			setOfRoundTrip(ctx, store, "", "a", "\xff\x00")
			setOfRoundTrip[SetOfColour](ctx, store, "red", "green")
			setOfRoundTrip(ctx, store, 0, -1, 1<<62)
			setOfRoundTrip[uint8](ctx, store, 0, 255)
			setOfRoundTrip(ctx, store, 0.5, -1e300, 3)
			setOfRoundTrip(ctx, store, true, false)
			setOfRoundTrip(ctx, store, []byte("a"), []byte{0, 255})
			setOfRoundTrip(ctx, store, time.Unix(0, 1).UTC(), time.Unix(1e9, 0).UTC())
			setOfRoundTrip(ctx, store, time.Second, -time.Nanosecond)
			setOfRoundTrip(ctx, store, netip.MustParseAddr("::1"), netip.MustParseAddr("127.0.0.1"))
			setOfRoundTrip(ctx, store, SetOfPoint{1, 2}, SetOfPoint{0, -2})
			setOfRoundTrip(ctx, store, map[string]int{"a": 1}, map[string]int{})
		})
		It("is the untyped set for strings", func(ctx context.Context) {
			add := func(untyped kv.SetField) (int, error) { return untyped.Add(ctx, "a") }
			Expect(add(kv.MustOpen(kv.SetOf[string](), store.Driver, kv.At("set")))).To(Equal(1))
		})
		It("refuses members that do not fit, and changes nothing", func(ctx context.Context) {
			points := kv.MustOpen(kv.SetOf[SetOfPoint](), store.Driver, kv.At("points"))
			_, err := points.Add(ctx, SetOfPoint{1, 1}, SetOfPoint{-1, 1})
			Expect(err).To(MatchError(kv.ErrInvalid))
			Expect(err).To(MatchError(ContainSubstring("kv: Add points")))
			Expect(points.Len(ctx)).To(Equal(0))
			Expect(points.Write(ctx, []SetOfPoint{{-1, 1}})).To(MatchError(kv.ErrInvalid))
			_, err = points.Has(ctx, SetOfPoint{-1, 1})
			Expect(err).To(MatchError(kv.ErrInvalid))
		})
		It("says so if a stored member does not fit, and goes on with the others", func(ctx context.Context) {
			numbers := kv.MustOpen(kv.SetOf[int](), store.Driver, kv.At("numbers"))
			Expect(numbers.Add(ctx, 1, 2)).To(Equal(2))
			_, err := store.Raw.Do(ctx, drivers.Command{Op: drivers.OpSAdd, Key: "numbers", Values: []string{"three"}})
			Expect(err).NotTo(HaveOccurred())
			_, err = numbers.Read(ctx)
			Expect(err).To(MatchError(kv.ErrCorrupt))
			var good []int
			bad := 0
			for number, err := range numbers.All(ctx) {
				if err != nil {
					Expect(err).To(MatchError(kv.ErrCorrupt))
					bad++
					continue
				}
				good = append(good, number)
			}
			Expect(good).To(ConsistOf(1, 2))
			taken, err := numbers.Pop(ctx, 3)
			Expect(taken).To(ConsistOf(1, 2), "what can be read is not lost with the other")
			var lost *kv.CorruptElementError
			Expect(errors.As(err, &lost)).To(BeTrue())
			Expect(lost.Text).To(Equal("three"))
			Expect(bad).To(Equal(1))
		})
		It("moves, combines and draws members", func(ctx context.Context) {
			one := kv.MustOpen(kv.SetOf[int](), store.Driver, kv.At("one"))
			two := kv.MustOpen(kv.SetOf[int](), store.Driver, kv.At("two"))
			Expect(one.Add(ctx, 1, 2, 3)).To(Equal(3))
			Expect(one.Move(ctx, two, 3)).To(BeTrue())
			Expect(one.Union(ctx, two)).To(ConsistOf(1, 2, 3))
			Expect(one.Intersect(ctx, two)).To(BeEmpty())
			Expect(one.Difference(ctx, two)).To(ConsistOf(1, 2))
			Expect(one.Random(ctx, 5)).To(ConsistOf(1, 2))
			Expect(one.Pop(ctx, 5)).To(ConsistOf(1, 2))
			Expect(one.Remove(ctx, 1)).To(Equal(0))
		})
	})

	It("is a mistake of the schema where the members have no text", func() {
		_, err := kv.Open(kv.SetOf[chan int](), memory.New(), kv.At("channels"))
		Expect(err).To(MatchError(ContainSubstring("chan int")))
	})
})

func setOfRoundTrip[T any](ctx context.Context, store kvtest.Backend, members ...T) {
	GinkgoHelper()
	set := kv.MustOpen(kv.SetOf[T](), store.Driver, kv.At("set"))
	Expect(set.Write(ctx, members)).To(Succeed())
	Expect(set.Read(ctx)).To(ConsistOf(members))
	for _, member := range members {
		Expect(set.Has(ctx, member)).To(BeTrue())
	}
	Expect(set.Remove(ctx, members...)).To(Equal(len(members)))
}
