package redisdriver_test

import (
	"context"
	"sync"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"github.com/redis/go-redis/v9"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/drivers/redisdriver"
)

var _ = Describe("the pool", func() {
	It("is that of the client: what is in use and idle, who waits and who waited in vain", func(ctx context.Context) {
		d := driverOf(emptyServer().Addr(), func(o *redis.Options) {
			o.PoolSize, o.MaxActiveConns, o.PipelinePoolSize, o.PoolTimeout = 1, 1, -1, 20*time.Millisecond
		})
		Expect(d.Pool()).To(BeZero())
		do(d, drivers.Command{Op: drivers.OpGet, Key: "k"})
		Expect(d.Pool()).To(Equal(drivers.Pool{Idle: 1}))
		var waiting sync.WaitGroup
		over, stop := context.WithCancel(ctx)
		waiting.Go(func() { _, _ = drivers.Block(over, d, drivers.Command{Op: drivers.OpLPop, Key: "none", Amount: 1}) })
		Eventually(d.Pool).Should(Equal(drivers.Pool{InUse: 1}))
		Eventually(func() error { // the wait takes the connection for good only once it has looked in vain
			_, err := d.Do(ctx, drivers.Command{Op: drivers.OpGet, Key: "k"})
			return err
		}).Should(MatchError(drivers.ErrUnavailable))
		Expect(d.Pool().Timeouts).To(BeNumerically(">=", 1))
		stop()
		waiting.Wait()
	})

	It("is that of all servers of a cluster, and none of a client that cannot be used", func(ctx context.Context) {
		d := redisdriver.New(clusterClient(emptyCluster()))
		for _, key := range []string{"a", "b", "c", "d"} {
			do(d, drivers.Command{Op: drivers.OpGet, Key: key})
		}
		Expect(d.Pool().Idle).To(BeNumerically(">=", 3))
		Expect(redisdriver.New(nil).Pool()).To(BeZero())
	})
})
