package memory_test

import (
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/drivers/memory"
)

var _ = Describe("Watch", func() {
	var d *memory.Driver
	var time *clock

	BeforeEach(func() {
		d, time = open()
		DeferCleanup(func() { Expect(memory.Watched(d)).To(BeZero(), "watchers are left behind") })
	})

	commit := func(tx drivers.Transaction) error {
		b := drivers.NewBatch(put("result", "done"))
		b.Atomic = true
		return tx.DoBatch(ctx, b)
	}
	after := func(meanwhile func(), keys ...string) error {
		return drivers.Watch(ctx, d, keys, func(tx drivers.Transaction) error {
			meanwhile()
			return commit(tx)
		})
	}

	It("sees an expiry that no command met", func() {
		do(d, lasting(10, put("k", "v")))
		Expect(after(func() { time.Advance(11) }, "k")).To(MatchError(drivers.ErrConflict))
		Expect(do(d, get("result")).Nil).To(BeTrue())
	})

	It("takes a key that was over before for an absent one, whenever it is removed", func() {
		do(d, lasting(10, put("k", "v")))
		time.Advance(11)
		Expect(after(func() { d.Sweep() }, "k")).To(Succeed())
	})

	It("sees that an absent key was put and is over", func() {
		Expect(after(func() {
			do(d, lasting(10, put("k", "v")))
			time.Advance(11)
			d.Sweep()
		}, "k")).To(MatchError(drivers.ErrConflict))
	})

	It("sees a string that a refused BITFIELD made, which Redis does not", func() {
		Expect(after(func() {
			refused := drivers.BitType{Width: 8, Overflow: drivers.Fail}
			do(d, drivers.Command{Op: drivers.OpBitSet, Key: "k", Bits: refused, Amount: 256})
		}, "k")).To(MatchError(drivers.ErrConflict))
	})

	It("does not mind commands that changed nothing", func() {
		do(d, sAdd("s", "a"))
		Expect(after(func() {
			do(d, sAdd("s", "a"))
			do(d, drivers.Command{Op: drivers.OpSRem, Key: "s", Values: []string{"b"}})
			do(d, drivers.Command{Op: drivers.OpSMove, Key: "s", Extra: &drivers.Extra{Keys: []string{"s"}}, Value: "a"})
			do(d, drivers.Command{Op: drivers.OpPersist, Key: "s"})
			do(d, del("absent"))
			do(d, drivers.Command{Op: drivers.OpSet, Key: "s", If: drivers.IfAbsent})
		}, "s", "absent")).To(Succeed())
	})

	It("is refused after its commit, also from within, and stays so", func() {
		var kept drivers.Transaction
		Expect(drivers.Watch(ctx, d, []string{"k", "k"}, func(tx drivers.Transaction) error {
			kept = tx
			Expect(commit(tx)).To(Succeed())
			Expect(commit(tx)).To(MatchError(drivers.ErrInvalid))
			return nil
		})).To(Succeed())
		Expect(kept.Watch(ctx, "k")).To(MatchError(drivers.ErrInvalid))
		_, err := kept.Do(ctx, get("k"))
		Expect(err).To(MatchError(drivers.ErrInvalid))
	})

	It("stops watching where the function panics", func() {
		Expect(func() {
			_ = drivers.Watch(ctx, d, []string{"k"}, func(drivers.Transaction) error { panic("in the function") })
		}).To(PanicWith("in the function"))
	})

	It("lets transactions watch each other's keys", func() {
		err := drivers.Watch(ctx, d, []string{"a"}, func(outer drivers.Transaction) error {
			Expect(drivers.Watch(ctx, d, []string{"a", "b"}, func(inner drivers.Transaction) error {
				b := drivers.NewBatch(put("a", "inner"))
				b.Atomic = true
				return inner.DoBatch(ctx, b)
			})).To(Succeed())
			return commit(outer)
		})
		Expect(err).To(MatchError(drivers.ErrConflict))
	})
})
