package redisdriver_test

import (
	"context"
	"net"
	"sync/atomic"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"github.com/redis/go-redis/v9"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/drivers/redisdriver"
	"github.com/kvstore-go/kvstore/spec/redisserver"
)

// twins are two servers with the same data, one of which takes the place of the other, as
// behind Sentinel or an address that moves.
type twins struct {
	first, second *redisserver.Server
	addr          atomic.Pointer[string] // where a new connection leads
}

func newTwins(data ...drivers.Command) (*twins, *redisdriver.Driver) {
	GinkgoHelper()
	t := &twins{first: ownServer(), second: ownServer()}
	for _, server := range []*redisserver.Server{t.first, t.second} {
		d := driverOf(server.Addr())
		for _, cmd := range data {
			do(d, cmd)
		}
		fill(d, numbered("k:", 3000))
	}
	addr := t.first.Addr()
	t.addr.Store(&addr)
	return t, driverOf(addr, func(o *redis.Options) {
		o.Dialer = func(ctx context.Context, network, _ string) (net.Conn, error) {
			var dialer net.Dialer
			return dialer.DialContext(ctx, network, *t.addr.Load())
		}
	})
}

// takeOver lets the second server take the place of the first.
func (t *twins) takeOver() {
	addr := t.second.Addr()
	t.addr.Store(&addr)
	t.first.Kill()
}

var _ = Describe("A listing whose server is replaced", func() {
	members := numbered("m", 2000)
	collections := []drivers.Command{
		{Op: drivers.OpSAdd, Key: "set", Values: members},
		{Op: drivers.OpHSet, Key: "hash", Values: members},
		{Op: drivers.OpZAdd, Key: "sorted", Values: members, Extra: &drivers.Extra{Scores: make([]float64, len(members))}},
	}

	for key, op := range map[string]drivers.Op{"set": drivers.OpSScan, "hash": drivers.OpHScan, "sorted": drivers.OpZScan} {
		It(op.String()+" is told so, rather than of some elements only", func() {
			twins, d := newTwins(collections...)
			page := drivers.Command{Op: op, Key: key, Amount: 100}
			Expect(page.Continue(do(d, page))).To(BeTrue())
			Expect(page.Continue(do(d, page))).To(BeTrue())
			twins.takeOver()
			reply, err := d.Do(ctx, page)
			Expect(err).To(MatchError(drivers.ErrInterrupted))
			Expect(reply).To(BeZero())

			seen := map[string]bool{}
			for page, more := (drivers.Command{Op: op, Key: key, Amount: 100}), true; more; {
				reply := do(d, page)
				for _, value := range reply.Values {
					seen[value] = true
				}
				more = page.Continue(reply)
			}
			Expect(seen).To(HaveLen(len(members)))
		})
	}

	It("of keys is told so, and yields nothing after that", func() {
		twins, d := newTwins()
		var ends []error
		for _, err := range drivers.Scan(ctx, d, drivers.Command{Op: drivers.OpScanKeys, Key: "k"}) {
			if err == nil && *twins.addr.Load() == twins.first.Addr() {
				twins.takeOver()
			}
			if err != nil {
				ends = append(ends, err)
			}
		}
		Expect(ends).To(HaveLen(1))
		Expect(ends[0]).To(MatchError(drivers.ErrInterrupted))
		Expect(list(d, drivers.OpScanKeys, "k")).To(HaveLen(3000))
	})

	It("lists for those who may not ask the server who it is, too", func() {
		server := ownServer()
		d := driverOf(server.Addr())
		do(d, collections[0])
		ask(server, "ACL", "SETUSER", "default", "-info")
		count, page := 0, drivers.Command{Op: drivers.OpSScan, Key: "set", Amount: 100}
		for more := true; more; {
			reply := do(d, page)
			count += len(reply.Values)
			more = page.Continue(reply)
		}
		Expect(count).To(BeNumerically(">=", len(members)))
		Expect(page.Expected()).To(BeEmpty())
	})
})
