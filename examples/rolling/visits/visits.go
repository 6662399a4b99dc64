// Package visits is what the three programs have in common: they count visits until they are told to stop.
package visits

import (
	"context"
	"fmt"
	"log"
	"os"
	"os/signal"
	"strconv"
	"syscall"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/drivers/redisdriver"
)

// Accounts is how many accounts there are.
const Accounts = 10

// Driver is that of the server at REDIS_ADDR.
func Driver() drivers.Driver {
	driver, err := redisdriver.Open("redis://" + os.Getenv("REDIS_ADDR"))
	if err != nil {
		log.Fatal(err)
	}
	return driver
}

// Count has visit count a visit of one account after the other, and prints how many it has counted every ten, and in the end.
func Count(visit func(ctx context.Context, id string) error) {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	counted := 0
	for ctx.Err() == nil {
		// What has begun is finished: the context of a visit is not the one that stops the program.
		err := visit(context.WithoutCancel(ctx), strconv.Itoa(counted%Accounts))
		if err != nil {
			log.Fatal(err)
		}
		if counted++; counted%Accounts == 0 {
			fmt.Println(counted)
		}
	}
	fmt.Println(counted)
}
