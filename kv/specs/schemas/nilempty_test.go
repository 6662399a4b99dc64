package schemas_test

import (
	"context"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/jsonval"
	"github.com/kvstore-go/kvstore/kv"
	"github.com/kvstore-go/kvstore/kv/internal/kvtest"
)

type nilEmptyRoom struct {
	Members []string       `json:"members"`
	Scores  map[string]int `json:"scores"`
}

// What programs in other languages read beside us.
var _ = Describe("Beside the predecessor", func() {
	kvtest.OnBothDrivers(func(open func(context.Context) kvtest.Backend) {
		It("documents write nil slices and maps as its schemas want them, and read what was written before", func(ctx context.Context) {
			store := open(ctx)
			room := kv.MustOpen(kv.JSON[nilEmptyRoom](kv.Validation(jsonval.NilAsEmpty())), store.Driver, kv.At("room"))
			Expect(room.Write(ctx, nilEmptyRoom{})).To(Succeed())
			reply, err := store.Raw.Do(ctx, drivers.Command{Op: drivers.OpGet, Key: "room"})
			Expect(err).NotTo(HaveOccurred())
			Expect(reply.Value).To(Equal(`{"members":[],"scores":{}}`))
			Expect(room.Read(ctx)).To(Equal(nilEmptyRoom{[]string{}, map[string]int{}}))

			plain := kv.MustOpen(kv.JSON[nilEmptyRoom](), store.Driver, kv.At("room"))
			Expect(plain.Write(ctx, nilEmptyRoom{})).To(Succeed())
			Expect(room.Read(ctx)).To(Equal(nilEmptyRoom{}))
		})
		It("the sum of slots that end before they start is ErrInvalid, and of none 0", func(ctx context.Context) {
			counts := kv.MustOpen(kv.BitSet(kv.U8), open(ctx).Driver, kv.At("counts"))
			_, err := counts.Sum(ctx, 5, 3)
			Expect(err).To(MatchError(kv.ErrInvalid))
			Expect(counts.Sum(ctx, 5, 5)).To(BeZero())
		})
	})
})
