package redisdriver_test

import (
	"context"
	"log"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/kvstore-go/kvstore/drivers/redisdriver"
)

// ContextTimeoutEnabled makes deadlines free of cost.
func Example() {
	client := redis.NewClient(&redis.Options{
		Addr:                  "localhost:6379",
		ContextTimeoutEnabled: true,
	})
	driver := redisdriver.New(client)
	defer driver.Close()
}

// ClusterStateReloadInterval is how soon the client of a cluster learns of a failover.
func Example_cluster() {
	client := redis.NewClusterClient(&redis.ClusterOptions{
		Addrs:                      []string{"localhost:7000", "localhost:7001"},
		ContextTimeoutEnabled:      true,
		ClusterStateReloadInterval: time.Second,
	})
	defer redisdriver.New(client).Close()
}

// A program that starts tells what its server lacks, and does not start where something
// would not work.
func ExampleCheck() {
	client := redis.NewClient(&redis.Options{Addr: "localhost:6379"})
	findings, err := redisdriver.Check(context.Background(), client)
	if err != nil {
		log.Fatal(err)
	}
	for _, finding := range findings {
		log.Print(finding)
		if finding.Severity == redisdriver.Fault {
			log.Fatal("mend that first")
		}
	}
}
