package memory_test

import (
	"fmt"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/drivers/memory"
)

var _ = Describe("Expiry", func() {
	It("holds a key through the millisecond of its deadline, as Redis does", func() {
		d, clock := open()
		do(d, lasting(10, put("k", "v")))
		clock.Advance(10)
		Expect(do(d, drivers.Command{Op: drivers.OpTTL, Key: "k"})).To(Equal(drivers.Reply{Int: 0}))
		Expect(do(d, get("k")).Value).To(Equal("v"))
		clock.Advance(1)
		Expect(do(d, get("k")).Nil).To(BeTrue())
	})

	It("reads the time of the machine where the clock is nil, or the option", func() {
		d := memory.New(nil, memory.WithClock(nil))
		do(d, lasting(time.Hour.Milliseconds(), put("k", "v")))
		Expect(do(d, drivers.Command{Op: drivers.OpTTL, Key: "k"}).Int).To(BeNumerically("~", time.Hour.Milliseconds(), 60_000))
	})

	It("counts from the one moment at which an atomic batch runs", func() {
		ticking := time.UnixMilli(1_700_000_000_000)
		d := memory.New(memory.WithClock(func() time.Time { ticking = ticking.Add(time.Millisecond); return ticking }))
		b := drivers.NewBatch(lasting(1, put("a", "")), lasting(1, put("b", "")), get("a"), drivers.Command{Op: drivers.OpTTL, Key: "b"})
		b.Atomic = true
		Expect(d.DoBatch(ctx, b)).To(Succeed())
		Expect(b.Items[2].Reply.Nil).To(BeFalse())
		Expect(b.Items[3].Reply.Int).To(BeEquivalentTo(1))
	})

	It("does not read the clock for keys that stay", func() {
		d, clock := open()
		for i := range 100 {
			do(d, put(fmt.Sprint("k:", i), "v"))
			do(d, get(fmt.Sprint("k:", i)))
			list(d, drivers.OpScanLeaves, "k")
		}
		Expect(d.Sweep()).To(BeZero())
		Expect(clock.reads.Load()).To(BeZero())
	})

	It("does not read the clock for a key that stays beside one that does not", func() {
		d, clock := open()
		keys := memory.SameShard(d, 2)
		do(d, lasting(10, put(keys[0], "v")))
		do(d, put(keys[1], "v"))
		reads := clock.reads.Load()
		do(d, get(keys[1]))
		Expect(clock.reads.Load()).To(Equal(reads))
	})
})

var _ = Describe("Sweep", func() {
	It("removes what is over, says how much, and leaves the rest", func() {
		d, clock := open()
		for i := range 1000 {
			do(d, put(fmt.Sprint("stays:", i), ""))
			do(d, lasting(1+int64(i), put(fmt.Sprint("goes:", i), "")))
		}
		clock.Advance(500)
		Expect(d.Sweep()).To(Equal(499))
		Expect(d.Sweep()).To(BeZero())
		Expect(memory.Held(d)).To(Equal(1501))
		clock.Advance(10_000)
		Expect(d.Len()).To(Equal(1000))
	})

	It("looks at no key that stays, whatever became of its deadlines", func() {
		d, _ := open()
		for i := range 2000 {
			key := fmt.Sprint("k:", i)
			do(d, lasting(1000, put(key, "")))
			switch i % 5 {
			case 0:
				do(d, drivers.Command{Op: drivers.OpSet, Key: key, Expiry: drivers.Expiry{Mode: drivers.ClearTTL}})
			case 1:
				do(d, drivers.Command{Op: drivers.OpPersist, Key: key})
			case 2:
				do(d, del(key))
			case 3: // many deadlines are one
				do(d, lasting(50, put(key, "")))
				do(d, lasting(5, put(key, "")))
			}
		}
		Expect(memory.Expiring(d)).To(Equal(800))
	})

	It("is done by writes faster than they add to it", func() {
		d, clock := open()
		keys := memory.SameShard(d, 3000)
		for _, key := range keys[:2000] {
			do(d, lasting(10, put(key, "")))
		}
		clock.Advance(100)
		for i, key := range keys[2000:] {
			do(d, lasting(1000, put(key, "")))
			Expect(memory.Held(d)).To(BeNumerically("<=", max(2000-3*i, i+1)))
		}
		Expect(memory.Held(d)).To(Equal(1000))
	})

	It("is done by scans, so that they list nothing that is over", func() {
		d, clock := open()
		for i := range 300 {
			do(d, lasting(1+int64(i), put(fmt.Sprint("a:", i), "")))
			do(d, lasting(1+int64(i), put(fmt.Sprintf("a:%d:b", i), "")))
		}
		clock.Advance(200)
		for _, op := range []drivers.Op{drivers.OpScanLeaves, drivers.OpScanBranches} {
			Expect(list(d, op, "a")).To(HaveLen(101))
		}
		Expect(list(d, drivers.OpScanKeys, "a")).To(HaveLen(202))
	})
})
