package memory_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"strconv"
	"sync"
	"testing"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/drivers/memory"
)

// together runs f in several goroutines, each with a source of its own.
func together(goroutines int, f func(random *rand.Rand)) {
	var wg sync.WaitGroup
	seed := uint64(GinkgoRandomSeed())
	for i := range goroutines {
		wg.Go(func() {
			defer GinkgoRecover()
			f(rand.New(rand.NewPCG(seed, uint64(i))))
		})
	}
	wg.Wait()
}

var _ = Describe("Many goroutines", func() {
	It("run everything at once without deadlock, and leave all structures in order", func() {
		d, clock := open()
		key := func(r *rand.Rand) string { return fmt.Sprintf("k:%d", r.IntN(30)) }
		together(8, func(r *rand.Rand) {
			for range 1500 {
				a, b, c := key(r), key(r), key(r)
				switch r.IntN(8) {
				case 0, 1:
					_, _ = d.Do(ctx, drivers.Command{Op: drivers.OpSMove, Key: a, Extra: &drivers.Extra{Keys: []string{b}}, Value: c})
				case 2:
					_, _ = d.Do(ctx, drivers.Command{Op: drivers.OpSInter, Key: a, Extra: &drivers.Extra{Keys: []string{b, c}}})
				case 3:
					_, _ = d.Do(ctx, lasting(1+r.Int64N(5), sAdd(a, b, c)))
				case 4:
					batch := drivers.NewBatch(put(c, ""), get(b), del(a), sAdd(c, a))
					batch.Atomic = true
					Expect(d.DoBatch(ctx, batch)).To(Succeed())
				case 5:
					for range d.Scan(ctx, drivers.Command{Op: drivers.OpScanKeys, Key: "k"}) {
						_, _ = d.Do(ctx, sAdd(b, a))
					}
				case 6:
					_ = drivers.Watch(ctx, d, []string{a, b}, func(tx drivers.Transaction) error {
						batch := drivers.NewBatch(del(b), put(c, ""))
						batch.Atomic = true
						return tx.DoBatch(ctx, batch)
					})
				default:
					clock.Advance(1)
					_, _ = d.Do(ctx, get(a))
				}
			}
		})
		Expect(memory.Watched(d)).To(BeZero())
	})

	// Money that moves between accounts is conserved only if no reader gets in
	// between, whether it takes the short way of a latch or the long one.
	It("never see half of an atomic batch", func() {
		d, _ := open()
		add := func(key string, by int64) drivers.Command {
			return drivers.Command{Op: drivers.OpBitIncrement, Key: key, Bits: drivers.BitType{Width: 64, Signed: true}, Amount: by}
		}
		together(4, func(r *rand.Rand) {
			for i := range 1000 {
				if i%100 == 0 {
					batch := drivers.NewBatch(put("a", ""), add("a", 1), add("a", -1), put("b", "done"), put("b", "start"))
					batch.Atomic = true
					Expect(d.DoBatch(ctx, batch)).To(Succeed())
					continue
				}
				if reply := do(d, get("a")); !reply.Nil {
					Expect(reply.Value).To(HaveLen(8))
				}
				Expect(do(d, get("b")).Value).NotTo(Equal("done"))
			}
		})
	})

	It("lose no update of optimistic transactions", func() {
		d, _ := open()
		do(d, put("n", "0"))
		together(4, func(*rand.Rand) {
			for done := 0; done < 100; {
				err := drivers.Watch(ctx, d, []string{"n"}, func(tx drivers.Transaction) error {
					reply, err := tx.Do(ctx, get("n"))
					if err != nil {
						return err
					}
					n, err := strconv.Atoi(reply.Value)
					if err != nil {
						return err
					}
					batch := drivers.NewBatch(put("n", strconv.Itoa(n+1)))
					batch.Atomic = true
					return tx.DoBatch(ctx, batch)
				})
				if err == nil {
					done++
				} else {
					Expect(errors.Is(err, drivers.ErrConflict)).To(BeTrue(), "%v", err)
				}
			}
		})
		Expect(do(d, get("n")).Value).To(Equal("400"))
	})
})

func TestReadingAStringAllocatesNothing(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector allocates")
	}
	d := memory.New()
	for _, cmd := range []drivers.Command{put("stays", "v"), lasting(1_000_000, put("goes", "v"))} {
		if _, err := d.Do(ctx, cmd); err != nil {
			t.Fatal(err)
		}
	}
	for _, key := range []string{"stays", "goes", "absent"} {
		cmd := get(key)
		if allocs := testing.AllocsPerRun(1000, func() { _, _ = d.Do(ctx, cmd) }); allocs != 0 {
			t.Errorf("reading %q allocates %v times", key, allocs)
		}
	}
}
