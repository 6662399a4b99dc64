package operations_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"github.com/redis/go-redis/v9"

	"github.com/kvstore-go/kvstore/drivers/memory"
	"github.com/kvstore-go/kvstore/drivers/redisdriver"
	"github.com/kvstore-go/kvstore/kv"
	"github.com/kvstore-go/kvstore/kv/internal/kvtest"
	"github.com/kvstore-go/kvstore/spec/redisserver"
	"github.com/kvstore-go/kvstore/spec/suite"
)

// An operation answers and does in a slot that moves what it does in memory, or it fails, has
// changed nothing, and does so once the slot has moved.

// movingYards are those of a cluster of three masters.
type movingYards struct {
	cluster *redisserver.Cluster
	client  *redis.ClusterClient
}

func newMovingYards() *movingYards {
	cluster, err := redisserver.StartCluster(3, 0)
	kvtest.MustRun(err)
	client := redis.NewClusterClient(&redis.ClusterOptions{
		Addrs: cluster.Addrs(), MinRetryBackoff: time.Millisecond, MaxRetryBackoff: time.Millisecond,
	})
	DeferCleanup(func() {
		_ = client.Close()
		cluster.Stop()
	})
	return &movingYards{cluster: cluster, client: client}
}

// moved is how much of what is there has moved.
var moved = []string{"none of it", "one key", "all of it"}

// try calls an operation in a slot that moves, and expects of it what it does in memory.
func (y *movingYards) try(ctx context.Context, k kind, filled bool, operation operation) {
	GinkgoHelper()
	for _, much := range moved {
		if much != moved[0] && !filled || much == moved[1] && !operation.two {
			continue
		}
		id, move, err := y.cluster.MoveNext()
		Expect(err).NotTo(HaveOccurred())
		what := fmt.Sprintf("%s on a %s, filled: %t, of which %s has moved", operation.name, k.name, filled, much)
		truth := kv.MustOpen(Yards, memory.New(), kv.At("yards")).Take(id)
		yard := kv.MustOpen(Yards, redisdriver.New(y.client), kv.At("yards")).Take(id)
		if filled {
			k.fillIn(ctx, truth)
			k.fillIn(ctx, yard)
		}
		before := storedIn(ctx, truth)
		want, fails := operation.call(ctx, truth)
		after := storedIn(ctx, truth)

		Expect(move.Begin()).To(Succeed())
		keys := []string{"yards:{" + id + "}:" + strings.Replace(k.name, "group", "stream", 1)}
		keys = append(keys, keys[0]+"2")
		Expect(move.Carry(keys[:slices.Index(moved, much)]...)).To(Succeed())

		var got any
		done := make(chan struct{})
		go func() {
			defer close(done)
			limited, cancel := context.WithTimeout(ctx, time.Minute)
			defer cancel()
			got, err = operation.call(limited, yard)
		}()
		select { // some have to be tried again until the slot has moved
		case <-done:
		case <-time.After(5 * time.Millisecond):
		}
		Expect(move.End()).To(Succeed())
		<-done

		Expect(errors.Is(err, kv.ErrIndeterminate)).To(BeFalse(), what)
		if err != nil && fails == nil {
			Expect(storedIn(ctx, yard)).To(Equal(before), "%s: it failed with %v, and nothing must have changed", what, err)
			if errors.Is(err, errors.ErrUnsupported) {
				continue // by this server
			}
			got, err = operation.call(ctx, yard)
		}
		if fails != nil {
			Expect(err).To(HaveOccurred(), "%s: in memory it is %v", what, fails)
		} else {
			Expect(err).NotTo(HaveOccurred(), what)
			Expect(timeless(fmt.Sprint(got))).To(Equal(timeless(fmt.Sprint(want))), what)
		}
		Expect(storedIn(ctx, yard)).To(Equal(after), what)
	}
}

var _ = Describe("In a slot that moves", Label(suite.Cluster, suite.Slow), Ordered, ContinueOnFailure, func() {
	var yards *movingYards
	BeforeAll(func() { yards = newMovingYards() })

	for _, k := range kindsOfHandles {
		It("every operation does what it does elsewhere, or fails and changes nothing: "+k.name, func(ctx context.Context) {
			operations := k.operations()
			Expect(operations).NotTo(BeEmpty())
			for _, operation := range operations {
				yards.try(ctx, k, true, operation)
				yards.try(ctx, k, false, operation)
			}
		})
	}
})
