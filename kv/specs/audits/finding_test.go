package audits_test

import (
	"context"
	"errors"
	"math"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"github.com/redis/go-redis/v9"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/drivers/redisdriver"
	"github.com/kvstore-go/kvstore/kv"
	"github.com/kvstore-go/kvstore/kv/internal/kvtest"
	"github.com/kvstore-go/kvstore/spec/redisserver"
	"github.com/kvstore-go/kvstore/spec/suite"
)

// readOnly refuses every write, as a replica does.
func readOnly(driver drivers.Driver) drivers.Driver {
	return drivers.Use(driver, func(ctx context.Context, batch *drivers.Batch, next drivers.Next) error {
		for _, item := range batch.Items {
			if item.Command.Op.Effect() == drivers.Writes {
				return errors.New("a write: " + item.Command.Op.String())
			}
		}
		return next(ctx, batch)
	})
}

var _ = Describe("Audit", func() {
	kvtest.OnAllDrivers(func(open func(context.Context) kvtest.Backend) {
		var (
			store kvtest.Backend
			shop  kv.StaticStore
		)
		BeforeEach(func(ctx context.Context) {
			store = open(ctx)
			shop = kv.MustOpen(Shop, store.Driver)
			stock(ctx, shop)
		})
		looking := func() kv.StaticStore { return kv.MustOpen(Shop, readOnly(store.Raw)) }

		It("finds nothing amiss with what the handles have written, and writes nothing", func(ctx context.Context) {
			var usage []kv.Usage
			Expect(audited(ctx, looking(), kv.OnUsage(func(table []kv.Usage) { usage = table }))).To(BeEmpty())
			Expect(usage).NotTo(BeEmpty())
		})

		DescribeTable("finds", func(ctx context.Context, want string, class error, commands ...drivers.Command) {
			raw(ctx, store.Raw, commands...)
			Expect(audited(ctx, looking())).To(ConsistOf(want))
			found := findings(ctx, looking())
			if class != nil {
				Expect(found[0].Err).To(MatchError(class))
			}
			Expect(found[0].Repaired).To(BeFalse())
			Expect(found[0].Unrepaired).NotTo(HaveOccurred())
			Expect(audited(ctx, shop)).To(ConsistOf(want), "nothing has changed")
		},
			Entry("a field that is declared no more", "undeclared key shop:attic", kv.ErrUndeclared, set("shop:attic", "x")),
			Entry("a value where a store is", "undeclared key shop", kv.ErrUndeclared, set("shop", "x")),
			Entry("a value where a store is, below", "undeclared key shop:rooms:7", kv.ErrUndeclared, set("shop:rooms:7", "x")),
			Entry("what lies below a value", "undeclared key shop:shelf:int:x", kv.ErrUndeclared, set("shop:shelf:int:x", "x")),
			Entry("an unknown field of a nested store", "undeclared key shop:rooms:7:door", kv.ErrUndeclared, set("shop:rooms:7:door", "x")),
			Entry("an empty id", "undeclared key shop:notes:", kv.ErrBadKey, set("shop:notes:", "x")),
			Entry("a value where a topic is", "undeclared key shop:shelf:topic", kv.ErrUndeclared, set("shop:shelf:topic", "x")),
			Entry("an id that is none of its type", "undeclared key shop:houses:{seven}:config", kv.ErrBadKey, set("shop:houses:{seven}:config", "x")),
			Entry("ids that could be several", "undeclared key shop:pairs:a:b:c", kv.ErrUndeclared, set("shop:pairs:a:b:c", "1")),
			Entry("a registry that nothing declares", "undeclared key %index:shop:notes", kv.ErrUndeclared, drivers.Command{Op: drivers.OpHSet, Key: "%index:shop:notes", Values: []string{"a", ""}}),
			Entry("an index of a store that has none", "undeclared key %index:shop:notes::buyer", kv.ErrUndeclared, drivers.Command{Op: drivers.OpZAdd, Key: "%index:shop:notes::buyer", Values: []string{"a"}, Extra: &drivers.Extra{Scores: []float64{0}}}),

			Entry("an id with a colon", "misspelled id shop:notes:x:y for shop:notes:x%3Ay", kv.ErrUndeclared, set("shop:notes:x:y", "v")),
			Entry("an id with a percent sign", "misspelled id shop:notes:50% for shop:notes:50%25", kv.ErrBadKey, set("shop:notes:50%", "v")),
			Entry("an id that looks escaped", "misspelled id shop:notes:%3a for shop:notes:%253a", kv.ErrBadKey, set("shop:notes:%3a", "v")),
			Entry("an id with globs", "misspelled id shop:notes:[?] for shop:notes:%5B%3F%5D", kv.ErrBadKey, set("shop:notes:[?]", "v")),
			Entry("an id with braces", "misspelled id shop:notes:{y} for shop:notes:%7By%7D", kv.ErrBadKey, set("shop:notes:{y}", "v")),
			Entry("a moment", "misspelled id shop:days:2026-11-29T10:00:00Z for shop:days:2026-11-29T10%3A00%3A00Z", kv.ErrBadKey, set("shop:days:2026-11-29T10:00:00Z", "1")),
			Entry("a text that its type writes differently", "misspelled id shop:hosts:0:0:0:0:0:0:0:2 for shop:hosts:%3A%3A2", kv.ErrBadKey, set("shop:hosts:0:0:0:0:0:0:0:2", "1")),
			Entry("an id without the braces of its hash tag", "misspelled id shop:houses:8:members for shop:houses:{8}:members", kv.ErrBadKey, drivers.Command{Op: drivers.OpSAdd, Key: "shop:houses:8:members", Values: []string{"a"}}),
			Entry("an id of a store", "misspelled id shop:rooms:x:y:config for shop:rooms:x%3Ay:config", kv.ErrUndeclared, set("shop:rooms:x:y:config", `{"buyer":"a","code":""}`)),
			Entry("an id in a collection", "misspelled id shop:{orders}:x:y for shop:{orders}:x%3Ay", kv.ErrUndeclared, set("shop:{orders}:x:y", `{"buyer":"a","code":""}`)),

			Entry("a string where a set is", "wrong type shop:rooms:7:members", kv.ErrWrongType, set("shop:rooms:7:members", "x")),
			Entry("a set where a document is", "wrong type shop:rooms:8:config", kv.ErrWrongType, drivers.Command{Op: drivers.OpSAdd, Key: "shop:rooms:8:config", Values: []string{"a"}}),
			Entry("a list where a set of anything is", "wrong type shop:houses:{8}:members", kv.ErrWrongType, drivers.Command{Op: drivers.OpRPush, Key: "shop:houses:{8}:members", Values: []string{"a"}}),
			Entry("a string where a lock is", "wrong type shop:shelf:lock", kv.ErrWrongType, set("shop:shelf:lock", "x")),

			Entry("a document that breaks its schema", "corrupt value shop:shelf:json", kv.ErrCorrupt, set("shop:shelf:json", `{"buyer":"","code":""}`)),
			Entry("a document in a store", "corrupt value shop:rooms:7:config", kv.ErrCorrupt, set("shop:rooms:7:config", `{`)),
			Entry("a number", "corrupt value shop:shelf:int", kv.ErrCorrupt, set("shop:shelf:int", "one")),
			Entry("an enumeration", "corrupt value shop:shelf:enum", kv.ErrCorrupt, set("shop:shelf:enum", "cold")),
			Entry("a sketch", "corrupt value shop:shelf:sketch", kv.ErrCorrupt, set("shop:shelf:sketch", "no sketch at all")),
			Entry("a hash", "corrupt value shop:shelf:hash", kv.ErrCorrupt, drivers.Command{Op: drivers.OpHDel, Key: "shop:shelf:hash", Values: []string{"code"}}),
			Entry("a member of a set", "corrupt value shop:shelf:ints at x", kv.ErrCorrupt, drivers.Command{Op: drivers.OpSAdd, Key: "shop:shelf:ints", Values: []string{"x"}}),
			Entry("an element of a list", "corrupt value shop:shelf:numbers at 2", kv.ErrCorrupt, drivers.Command{Op: drivers.OpRPush, Key: "shop:shelf:numbers", Values: []string{"x"}}),
			Entry("a member of a sorted set", "corrupt value shop:shelf:ranks at x", kv.ErrCorrupt, drivers.Command{Op: drivers.OpZAdd, Key: "shop:shelf:ranks", Values: []string{"x"}, Extra: &drivers.Extra{Scores: []float64{1}}}),
			Entry("a value of a map", "corrupt value shop:shelf:map at b", kv.ErrCorrupt, drivers.Command{Op: drivers.OpHSet, Key: "shop:shelf:map", Values: []string{"b", "x"}}),
			Entry("a document in a map", "corrupt value shop:shelf:wishes at b", kv.ErrCorrupt, drivers.Command{Op: drivers.OpHSet, Key: "shop:shelf:wishes", Values: []string{"b", "{}"}}),
			Entry("a position", "corrupt value shop:shelf:geo at moon", kv.ErrCorrupt, drivers.Command{Op: drivers.OpZAdd, Key: "shop:shelf:geo", Values: []string{"moon"}, Extra: &drivers.Extra{Scores: []float64{math.Inf(1)}}}),
			Entry("an entry", "corrupt value shop:shelf:stream at 9999999999999-1", kv.ErrCorrupt, at("shop:shelf:stream", drivers.XAdd("9999999999999-1", []string{"value", "{}"}, 0))),
			Entry("an entry without a value", "corrupt value shop:shelf:stream at 9999999999999-1", kv.ErrCorrupt, at("shop:shelf:stream", drivers.XAdd("9999999999999-1", []string{"v", "{}"}, 0))),
			Entry("a job", "corrupt value shop:shelf:queue at sell", kv.ErrCorrupt, drivers.Command{Op: drivers.OpJobAdd, Key: "shop:shelf:queue", Value: "sell", Extra: &drivers.Extra{Expected: "{}"}}),

			Entry("a value that should end", "missing TTL shop:shelf:otp", nil, set("shop:shelf:otp", "x"), drivers.Command{Op: drivers.OpPersist, Key: "shop:shelf:otp"}),
			Entry("a sliding one that should", "missing TTL shop:shelf:session", nil, drivers.Command{Op: drivers.OpPersist, Key: "shop:shelf:session"}),
			Entry("a set that should", "missing TTL shop:shelf:brief", nil, drivers.Command{Op: drivers.OpPersist, Key: "shop:shelf:brief"}),

			Entry("a document that no index has", "stale index shop:{orders}:7 at buyer", nil, drivers.Command{Op: drivers.OpZRem, Key: "%index:shop:{orders}::buyer", Values: []string{"7\x007"}}),
			Entry("a child that no registry has", "stale index shop:{clubs}:7", nil, drivers.Command{Op: drivers.OpHDel, Key: "%index:shop:{clubs}", Values: []string{"7"}}),
			Entry("a child of a nested store that no registry has", "stale index shop:{clubs}:7:minutes:1", nil, drivers.Command{Op: drivers.OpZRem, Key: "%index:shop:{clubs}:7:minutes::", Values: []string{"1"}}),
			Entry("a child that holds nothing", "stale index shop:{clubs}:none", nil, drivers.Command{Op: drivers.OpHSet, Key: "%index:shop:{clubs}", Values: []string{"none", ""}}),
			Entry("a nested child that holds nothing", "stale index shop:{clubs}:7:minutes:none", nil, drivers.Command{Op: drivers.OpZAdd, Key: "%index:shop:{clubs}:7:minutes::", Values: []string{"none"}, Extra: &drivers.Extra{Scores: []float64{0}}}),
			Entry("a document that is gone", "stale index shop:{orders}:none", nil, drivers.Command{Op: drivers.OpHSet, Key: "%index:shop:{orders}", Values: []string{"none", ""}}),
			Entry("an index that is declared no more", "stale index %index:shop:{orders}::older at older", nil, drivers.Command{Op: drivers.OpZAdd, Key: "%index:shop:{orders}::older", Values: []string{"a"}, Extra: &drivers.Extra{Scores: []float64{0}}}),
			Entry("a registry that may have lost something", "stale index %index:shop:{clubs}", kv.ErrIncomplete, drivers.Command{Op: drivers.OpHDel, Key: "%index:shop:{clubs}", Values: []string{drivers.Seal}}),
			Entry("an index that may have", "stale index %index:shop:{orders}::buyer at buyer", kv.ErrIncomplete, drivers.Command{Op: drivers.OpZRem, Key: "%index:shop:{orders}::buyer", Values: []string{drivers.Seal}}),
		)

		It("tells all that Check tells of a collection", func(ctx context.Context) {
			raw(ctx, store.Raw,
				set("shop:{orders}:new", `{"buyer":"zoe","code":"z"}`), drivers.Command{Op: drivers.OpDelete, Key: "shop:{orders}:7"},
				set("shop:{orders}:*", "x"), set("shop:{orders}:%2A", `{"buyer":"yan","code":"y"}`))
			var checked, found []string
			for stale, err := range shop.Take(Orders).Check(ctx) {
				Expect(err).NotTo(HaveOccurred())
				checked = append(checked, stale.String())
			}
			for _, finding := range findings(ctx, looking()) {
				if finding.Kind == kv.StaleIndex {
					found = append(found, finding.Path)
				}
			}
			Expect(len(found)).To(Equal(len(checked)))
			Expect(found).To(ContainElements("shop:{orders}:new", "shop:{orders}:7", "shop:{orders}:%2A"))
		})

		It("looks again before it tells that a registry lacks what is being written", func(ctx context.Context) {
			match := shop.Take(Orders).Take("7")
			written := false
			between := kv.MustOpen(Shop, drivers.Use(store.Raw, func(ctx context.Context, batch *drivers.Batch, next drivers.Next) error {
				for _, item := range batch.Items {
					if cmd := item.Command; !written && cmd.Op == drivers.OpHGet && cmd.Value == "7" { // between the value and its registry
						written = true
						Expect(match.Write(ctx, Order{Buyer: "zoe", Code: "new"})).To(Succeed())
						Expect(shop.Take(Clubs).Take("7").Erase(ctx)).To(Equal(2))
					}
				}
				return next(ctx, batch)
			}))
			Expect(audited(ctx, between)).To(BeEmpty())
			Expect(written).To(BeTrue())
		})

		It("looks through any node: a static store, a dynamic one, a collection, a child, a field", func(ctx context.Context) {
			raw(ctx, store.Raw, set("shop:rooms:7:config", "{"), set("shop:rooms:7:door", "x"), set("shop:rooms:x:y:config", "x"), set("shop:notes:z:z", "x"), set("shop:{orders}:7", "{"),
				drivers.Command{Op: drivers.OpHDel, Key: "%index:shop:{orders}", Values: []string{"a%3Ab"}})
			looking := looking()
			Expect(audited(ctx, looking)).To(HaveLen(6))
			Expect(audited(ctx, looking.Take(Rooms))).To(ConsistOf("corrupt value shop:rooms:7:config", "undeclared key shop:rooms:7:door", "misspelled id shop:rooms:x:y:config for shop:rooms:x%3Ay:config"))
			Expect(audited(ctx, looking.Take(Rooms).Take("7"))).To(ConsistOf("corrupt value shop:rooms:7:config", "undeclared key shop:rooms:7:door"))
			Expect(audited(ctx, looking.Take(Rooms).Take("7").Take[kv.JSONField[Order]]("config"))).To(ConsistOf("corrupt value shop:rooms:7:config"))
			Expect(audited(ctx, looking.Take(Orders))).To(ConsistOf("corrupt value shop:{orders}:7", "stale index shop:{orders}:a%3Ab"))
			Expect(audited(ctx, looking.Take(Orders).Take("a:b"))).To(ConsistOf("stale index shop:{orders}:a%3Ab"))
			Expect(audited(ctx, looking.Take(Orders).Take("*"))).To(BeEmpty())
			Expect(audited(ctx, looking.Take(Rooms).Take("none"))).To(BeEmpty())
		})

		It("reads large collections in parts, and finds what is in any of them", func(ctx context.Context) {
			members := make([]string, 0, 3000)
			for n := range 3000 {
				members = append(members, time.Duration(n).String())
			}
			raw(ctx, store.Raw, drivers.Command{Op: drivers.OpRPush, Key: "shop:shelf:numbers", Values: members}, drivers.Command{Op: drivers.OpSAdd, Key: "shop:shelf:ints", Values: members})
			Expect(findings(ctx, looking())).To(HaveLen(6000))
		})

		It("takes few round trips, a page of keys at a time", func(ctx context.Context) {
			for n := range 1500 {
				raw(ctx, store.Raw, set("shop:notes:n"+time.Duration(n).String(), "x"))
			}
			store.Trips.Reset()
			Expect(audited(ctx, shop.Take(Notes), kv.OnUsage(func([]kv.Usage) {}))).To(BeEmpty())
			Expect(store.Trips.Taken()).To(BeNumerically("<=", 10))
		})

		It("stops where the loop does, and reports no usage then", func(ctx context.Context) {
			raw(ctx, store.Raw, set("shop:attic", "x"), set("shop:cellar", "x"))
			for range kv.Audit(ctx, shop, kv.OnUsage(func([]kv.Usage) { Fail("it was not through") })) {
				break
			}
		})
	})

	It("runs on a replica", Label(suite.Redis), func(ctx context.Context) {
		master, err := redisserver.Start()
		kvtest.MustRun(err)
		DeferCleanup(master.Stop)
		client := redis.NewClient(&redis.Options{Addr: master.Addr()})
		DeferCleanup(client.Close)
		stock(ctx, kv.MustOpen(Shop, redisdriver.New(client)))
		raw(ctx, redisdriver.New(client), set("shop:attic", "x"), set("shop:notes:x:y", "v"))
		Expect(master.Ask("REPLICAOF", "127.0.0.1", "1")).To(Equal("OK")) // of nobody who answers: it keeps what it has, and takes no write
		replica := kv.MustOpen(Shop, redisdriver.New(client))
		Expect(replica.Take(Notes).Take("7").Write(ctx, "x")).NotTo(Succeed())
		Expect(audited(ctx, replica)).To(ConsistOf("undeclared key shop:attic", "misspelled id shop:notes:x:y for shop:notes:x%3Ay"))
	})
})

// at is a command on a key.
func at(key string, cmd drivers.Command) drivers.Command {
	cmd.Key = key
	return cmd
}
