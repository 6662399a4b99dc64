package spec_test

import (
	"context"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kvstore-go/kvstore/kv"
	"github.com/kvstore-go/kvstore/spec"
)

var _ = Describe("the matchers of keys", func() {
	ctx := context.Background()

	It("compare those of every kind of store", func() {
		store, driver, _ := opened()
		rooms, byID := store.Take(roomsKey), store.Take(byIDKey)
		Expect(store).To(spec.HoldKeys())
		Expect(rooms.Take("42").Take(roomKey).Write(ctx, "go")).To(Succeed())
		Expect(rooms.Take("a:b").Take(roomKey).Write(ctx, "go")).To(Succeed())
		Expect(byID.Take(7).Write(ctx, "go")).To(Succeed())
		Expect(store).To(spec.HoldKeys("rooms", "byid"))
		Expect(rooms).To(spec.HoldKeys("a:b", "42"))
		Expect(rooms).To(spec.HoldKeys([]string{"a:b", "42"}))
		Expect(byID).To(spec.HoldKeys(uint8(7)))
		Expect(byID).NotTo(spec.HoldKeys(), "one is there")
		Expect(saying(rooms, spec.HoldKeys("42"))).To(And(HavePrefix("hall:rooms holds other keys:"), ContainSubstring("a:b")))
		Expect(saying(rooms, Not(spec.HoldKeys("42", "a:b")))).To(HavePrefix("hall:rooms holds these keys:"))

		foreign := kv.MustOpen(kv.Dynamic(kv.String()), driver, kv.At("hall", "byid"))
		Expect(foreign.Take("seven").Write(ctx, "go")).To(Succeed())
		Expect(spec.HoldKeys(uint8(7)).Match(byID)).Error().To(MatchError(kv.ErrBadKey))
	})
})
