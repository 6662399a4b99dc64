package main

import (
	"strings"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/drivers/memory"
	"github.com/kvstore-go/kvstore/drivers/redisdriver"
)

// storage is the driver everything is kept with. It is the only place that knows
// which one it is.
type storage struct {
	name   string
	driver drivers.Driver
}

// openStorage takes the address of a Redis, or those of some nodes of a cluster.
func openStorage(addresses string) (storage, error) {
	if addresses == "" {
		return storage{"memory", memory.New()}, nil
	}
	open := redisdriver.Open
	first, others, several := strings.Cut(addresses, ",")
	if several {
		open, first = redisdriver.OpenCluster, first+"?addr="+strings.ReplaceAll(others, ",", "&addr=")
	}
	driver, err := open("redis://" + first)
	return storage{"redis at " + addresses, driver}, err
}

func (s storage) close() error { return drivers.Close(s.driver) }
