package redisdriver_test

import (
	"context"
	"fmt"
	"log"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/drivers/redisdriver"
)

// Close closes the client, too, which nobody else has.
func ExampleOpen() {
	driver, err := redisdriver.Open("redis://localhost:6379")
	if err != nil {
		log.Fatal(err)
	}
	defer drivers.Close(driver)
	fmt.Println(redisdriver.Open("https://localhost"))
	// Output: <nil> invalid value: redis: invalid URL scheme: https: an address is a URL, as redis://localhost:6379 is
}

// One server is enough to find the others.
func ExampleOpenCluster() {
	driver, err := redisdriver.OpenCluster("redis://localhost:7000?addr=localhost:7001")
	if err != nil {
		log.Fatal(err)
	}
	defer drivers.Close(driver)
}

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
