package spec_test

import (
	"context"
	"fmt"
	"strconv"
	"sync"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"github.com/redis/go-redis/v9"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/drivers/redisdriver"
	"github.com/kvstore-go/kvstore/spec"
	"github.com/kvstore-go/kvstore/spec/redisserver"
	"github.com/kvstore-go/kvstore/spec/suite"
)

var _ = Describe("the Redis driver on one server, over RESP2", Label(suite.Redis, suite.RESP2), func() {
	spec.Driver(onRedis(olderClient))
})

var _ = Describe("the Redis driver on one server", Label(suite.Redis), func() {
	spec.Driver(onRedis(standaloneClient))
})

var _ = Describe("the Redis driver on a cluster of three masters", Label(suite.Cluster), func() {
	harness := onRedis(clusterClient)
	harness.Prefix = "{spec}:"
	harness.Apart = []string{"{a}k", "{b}k"}
	spec.Driver(harness)
})

// clients are shared by all specs of a process, as drivers do not close them.
var clients = map[string]redis.UniversalClient{}

func standaloneClient() redis.UniversalClient {
	return shared(&redis.UniversalOptions{Addrs: []string{standalone.get().Addr()}})
}

// olderClient speaks RESP2.
func olderClient() redis.UniversalClient {
	return shared(&redis.UniversalOptions{Addrs: []string{standalone.get().Addr()}, Protocol: 2})
}

func clusterClient() redis.UniversalClient {
	return shared(&redis.UniversalOptions{Addrs: cluster.get().Addrs()})
}

func shared(options *redis.UniversalOptions) redis.UniversalClient {
	name := fmt.Sprint(options.Addrs[0], options.Protocol)
	if clients[name] == nil {
		options.ContextTimeoutEnabled, options.PoolSize = true, 50 // for all that wait, however few processors there are
		client := redis.NewUniversalClient(options)
		clients[name] = client
		stops = append(stops, func() { _ = client.Close() })
	}
	return clients[name]
}

// onRedis is the harness of a driver on a client's server, emptied for each spec.
func onRedis(client func() redis.UniversalClient) spec.Harness {
	return spec.Harness{
		Open: func() spec.Store {
			driver := redisdriver.New(client())
			DeferCleanup(drivers.Close, driver)
			Expect(flush(client())).To(Succeed())
			return spec.Store{Driver: driver, Waiting: func() int { return waiting(client()) }}
		},
		Batch: true, Watch: true, Scan: true, Close: true, Block: true, Subscribe: true, Follow: true,
		FieldTTL: redisserver.Since(7, 4), EmptyBefore: redisserver.Since(8, 0),
		Huge: huge,
	}
}

// waiting is how many clients wait in the servers.
func waiting(client redis.UniversalClient) int {
	ctx, clients := context.Background(), 0
	var lock sync.Mutex
	count := func(ctx context.Context, server *redis.Client) error {
		info, err := server.InfoMap(ctx, "clients").Result()
		blocked, _ := strconv.Atoi(info["Clients"]["blocked_clients"])
		lock.Lock()
		defer lock.Unlock()
		clients += blocked
		return err
	}
	if many, ok := client.(*redis.ClusterClient); ok {
		Expect(many.ForEachMaster(ctx, count)).To(Succeed())
	} else {
		Expect(count(ctx, client.(*redis.Client))).To(Succeed())
	}
	return clients
}

func flush(client redis.UniversalClient) error {
	ctx := context.Background()
	if many, ok := client.(*redis.ClusterClient); ok {
		return many.ForEachMaster(ctx, func(ctx context.Context, master *redis.Client) error { return master.FlushAll(ctx).Err() })
	}
	return client.FlushAll(ctx).Err()
}
