package integers_test

import (
	"context"
	"math"

	. "github.com/onsi/ginkgo/v2"

	"github.com/kvstore-go/kvstore/kv/internal/kvtest"
)

var _ = Describe("Elements", func() {
	kvtest.OnBothDrivers(func(open func(context.Context) kvtest.Backend) {
		var store kvtest.Backend
		BeforeEach(func(ctx context.Context) { store = open(ctx) })

		It("are integers of every width, from the least to the greatest", func(ctx context.Context) {
			kvtest.EveryCollection[int64](ctx, store, math.MinInt64, -1, 0, math.MaxInt64)
			kvtest.EveryCollection[uint64](ctx, store, 0, 1, math.MaxInt64+1, math.MaxUint64)
			kvtest.EveryPlace[int8](ctx, store, math.MinInt8, -1, 0, math.MaxInt8)
			kvtest.EveryPlace[int16](ctx, store, math.MinInt16, -1, 0, math.MaxInt16)
			kvtest.EveryPlace[int32](ctx, store, math.MinInt32, -1, 0, math.MaxInt32)
			kvtest.EveryPlace(ctx, store, math.MinInt, -1, 0, math.MaxInt)
			kvtest.EveryPlace[uint8](ctx, store, 0, 1, math.MaxUint8)
			kvtest.EveryPlace[uint16](ctx, store, 0, 1, math.MaxUint16)
			kvtest.EveryPlace[uint32](ctx, store, 0, 1, math.MaxUint32)
			kvtest.EveryPlace[uint](ctx, store, 0, 1, math.MaxUint)
			kvtest.EveryPlace[uintptr](ctx, store, 0, 1, math.MaxUint32)
		})
	})
})
