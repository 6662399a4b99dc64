package main

import (
	"errors"

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
	client *redis.Client // nil in memory
}

func openStorage(address string) storage {
	if address == "" {
		return storage{name: "memory", driver: memory.New()}
	}
	client := redis.NewClient(&redis.Options{Addr: address, ContextTimeoutEnabled: true})
	return storage{name: "redis at " + address, driver: redisdriver.New(client), client: client}
}

// close ends the driver before the client it works with, which is not the driver's own.
func (s storage) close() error {
	err := drivers.Close(s.driver)
	if s.client != nil {
		err = errors.Join(err, s.client.Close())
	}
	return err
}
