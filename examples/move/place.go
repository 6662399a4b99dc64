package main

import (
	"fmt"
	"net/url"
	"strings"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/drivers/memory"
	"github.com/kvstore-go/kvstore/drivers/redisdriver"
	"github.com/kvstore-go/kvstore/kv"
)

const places = "memory, redis://host:port/db, rediss://…, cluster://host:port, or a file.jsonl"

// place is where a shop is: a store, or a file.
type place struct {
	name  string         // for people, without a password
	file  string         // the path of the file; empty for a store
	shop  kv.StaticStore // the store
	close func() error
}

func (p place) isMemory() bool { return p.name == "memory" }

func open(where string) (place, error) {
	if !strings.Contains(where, "://") && strings.HasSuffix(where, ".jsonl") {
		return place{name: where, file: where, close: func() error { return nil }}, nil
	}
	driver, err := connect(where)
	if err != nil {
		return place{}, err
	}
	shop, err := kv.Open(Shop, driver)
	return place{name: redacted(where), shop: shop, close: func() error { return drivers.Close(driver) }}, err
}

// connect makes a driver. It is the only function that knows which.
func connect(where string) (driver drivers.Driver, err error) {
	scheme, rest, _ := strings.Cut(where, "://")
	switch {
	case where == "memory":
		return memory.New(), nil
	case scheme == "redis", scheme == "rediss":
		driver, err = redisdriver.Open(where)
	case scheme == "cluster":
		driver, err = redisdriver.OpenCluster("redis://" + rest)
	default:
		return nil, fmt.Errorf("%q is no place: use %s", where, places)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", redacted(where), err)
	}
	return driver, nil
}

// redacted is a URL as it may be shown and written down.
func redacted(where string) string {
	parsed, err := url.Parse(where)
	if err != nil {
		return "the URL"
	}
	return parsed.Redacted()
}
