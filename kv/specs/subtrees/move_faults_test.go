package subtrees_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/drivers/memory"
	"github.com/kvstore-go/kvstore/kv"
	"github.com/kvstore-go/kvstore/kv/internal/kvtest"
)

var errCut = errors.New("somebody pulled the plug")

// cut is a driver that executes so many batches and then none.
func cut(driver drivers.Driver, after int) drivers.Driver {
	return drivers.Use(driver, func(ctx context.Context, b *drivers.Batch, next drivers.Next) error {
		if after--; after < 0 {
			return errCut
		}
		return next(ctx, b)
	})
}

// lost is a driver whose replies to a batch, the number of which is given, and all that follow, are lost: it was executed.
func lost(driver drivers.Driver, from int) drivers.Driver {
	return drivers.Use(driver, func(ctx context.Context, b *drivers.Batch, next drivers.Next) error {
		from--
		if from < -1 {
			return errCut
		}
		err := next(ctx, b)
		if from == -1 {
			return drivers.Join(drivers.ErrIndeterminate, errCut)
		}
		return err
	})
}

var _ = Describe("A Move that is cut off", func() {
	kvtest.OnBothDrivers(func(open func(context.Context) kvtest.Backend) {
		for how, stopped := range map[string]func(drivers.Driver, int) drivers.Driver{"before a command": cut, "before the reply of a command": lost} {
			It("loses nothing, wherever that is, and a repetition finishes it: "+how, func(ctx context.Context) {
				for step, finished := 0, false; !finished; step++ {
					store := open(ctx)
					source, target := kv.MustOpen(Town, store.Raw), openTwin(store.Raw)
					settle(ctx, source)
					want := contents(ctx, store.Raw)

					driver := stopped(store.Raw, step)
					_, err := kv.Move(ctx, kv.MustOpen(Town, driver), openTwin(driver))
					finished = err == nil
					if !finished {
						Expect(err).To(MatchError(errCut))
						for found, err := range kv.Audit(ctx, target) {
							Expect(err).NotTo(HaveOccurred())
							Expect(found.Path).NotTo(HaveSuffix("%moved"), "which tell the repetition that a copy is one")
						}
						Expect(kv.Move(ctx, source, target)).Error().NotTo(HaveOccurred(), "after %d commands", step)
					}
					Expect(contentsBelow(ctx, store.Raw, twin)).To(Equal(want), "after %d commands", step)
					Expect(storedKeys(ctx, store.Raw)).To(BeEmpty(), "after %d commands", step)
					beConsistent(ctx, target)
				}
			})
		}

		It("has each value at one of both places all the time", func(ctx context.Context) {
			store := open(ctx)
			settle(ctx, kv.MustOpen(Town, store.Raw))
			keys := storedKeys(ctx, store.Raw)
			keys = slices.DeleteFunc(keys, func(key string) bool { return strings.HasPrefix(key, "%index:") })
			looks := 0
			look := func() {
				looks++
				for _, key := range keys {
					there := int64(0)
					for _, at := range []string{key, "twin:a%3Ab:" + key} {
						reply, err := store.Raw.Do(ctx, drivers.Command{Op: drivers.OpExists, Key: at})
						Expect(err).NotTo(HaveOccurred())
						there += reply.Int
					}
					Expect(there).To(BeNumerically(">=", 1), key)
				}
			}
			driver := drivers.Use(store.Raw, func(ctx context.Context, b *drivers.Batch, next drivers.Next) error {
				look()
				defer look()
				return next(ctx, b)
			})
			Expect(kv.Move(ctx, kv.MustOpen(Town, driver), openTwin(driver))).To(Equal(moved(inATown)))
			Expect(len(keys)).To(BeNumerically(">", 10))
			Expect(looks).To(BeNumerically(">", 10))
		})
	})
})

var _ = Describe("Those who write at the old place while a Move runs", func() {
	kvtest.OnBothDrivers(func(open func(context.Context) kvtest.Backend) {
		It("lose nothing, whenever that is", func(ctx context.Context) {
			for step, met := 0, true; met; step++ {
				store := open(ctx)
				groups := kv.Dynamic(kv.Set())
				old, next := kv.MustOpen(groups, store.Raw, kv.At("old")), kv.MustOpen(groups, store.Raw, kv.At("next"))
				for id := range 3 {
					Expect(old.Take(fmt.Sprint(id)).Add(ctx, "early")).To(Equal(1))
				}
				met = false
				commands := 0
				driver := drivers.Use(store.Raw, func(ctx context.Context, b *drivers.Batch, forward drivers.Next) error {
					if commands++; commands == step+1 {
						met = true
						for id := range 4 { // one of which is new
							Expect(old.Take(fmt.Sprint(id)).Add(ctx, "late")).To(Equal(1))
						}
					}
					return forward(ctx, b)
				})
				_, err := kv.Move(ctx, kv.MustOpen(groups, driver, kv.At("old")), kv.MustOpen(groups, driver, kv.At("next")), kv.OnRefused(func(path string, err error) {
					Expect(err).To(MatchError(kv.ErrConditionFailed), "what was added behind the move meets what has moved")
					Expect(path).To(HavePrefix("next:"))
				}))
				Expect(err).NotTo(HaveOccurred())
				for id := range 4 {
					both := append(must(next.Take(fmt.Sprint(id)).Read(ctx)), must(old.Take(fmt.Sprint(id)).Read(ctx))...)
					if id < 3 {
						Expect(both).To(ContainElement("early"), "before command %d", step)
					}
					if met {
						Expect(both).To(ContainElement("late"), "before command %d", step)
					}
				}
			}
		})
	})

	It("are waited for as long as it takes", func(ctx context.Context) {
		store := memory.New()
		old := kv.MustOpen(kv.Set(), store, kv.At("old"))
		Expect(old.Add(ctx, "0")).To(Equal(1))
		written := 0
		driver := drivers.Use(store, func(ctx context.Context, b *drivers.Batch, next drivers.Next) error {
			if b.Atomic && written < 5 && strings.HasPrefix(b.Items[0].Command.Key, "old") {
				written++
				Expect(old.Add(ctx, fmt.Sprint(written))).To(Equal(1))
			}
			return next(ctx, b)
		})
		Expect(kv.Move(ctx, kv.MustOpen(kv.Set(), driver, kv.At("old")), kv.MustOpen(kv.Set(), driver, kv.At("next")))).To(Equal(moved(1)))
		Expect(kv.MustOpen(kv.Set(), store, kv.At("next")).Read(ctx)).To(ConsistOf("0", "1", "2", "3", "4", "5"))
		Expect(old.Exists(ctx)).To(BeFalse())
	})
})

func must[T any](value T, err error) T {
	GinkgoHelper()
	Expect(err).NotTo(HaveOccurred())
	return value
}
