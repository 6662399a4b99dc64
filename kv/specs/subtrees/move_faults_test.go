package subtrees_test

import (
	"context"
	"errors"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/kv"
	"github.com/kvstore-go/kvstore/kv/internal/kvtest"
)

var errCut = errors.New("somebody pulled the plug")

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
		It("before the reply of a command came loses nothing, and a repetition finishes it", func(ctx context.Context) {
			for step, finished := 0, false; !finished; step++ {
				store := open(ctx)
				source, target := kv.MustOpen(Town, store.Raw), openTwin(store.Raw)
				settle(ctx, source)
				want := contents(ctx, store.Raw)

				driver := lost(store.Raw, step)
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
	})
})
