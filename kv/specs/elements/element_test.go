package elements_test

import (
	"context"
	"math"
	"math/big"
	"net/netip"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kvstore-go/kvstore/kv"
	"github.com/kvstore-go/kvstore/kv/internal/kvtest"
)

// elementLevel writes itself as text, which a string reads by itself.
type elementLevel string

func (l elementLevel) MarshalText() ([]byte, error) { return []byte(l), nil }

var _ = Describe("Elements", func() {
	kvtest.OnBothDrivers(func(open func(context.Context) kvtest.Backend) {
		var store kvtest.Backend
		BeforeEach(func(ctx context.Context) { store = open(ctx) })

		It("are what their methods write, by value or by pointer, and read", func(ctx context.Context) {
			kvtest.EveryCollection[elementLevel](ctx, store, "", "high")
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
			kvtest.EveryKey(ctx, store, "", "a")
			kvtest.EveryKey(ctx, store, -1, 1<<40)
			kvtest.EveryKey(ctx, store, 0.1, -math.MaxFloat64)
			kvtest.EveryKey(ctx, store, true, false)
			kvtest.EveryKey(ctx, store, time.Second, -time.Hour)
			kvtest.EveryKey(ctx, store, time.Unix(0, 1).UTC(), time.Unix(1e9, 0).UTC())
			kvtest.EveryKey(ctx, store, netip.MustParseAddr("::1"), netip.MustParseAddr("fe80::1%eth0"))
			kvtest.EveryKey(ctx, store, city{[2]uint16{1, 2}, "x"}, city{})
			kvtest.EveryKey(ctx, store, kvtest.Coin{Cents: 5}, kvtest.Coin{})
		})
	})
})
