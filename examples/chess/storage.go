package main

import (
	"errors"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/drivers/memory"
	"github.com/kvstore-go/kvstore/drivers/redisdriver"
)

// storage is the driver everything is kept with. It is the only place that knows
// which one it is.
type storage struct {
	name   string
	driver drivers.Driver
	client redis.UniversalClient // nil in memory
}

// openStorage takes the address of a Redis, or those of some nodes of a cluster.
func openStorage(addresses string) storage {
	if addresses == "" {
		return storage{name: "memory", driver: memory.New()}
	}
	var client redis.UniversalClient
	if nodes := strings.Split(addresses, ","); len(nodes) > 1 {
		client = redis.NewClusterClient(&redis.ClusterOptions{
			Addrs: nodes, ContextTimeoutEnabled: true, ClusterStateReloadInterval: time.Second,
		})
	} else {
		client = redis.NewClient(&redis.Options{Addr: addresses, ContextTimeoutEnabled: true})
	}
	return storage{name: "redis at " + addresses, driver: redisdriver.New(client), client: client}
}

// close ends the driver before the client it works with, which is not the driver's own.
func (s storage) close() error {
	err := drivers.Close(s.driver)
	if s.client != nil {
		err = errors.Join(err, s.client.Close())
	}
	return err
}
