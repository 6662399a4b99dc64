// Quickstart walks through a small schema and prints what each step stores.
//
//	go run ./examples/quickstart                        in memory
//	go run ./examples/quickstart -redis localhost:6379  on Redis, below the key quickstart
package main

import (
	"context"
	"flag"
	"fmt"
	"os"

	"github.com/redis/go-redis/v9"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/drivers/memory"
	"github.com/kvstore-go/kvstore/drivers/redisdriver"
)

func main() {
	address := flag.String("redis", "", "host:port of a Redis; in memory without it")
	flag.Parse()

	var driver drivers.Driver = memory.New()
	if *address != "" {
		client := redis.NewClient(&redis.Options{Addr: *address, ContextTimeoutEnabled: true, MaxRetries: 1, DialerRetries: 1})
		defer client.Close() //nolint:errcheck // the program ends here
		driver = redisdriver.New(client)
	}
	if err := walk(context.Background(), os.Stdout, driver); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
