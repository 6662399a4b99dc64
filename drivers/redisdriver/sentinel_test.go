package redisdriver_test

import (
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"github.com/redis/go-redis/v9"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/drivers/redisdriver"
	"github.com/kvstore-go/kvstore/spec/redisserver"
)

var _ = Describe("A client of Sentinel", func() {
	It("is driven like any other: singly, in batches, watching and scanning", func() {
		master := emptyServer()
		sentinel, err := redisserver.StartSentinel("chess", master)
		needServer(err)
		DeferCleanup(sentinel.Stop)
		client := redis.NewFailoverClient(&redis.FailoverOptions{
			MasterName: "chess", SentinelAddrs: []string{sentinel.Addr()}, ContextTimeoutEnabled: true,
		})
		DeferCleanup(client.Close)
		d := redisdriver.New(client)

		do(d, add1)
		Expect(batched(true)(d, add1, nothing)).To(Succeed())
		Expect(drivers.Watch(ctx, d, []string{"n"}, func(tx drivers.Transaction) error {
			commit := drivers.NewBatch(add1)
			commit.Atomic = true
			return tx.DoBatch(ctx, commit)
		})).To(Succeed())
		Expect(count(driverOf(master.Addr()))).To(BeEquivalentTo(3))
		do(d, drivers.Command{Op: drivers.OpSet, Key: "users:7", Value: "ann"})
		for key, err := range d.Scan(ctx, drivers.Command{Op: drivers.OpScanKeys, Key: "users"}) {
			Expect(key, err).To(Equal("users:7"))
		}
	})
})
