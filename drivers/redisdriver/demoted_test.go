package redisdriver_test

import (
	"context"
	"net"
	"sync/atomic"
	"testing"
	"testing/synctest"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"github.com/redis/go-redis/v9"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/drivers/redisdriver"
)

var _ = Describe("After a failover behind one address, whose old connections stay open", func() {
	writes := drivers.Command{Op: drivers.OpAppend, Key: "k", Value: "x"}
	reads := drivers.Command{Op: drivers.OpGet, Key: "k"}
	pair := func(atomic bool) *drivers.Batch {
		b := drivers.NewBatch(reads, writes)
		b.Atomic = atomic
		return b
	}
	for name, attempt := range map[string]func(d drivers.Driver) error{
		"a write": func(d drivers.Driver) error { _, err := d.Do(ctx, writes); return err },
		"a batch": func(d drivers.Driver) error {
			b := pair(false)
			_ = d.(drivers.Batcher).DoBatch(ctx, b)
			return b.Items[1].Err
		},
		"an atomic batch": func(d drivers.Driver) error { return drivers.DoBatch(ctx, d, pair(true)) },
		"a commit": func(d drivers.Driver) error {
			return drivers.Watch(ctx, d, []string{"k"}, func(tx drivers.Transaction) error { return tx.DoBatch(ctx, pair(true)) })
		},
	} {
		It("each connection fails once at most: "+name, func() {
			old, promoted := ownServer(), emptyServer()
			var addr atomic.Value
			addr.Store(old.Addr())
			d := driverOf("the.name:6379", func(o *redis.Options) {
				o.MaxRetries = -1
				o.Dialer = func(ctx context.Context, network, _ string) (net.Conn, error) {
					return new(net.Dialer).DialContext(ctx, network, addr.Load().(string))
				}
			})
			Expect(attempt(d)).To(Succeed()) // makes a connection
			addr.Store(promoted.Addr())
			ask(old, "REPLICAOF", "127.0.0.1", "1")
			Expect(attempt(d)).To(And(MatchError(drivers.ErrUnavailable), WithTransform(redis.IsReadOnlyError, BeTrue())))
			for range 5 {
				Expect(attempt(d)).To(Succeed())
			}
			Expect(ask(promoted, "STRLEN", "k")).To(Equal("5"))
		})
	}
})

func TestAConnectionOfAServerThatIsNoMasterYetLeavesThePool(t *testing.T) {
	redis.SetLogger(silence{})
	for _, answer := range []string{
		"LOADING Redis is loading the dataset in memory",
		"MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'.",
		"READONLY You can't write against a read only replica.",
	} {
		for _, at := range []string{"multi", "set", "exec"} {
			synctest.Test(t, func(t *testing.T) {
				server := &answering{answer: func(name string) string {
					if name == at {
						return "-" + answer
					}
					return ""
				}}
				client := server.client()
				defer client.Close()
				d := redisdriver.New(client)
				b := &drivers.Batch{Atomic: true, Items: drivers.NewBatch(drivers.Command{Op: drivers.OpSet, Key: "k"}).Items}
				for range 3 {
					if err := commitOf(d, b); !redis.HasErrorPrefix(err, answer[:6]) {
						t.Errorf("%q to %s: %v", answer, at, err)
					}
					synctest.Wait()
				}
				if made := server.dialled(); made != 3 {
					t.Errorf("%q to %s: %d connections were made for 3 commits", answer, at, made)
				}
			})
		}
	}
}
