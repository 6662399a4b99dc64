package elements_test

import (
	"context"
	"math"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/kv"
	"github.com/kvstore-go/kvstore/kv/internal/kvtest"
)

type elementPoint struct {
	X    float64 `json:"x"`
	Name string  `json:"name"`
}

var _ = Describe("Elements", func() {
	kvtest.OnBothDrivers(func(open func(context.Context) kvtest.Backend) {
		var store kvtest.Backend
		BeforeEach(func(ctx context.Context) { store = open(ctx) })
		put := func(ctx context.Context, key, field, text string) {
			GinkgoHelper()
			_, err := store.Raw.Do(ctx, drivers.Command{Op: drivers.OpHSet, Key: key, Values: []string{field, text}})
			Expect(err).NotTo(HaveOccurred())
		}

		It("are floats of every width, from the least to the greatest", func(ctx context.Context) {
			kvtest.EveryCollection[float32](ctx, store, -math.MaxFloat32, -math.SmallestNonzeroFloat32, 0, 1e-40, 16777217, math.MaxFloat32)
			kvtest.EveryPlace(ctx, store, -math.MaxFloat64, -math.SmallestNonzeroFloat64, 0, 1e-310, math.MaxFloat32, math.MaxFloat64)
			kvtest.EveryPlace[[2]float32](ctx, store, [2]float32{-math.MaxFloat32, math.SmallestNonzeroFloat32}, [2]float32{math.MaxFloat32, 0})
		})
		It("are corrupt where a foreign number does not fit into their width", func(ctx context.Context) {
			for text, fits := range map[string]bool{
				"1e39": false, "-1e39": false, "3.4028236e38": false, "inf": false,
				"3.4028235e+38": true, "340282346638528859811704183484516925440": true, "1e-50": true, "-0": true, "0x10": true,
			} {
				put(ctx, "floats", "a", text)
				_, err := kv.MustOpen(kv.Map[float32](), store.Driver, kv.At("floats")).Get(ctx, "a")
				if fits {
					Expect(err).NotTo(HaveOccurred(), text)
				} else {
					Expect(err).To(MatchError(kv.ErrCorrupt), text)
				}
			}
			for _, text := range []string{"128", "-129", "1.0", "01", "+1", ""} {
				put(ctx, "bytes", "a", text)
				_, err := kv.MustOpen(kv.Map[int8](), store.Driver, kv.At("bytes")).Get(ctx, "a")
				Expect(err).To(MatchError(kv.ErrCorrupt), text)
			}
		})
		It("can be counted with up to the ends of their width", func(ctx context.Context) {
			floats := kv.MustOpen(kv.Map[float32](), store.Driver, kv.At("floats"))
			Expect(floats.Put(ctx, "a", math.MaxFloat32)).To(Succeed())
			Expect(kv.IncrementIn(ctx, floats, "a", 0)).To(BeEquivalentTo(float32(math.MaxFloat32)))
			Expect(floats.Get(ctx, "a")).To(BeEquivalentTo(float32(math.MaxFloat32)))
			_, err := kv.IncrementIn(ctx, floats, "a", 1e38)
			Expect(err).To(MatchError(kv.ErrOverflow))
		})
		It("are one where Go says they are equal: 0 and −0", func(ctx context.Context) {
			negative := math.Copysign(0, -1)
			floats := kv.MustOpen(kv.SetOf[float64](), store.Driver, kv.At("floats"))
			Expect(floats.Add(ctx, 0, negative)).To(Equal(1))
			Expect(floats.Remove(ctx, negative)).To(Equal(1))
			small := kv.MustOpen(kv.SetOf[float32](), store.Driver, kv.At("small"))
			Expect(small.Add(ctx, 0, float32(negative))).To(Equal(1))
			pairs := kv.MustOpen(kv.SetOf[[2]float64](), store.Driver, kv.At("pairs"))
			Expect(pairs.Add(ctx, [2]float64{0, -0.5}, [2]float64{negative, -0.5})).To(Equal(1))
			points := kv.MustOpen(kv.SetOf[elementPoint](), store.Driver, kv.At("points"))
			odd := `\"-0, "-0` + "\\"
			Expect(points.Add(ctx, elementPoint{0, odd}, elementPoint{negative, odd})).To(Equal(1))
			Expect(points.Read(ctx)).To(ConsistOf(elementPoint{0, odd}), "what is no number stays")
			anything := kv.MustOpen(kv.SetOf[any](), store.Driver, kv.At("anything"))
			Expect(anything.Add(ctx, []any{0.0, "-0"}, []any{negative, "-0"})).To(Equal(1))

			byFloat := kv.MustOpen(kv.MapOf[float64, string](), store.Driver, kv.At("by"))
			Expect(byFloat.Put(ctx, negative, "a")).To(Succeed())
			Expect(byFloat.Put(ctx, 0, "b")).To(Succeed())
			Expect(byFloat.Read(ctx)).To(Equal(map[float64]string{0: "b"}))
			byPoint := kv.MustOpen(kv.MapOf[elementPoint, string](), store.Driver, kv.At("points by"))
			Expect(byPoint.Put(ctx, elementPoint{X: negative}, "a")).To(Succeed())
			Expect(byPoint.Get(ctx, elementPoint{X: 0})).To(Equal("a"))
		})
		It("are not NaN, nor keys with NaN in them", func(ctx context.Context) {
			_, err := kv.MustOpen(kv.SetOf[float64](), store.Driver, kv.At("floats")).Add(ctx, math.NaN())
			Expect(err).To(MatchError(kv.ErrInvalid))
			Expect(kv.MustOpen(kv.MapOf[float32, int](), store.Driver, kv.At("m")).Put(ctx, float32(math.NaN()), 1)).To(MatchError(kv.ErrInvalid))
			Expect(kv.MustOpen(kv.MapOf[elementPoint, int](), store.Driver, kv.At("m")).Put(ctx, elementPoint{X: math.NaN()}, 1)).To(MatchError(kv.ErrInvalid))
			Expect(kv.MustOpen(kv.MapOf[[1]float64, int](), store.Driver, kv.At("m")).Put(ctx, [1]float64{math.Inf(1)}, 1)).To(MatchError(kv.ErrInvalid))
		})
	})
})
