package redisdriver_test

import (
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"github.com/redis/go-redis/v9"

	"github.com/kvstore-go/kvstore/drivers"
)

var _ = Describe("A user", func() {
	It("without EVAL and EVALSHA is refused what takes a script, and nothing was changed; all else works", func() {
		server := emptyServer()
		d := driverOf(server.Addr(), as(server, "+@all", "-eval", "-evalsha"))
		do(d, drivers.Command{Op: drivers.OpSAdd, Key: "s", Values: []string{"old"}})
		for _, cmd := range []drivers.Command{
			{Op: drivers.OpSReplace, Key: "s", Values: []string{"new"}},
			{Op: drivers.OpSAdd, Key: "s", Values: []string{"new"}, Expiry: minute},
			{Op: drivers.OpSAdd, Key: "s", Values: []string{"new"}, Extra: &drivers.Extra{Indexes: inRegistry("s")}},
		} {
			_, err := d.Do(ctx, cmd)
			Expect(redis.IsPermissionError(err)).To(BeTrue(), "%v", err)
		}
		Expect(do(d, drivers.Command{Op: drivers.OpSMembers, Key: "s"}).Values).To(Equal([]string{"old"}))
		Expect(ask(server, "DBSIZE")).To(Equal("1"))
	})

	It("without SCAN is refused a listing, and told so", func() {
		server := emptyServer()
		ask(server, "SET", "a:b", "v")
		d := driverOf(server.Addr(), as(server, "+@all", "-scan"))
		var failed error
		for key, err := range d.Scan(ctx, drivers.Command{Op: drivers.OpScanKeys, Key: "a"}) {
			Expect(key).To(BeEmpty())
			failed = err
		}
		Expect(failed).To(MatchError(ContainSubstring("can't run this command")))
	})
})
