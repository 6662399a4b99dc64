package redisdriver_test

import (
	"context"
	"errors"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"github.com/onsi/gomega/gleak"
	"github.com/redis/go-redis/v9"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/drivers/redisdriver"
)

var _ = Describe("A transaction", func() {
	increment := func(tx drivers.Transaction) error {
		b := drivers.NewBatch(add1)
		b.Atomic = true
		return tx.DoBatch(ctx, b)
	}
	for name, open := range map[string]func() drivers.Driver{
		"of a server":  func() drivers.Driver { return driverOf(emptyServer().Addr()) },
		"of a cluster": func() drivers.Driver { return redisdriver.New(clusterClient(emptyCluster())) },
	} {
		It("that nobody interferes with commits: "+name, func() {
			d := open()
			Expect(drivers.Watch(ctx, d, []string{"n"}, func(tx drivers.Transaction) error {
				Expect(count(tx)).To(BeZero())
				return increment(tx)
			})).To(Succeed())
			Expect(count(d)).To(BeEquivalentTo(1))
		})

		It("is in conflict with who changed a watched key, also one watched later: "+name, func() {
			d := open()
			for _, keys := range [][]string{{"n"}, {"{n}other"}} {
				err := drivers.Watch(ctx, d, keys, func(tx drivers.Transaction) error {
					Expect(tx.Watch(ctx, "n")).To(Succeed())
					do(d, add1)
					return increment(tx)
				})
				Expect(err).To(MatchError(drivers.ErrConflict))
				Expect(errors.Is(err, redis.TxFailedErr)).To(BeTrue(), "the raw cause should be there")
			}
			Expect(count(d)).To(BeEquivalentTo(2))
		})
	}

	It("leaves nothing watched on its connection when its context ends first", func() {
		server := emptyServer()
		d := driverOf(server.Addr(), func(o *redis.Options) {
			o.PoolSize, o.PipelinePoolSize, o.ContextTimeoutEnabled = 1, -1, true
		})
		short, cancel := context.WithCancel(ctx)
		Expect(drivers.Watch(short, d, []string{"n"}, func(drivers.Transaction) error { cancel(); return nil })).To(Succeed())
		do(driverOf(server.Addr()), add1)
		b := drivers.NewBatch(add1)
		b.Atomic = true
		Expect(drivers.DoBatch(ctx, d, b)).To(Succeed())
	})

	It("commits once", func() {
		d := driverOf(emptyServer().Addr())
		Expect(drivers.Watch(ctx, d, []string{"n"}, func(tx drivers.Transaction) error {
			Expect(increment(tx)).To(Succeed())
			return increment(tx)
		})).To(MatchError(drivers.ErrInvalid))
		Expect(count(d)).To(BeEquivalentTo(1))
	})

	It("is not for writing outside its batch, nor for use after its end", func() {
		d := driverOf(emptyServer().Addr())
		var kept drivers.Transaction
		Expect(drivers.Watch(ctx, d, []string{"n"}, func(tx drivers.Transaction) error {
			kept = tx
			_, err := tx.Do(ctx, add1)
			Expect(err).To(MatchError(drivers.ErrInvalid))
			Expect(tx.DoBatch(ctx, drivers.NewBatch(add1))).To(MatchError(drivers.ErrInvalid))
			return tx.DoBatch(ctx, drivers.NewBatch(drivers.Command{Op: drivers.OpGet, Key: "n"}))
		})).To(Succeed())
		_, err := kept.Do(ctx, drivers.Command{Op: drivers.OpGet, Key: "n"})
		Expect(err).To(MatchError(drivers.ErrInvalid))
		Expect(increment(kept)).To(MatchError(drivers.ErrInvalid))
		Expect(kept.Watch(ctx, "n")).To(MatchError(drivers.ErrInvalid))
		Expect(count(d)).To(BeZero())
	})

	It("returns what its function returns and leaves nothing behind, not even after a panic", func() {
		d := driverOf(emptyServer().Addr(), func(o *redis.Options) { o.PoolSize = 1 })
		do(d, add1)
		before := gleak.Goroutines()
		mine := errors.New("mine")
		Expect(drivers.Watch(ctx, d, []string{"n"}, func(drivers.Transaction) error { return mine })).To(BeIdenticalTo(mine))
		Expect(func() {
			_ = drivers.Watch(ctx, d, []string{"n"}, func(drivers.Transaction) error { panic(mine) })
		}).To(PanicWith(mine))
		Eventually(gleak.Goroutines).ShouldNot(gleak.HaveLeaked(before))
		// The only connection watches nothing any more.
		do(d, add1)
		b := drivers.NewBatch(add1)
		b.Atomic = true
		Expect(d.DoBatch(ctx, b)).To(Succeed())
		Expect(count(d)).To(BeEquivalentTo(3))
	})
})
