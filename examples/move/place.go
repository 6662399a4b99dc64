package main

import (
	"errors"
	"fmt"
	"net/url"
	"strings"

	"github.com/redis/go-redis/v9"

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
	driver, closeAll, err := connect(where)
	if err != nil {
		return place{}, err
	}
	shop, err := kv.Open(Shop, driver)
	return place{name: redacted(where), shop: shop, close: closeAll}, err
}

// connect makes a driver. It is the only function that knows which.
func connect(where string) (_ drivers.Driver, closeAll func() error, err error) {
	scheme, rest, _ := strings.Cut(where, "://")
	var client redis.UniversalClient
	switch {
	case where == "memory":
		driver := memory.New()
		return driver, driver.Close, nil
	case scheme == "redis", scheme == "rediss":
		options, err := redis.ParseURL(where)
		if err != nil {
			return nil, nil, fmt.Errorf("%s: %w", redacted(where), err)
		}
		options.ContextTimeoutEnabled = true
		client = redis.NewClient(options)
	case scheme == "cluster":
		options, err := redis.ParseClusterURL("redis://" + rest)
		if err != nil {
			return nil, nil, fmt.Errorf("%s: %w", redacted(where), err)
		}
		options.ContextTimeoutEnabled = true
		client = redis.NewClusterClient(options)
	default:
		return nil, nil, fmt.Errorf("%q is no place: use %s", where, places)
	}
	driver := redisdriver.New(client)
	return driver, func() error { return errors.Join(driver.Close(), client.Close()) }, nil // the client is not the driver's own
}

// redacted is a URL as it may be shown and written down.
func redacted(where string) string {
	parsed, err := url.Parse(where)
	if err != nil {
		return "the URL"
	}
	return parsed.Redacted()
}
