package redisdriver_test

import (
	"math"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/spec/redisserver"
)

var minute = drivers.In(time.Minute)

func inRegistry(key string) []drivers.Index {
	return []drivers.Index{{Key: key, Registry: "registry", ID: key, Whole: true}}
}

var _ = Describe("What takes a script", func() {
	var (
		server *redisserver.Server
		d      drivers.Driver
	)
	BeforeEach(func() {
		server = emptyServer()
		d = driverOf(server.Addr())
	})
	put := func(value string) { do(d, drivers.Command{Op: drivers.OpSet, Key: "k", Value: value}) }
	ttl := func() drivers.Reply { return do(d, drivers.Command{Op: drivers.OpTTL, Key: "k"}) }

	// scripted are the forms of commands that need a script, with the value they suit.
	scripted := map[string]drivers.Command{
		"comparing":                {Op: drivers.OpCompareAndSwap, Key: "k", Extra: &drivers.Extra{Expected: "v"}, Value: "w", Expiry: minute},
		"an expiring append":       {Op: drivers.OpAppend, Key: "k", Value: "w", Expiry: minute},
		"an expiring bit":          {Op: drivers.OpBitSet, Key: "k", Bits: add1.Bits, Amount: 1, Expiry: minute},
		"an expiring increment":    {Op: drivers.OpBitIncrement, Key: "k", Bits: add1.Bits, Amount: 1, Expiry: minute},
		"an expiring addition":     {Op: drivers.OpSAdd, Key: "s", Values: []string{"a"}, Expiry: minute},
		"an expiring move":         {Op: drivers.OpSMove, Key: "s", Extra: &drivers.Extra{Keys: []string{"t"}}, Value: "member", Expiry: minute},
		"an indexed addition":      {Op: drivers.OpSAdd, Key: "s", Values: []string{"a"}, Extra: &drivers.Extra{Indexes: inRegistry("s")}},
		"an indexed comparing":     {Op: drivers.OpCompareAndSwap, Key: "k", Value: "w", Expiry: minute, Extra: &drivers.Extra{Expected: "v", Indexes: inRegistry("k")}},
		"an indexed replacement":   {Op: drivers.OpSReplace, Key: "s", Values: []string{"b"}, Expiry: minute, Extra: &drivers.Extra{Indexes: inRegistry("s")}},
		"the replacement of a set": {Op: drivers.OpSReplace, Key: "s", Values: []string{"b"}, Expiry: minute},
	}
	for name, cmd := range scripted {
		It("works where the server does not know the script, in one step where it does: "+name, func() {
			put("v")
			do(d, drivers.Command{Op: drivers.OpSAdd, Key: "s", Values: []string{"member"}})
			ask(server, "SCRIPT", "FLUSH")
			do(d, cmd)
			ask(server, "CONFIG", "RESETSTAT")
			do(d, cmd)
			counted := calls(server)
			Expect(counted).To(HaveKeyWithValue("evalsha", 1))
			Expect(counted).NotTo(HaveKey("eval"))
		})
		for kind, atomic := range map[string]bool{"a plain batch": false, "an atomic batch": true} {
			It("works in "+kind+" where the server does not know the script: "+name, func() {
				put("v")
				do(d, drivers.Command{Op: drivers.OpSAdd, Key: "s", Values: []string{"member"}})
				ask(server, "SCRIPT", "FLUSH")
				b := drivers.NewBatch(cmd)
				b.Atomic = atomic
				Expect(drivers.DoBatch(ctx, d, b)).To(Succeed())
				Expect(b.Items[0].Err).NotTo(HaveOccurred())
				Expect(b.Items[0].Reply).NotTo(Equal(drivers.Reply{Nil: true}))
			})
		}
		It("gives a key of another type no time to live: "+name, func() {
			ask(server, "RPUSH", cmd.Key, "a list")
			_, err := d.Do(ctx, cmd)
			Expect(err).To(MatchError(drivers.ErrWrongType))
			Expect(ask(server, "PTTL", cmd.Key)).To(Equal("-1"))
			Expect(ask(server, "LLEN", cmd.Key)).To(Equal("1"))
		})
	}

	It("sends the text of a script once in a batch", func() {
		add := scripted["an expiring addition"]
		for _, atomic := range []bool{false, true} {
			ask(server, "SCRIPT", "FLUSH")
			ask(server, "CONFIG", "RESETSTAT")
			b := drivers.NewBatch(add, add, scripted["an expiring append"], add)
			b.Atomic = atomic
			Expect(drivers.DoBatch(ctx, d, b)).To(Succeed())
			for _, item := range b.Items {
				Expect(item.Err).NotTo(HaveOccurred())
			}
			Expect(calls(server)).To(And(HaveKeyWithValue("eval", 1), HaveKeyWithValue("evalsha", 3)))
		}
	})

	It("reads slots of 64 bits to the last bit", func() {
		wide := drivers.BitType{Width: 64, Signed: true}
		for slot, amount := range []int64{math.MaxInt64 - 1, math.MinInt64 + 1, -1, 1<<53 + 1} {
			cmd := drivers.Command{Op: drivers.OpBitSet, Key: "k", Bits: wide, Start: int64(slot), Amount: amount, Expiry: minute}
			Expect(do(d, cmd).Int).To(BeZero())
			Expect(do(d, cmd).Int).To(Equal(amount), "the old number")
			cmd.Op, cmd.Amount = drivers.OpBitIncrement, 1
			Expect(do(d, cmd).Int).To(Equal(amount+1), "the new number")
		}
		odd := drivers.Command{Op: drivers.OpBitIncrement, Key: "k", Bits: drivers.BitType{Width: 13}, Start: 77, Amount: 5000, Expiry: minute}
		Expect(do(d, odd).Int).To(BeEquivalentTo(5000))
		Expect(do(d, odd).Int).To(BeEquivalentTo(10000 % (1 << 13)))
	})

	It("tells a number that is refused from 0, and starts no time to live for it", func() {
		cmd := drivers.Command{Op: drivers.OpBitIncrement, Key: "k", Bits: drivers.BitType{Width: 8, Overflow: drivers.Fail}, Amount: 300, Expiry: minute}
		Expect(do(d, cmd)).To(Equal(drivers.Reply{Nil: true}))
		Expect(ttl().Int).To(BeEquivalentTo(-1))
		cmd.Expiry = drivers.Expiry{}
		Expect(do(d, cmd)).To(Equal(drivers.Reply{Nil: true}))
		cmd.Op, cmd.Amount = drivers.OpBitSet, 7
		Expect(do(d, cmd)).To(Equal(drivers.Reply{}))
	})

	It("keeps the farthest time to live there is when a set is replaced", func() {
		far := drivers.Expiry{Mode: drivers.ExpireAt, Millis: drivers.MaxExpiryMillis}
		replace := drivers.Command{Op: drivers.OpSReplace, Key: "k", Values: []string{"a"}, Expiry: far}
		do(d, replace)
		replace.Expiry = drivers.Expiry{}
		do(d, replace)
		Expect(ttl().Int).To(BeNumerically(">", drivers.MaxExpiryMillis/2))
		replace.Expiry.Mode = drivers.ClearTTL
		do(d, replace)
		Expect(ttl().Int).To(BeEquivalentTo(-1))
	})

	It("is binary-safe", func() {
		bytes := "\x00\xff\r\n'\"\\]]"
		put(bytes)
		swap := drivers.Command{Op: drivers.OpCompareAndSwap, Key: "k", Extra: &drivers.Extra{Expected: bytes}, Value: bytes + bytes}
		Expect(do(d, swap).Int).To(BeEquivalentTo(1))
		do(d, drivers.Command{Op: drivers.OpSReplace, Key: "s", Values: []string{bytes, ""}})
		Expect(do(d, drivers.Command{Op: drivers.OpSMembers, Key: "s"}).Values).To(ConsistOf(bytes, ""))
	})
})

var _ = Describe("Round trips", func() {
	for _, n := range []int{1_000, 100_000} {
		It("are one for a set of many members", func() {
			server := emptyServer()
			d := driverOf(server.Addr())
			replace := drivers.Command{Op: drivers.OpSReplace, Key: "s", Values: members(n)}
			do(d, drivers.Command{Op: drivers.OpSReplace, Key: "s"})
			ask(server, "CONFIG", "RESETSTAT")
			Expect(do(d, replace).Int).To(BeEquivalentTo(n))
			Expect(calls(server)).To(HaveKeyWithValue("evalsha", 1))
			Expect(calls(server)).NotTo(HaveKey("eval"))
			Expect(do(d, drivers.Command{Op: drivers.OpSCard, Key: "s"}).Int).To(BeEquivalentTo(n))

			expiring := drivers.Command{Op: drivers.OpSAdd, Key: "t", Values: members(n), Expiry: minute}
			Expect(do(d, expiring).Int).To(BeEquivalentTo(n))
		})
	}

	It("are one for a range of 1,000 slots", func() {
		server := emptyServer()
		d := driverOf(server.Addr())
		do(d, drivers.Command{Op: drivers.OpSet, Key: "k", Value: strings.Repeat("\x01", 1000)})
		ask(server, "CONFIG", "RESETSTAT")
		reply := do(d, drivers.Command{Op: drivers.OpBitRange, Key: "k", Bits: drivers.BitType{Width: 8}, Stop: 1000})
		Expect(reply.Ints).To(HaveLen(1000))
		Expect(reply.Ints).To(HaveEach(BeEquivalentTo(1)))
		Expect(calls(server)).To(HaveKeyWithValue("getrange", 1))
	})

	It("see the type of a key even for a range of no slots", func() {
		d := driverOf(emptyServer().Addr())
		do(d, drivers.Command{Op: drivers.OpSAdd, Key: "s", Values: []string{"a"}})
		empty := drivers.Command{Op: drivers.OpBitRange, Key: "s", Bits: add1.Bits, Start: 3, Stop: 3}
		_, err := d.Do(ctx, empty)
		Expect(err).To(MatchError(drivers.ErrWrongType))
		empty.Key = "absent"
		Expect(do(d, empty).Ints).To(BeEmpty())
	})
})
