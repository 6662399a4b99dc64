package elements_test

import (
	"context"
	"math"
	"math/big"
	"net/netip"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/kv"
	"github.com/kvstore-go/kvstore/kv/internal/kvtest"
)

// elementLevel writes itself as text, which a string reads by itself.
type elementLevel string

func (l elementLevel) MarshalText() ([]byte, error) { return []byte(l), nil }

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

		It("are numbers of every width, from the least to the greatest", func(ctx context.Context) {
			everyCollection[int64](ctx, store, math.MinInt64, -1, 0, math.MaxInt64)
			everyCollection[uint64](ctx, store, 0, 1, math.MaxInt64+1, math.MaxUint64)
			everyCollection[float32](ctx, store, -math.MaxFloat32, -math.SmallestNonzeroFloat32, 0, 1e-40, 16777217, math.MaxFloat32)
			everyPlace[int8](ctx, store, math.MinInt8, -1, 0, math.MaxInt8)
			everyPlace[int16](ctx, store, math.MinInt16, -1, 0, math.MaxInt16)
			everyPlace[int32](ctx, store, math.MinInt32, -1, 0, math.MaxInt32)
			everyPlace(ctx, store, math.MinInt, -1, 0, math.MaxInt)
			everyPlace[uint8](ctx, store, 0, 1, math.MaxUint8)
			everyPlace[uint16](ctx, store, 0, 1, math.MaxUint16)
			everyPlace[uint32](ctx, store, 0, 1, math.MaxUint32)
			everyPlace[uint](ctx, store, 0, 1, math.MaxUint)
			everyPlace[uintptr](ctx, store, 0, 1, math.MaxUint32)
			everyPlace(ctx, store, -math.MaxFloat64, -math.SmallestNonzeroFloat64, 0, 1e-310, math.MaxFloat32, math.MaxFloat64)
			everyPlace[[2]float32](ctx, store, [2]float32{-math.MaxFloat32, math.SmallestNonzeroFloat32}, [2]float32{math.MaxFloat32, 0})
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
		It("are what their methods write, by value or by pointer, and read", func(ctx context.Context) {
			everyCollection[elementLevel](ctx, store, "", "high")
			coins := kv.MustOpen(kv.ListOf[kvtest.Coin](), store.Driver, kv.At("coins"))
			Expect(coins.Write(ctx, []kvtest.Coin{{Cents: 3}, {Cents: 4}})).To(Succeed())
			Expect(coins.Read(ctx)).To(Equal([]kvtest.Coin{{Cents: 3}, {Cents: 4}}))
			large := kv.MustOpen(kv.ListOf[*big.Int](), store.Driver, kv.At("large"))
			Expect(large.Write(ctx, []*big.Int{big.NewInt(7)})).To(Succeed())
			Expect(large.Read(ctx)).To(Equal([]*big.Int{big.NewInt(7)}))
		})
		It("are found again as keys of a map", func(ctx context.Context) {
			type city struct {
				Zip  [2]uint16
				Name string
			}
			everyKey(ctx, store, "", "a")
			everyKey(ctx, store, -1, 1<<40)
			everyKey(ctx, store, 0.1, -math.MaxFloat64)
			everyKey(ctx, store, true, false)
			everyKey(ctx, store, time.Second, -time.Hour)
			everyKey(ctx, store, time.Unix(0, 1).UTC(), time.Unix(1e9, 0).UTC())
			everyKey(ctx, store, netip.MustParseAddr("::1"), netip.MustParseAddr("fe80::1%eth0"))
			everyKey(ctx, store, city{[2]uint16{1, 2}, "x"}, city{})
			everyKey(ctx, store, kvtest.Coin{Cents: 5}, kvtest.Coin{})
		})
	})
})

// everyCollection writes values to each kind of collection and reads them back.
func everyCollection[T comparable](ctx context.Context, store kvtest.Backend, values ...T) {
	GinkgoHelper()
	list := kv.MustOpen(kv.ListOf[T](), store.Driver, kv.At("list"))
	Expect(list.Write(ctx, values)).To(Succeed())
	Expect(list.Read(ctx)).To(Equal(values))
	sorted := kv.MustOpen(kv.SortedSetOf[T](), store.Driver, kv.At("sorted"))
	Expect(sorted.Erase(ctx)).Error().NotTo(HaveOccurred())
	stream := kv.MustOpen(kv.Stream[T](), store.Driver, kv.At("stream"))
	for _, value := range values {
		Expect(sorted.Add(ctx, kv.Scored[T]{Member: value, Score: 1})).Error().NotTo(HaveOccurred())
		Expect(sorted.Score(ctx, value)).To(Equal(1.0))
		Expect(stream.Append(ctx, value)).Error().NotTo(HaveOccurred())
	}
	everyPlace(ctx, store, values...)
	Expect(stream.Erase(ctx)).Error().NotTo(HaveOccurred())
}

// everyPlace writes values to the places for which their text is made in different ways:
// elements, which are the same in sets, lists and sorted sets, fields of hashes, and keys.
// That is done for types of which there are many: each kind of collection for each of them
// would take the compiler a minute.
func everyPlace[T comparable](ctx context.Context, store kvtest.Backend, values ...T) {
	GinkgoHelper()
	set := kv.MustOpen(kv.SetOf[T](), store.Driver, kv.At("set"))
	Expect(set.Write(ctx, values)).To(Succeed())
	Expect(set.Read(ctx)).To(ConsistOf(values))
	hash := kv.MustOpen(kv.Hash[struct{ V T }](), store.Driver, kv.At("hash"))
	for _, value := range values {
		Expect(hash.Write(ctx, struct{ V T }{value})).To(Succeed())
		Expect(hash.Read(ctx)).To(Equal(struct{ V T }{value}))
	}
	everyKey(ctx, store, values...)
}

// everyKey writes a map of keys, reads it and looks each of them up.
func everyKey[K comparable](ctx context.Context, store kvtest.Backend, keys ...K) {
	GinkgoHelper()
	want := map[K]K{}
	for _, key := range keys {
		want[key] = key
	}
	stored := kv.MustOpen(kv.MapOf[K, K](), store.Driver, kv.At("map"))
	Expect(stored.Write(ctx, want)).To(Succeed())
	read, err := stored.Read(ctx)
	Expect(err).NotTo(HaveOccurred())
	Expect(read).To(Equal(want))
	for _, key := range keys {
		Expect(read).To(HaveKeyWithValue(key, key))
		Expect(stored.Get(ctx, key)).To(Equal(key))
	}
}
