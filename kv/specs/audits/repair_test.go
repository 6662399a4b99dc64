package audits_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"
	"sync"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/kv"
	"github.com/kvstore-go/kvstore/kv/internal/kvtest"
)

// spoiled are commands that leave something to be found of every kind, and what that is.
var spoiled = []drivers.Command{
	set("shop:attic", "x"), set("shop:notes:x:y", "note"), {Op: drivers.OpPersist, Key: "shop:notes:x:y"},
	{Op: drivers.OpSAdd, Key: "shop:rooms:8:config", Values: []string{"a"}}, set("shop:rooms:7:config", "{"),
	{Op: drivers.OpSAdd, Key: "shop:shelf:ints", Values: []string{"x"}}, {Op: drivers.OpPersist, Key: "shop:shelf:otp"},
	{Op: drivers.OpHDel, Key: "%index:shop:{clubs}", Values: []string{"7"}},
}

// amiss are the lines for each kind that can be repaired.
var amiss = map[kv.FindingKind][]string{
	kv.UndeclaredKey: {"undeclared key shop:attic"},
	kv.MisspelledID:  {"misspelled id shop:notes:x:y for shop:notes:x%3Ay"},
	kv.WrongType:     {"wrong type shop:rooms:8:config"},
	kv.CorruptValue:  {"corrupt value shop:rooms:7:config", "corrupt value shop:shelf:ints at x"},
	kv.MissingTTL:    {"missing TTL shop:shelf:otp"},
	kv.StaleIndex:    {"stale index shop:{clubs}:7"},
}

var _ = Describe("Repair", func() {
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
		has := func(ctx context.Context, key string) bool { return exists(ctx, store.Raw, key) }
		repaired := func(ctx context.Context, node interface{ Path() string }, options ...kv.AuditOption) {
			GinkgoHelper()
			found := findings(ctx, node, options...)
			Expect(found).NotTo(BeEmpty())
			for _, finding := range found {
				Expect(finding.Repaired).To(BeTrue(), finding.String())
				Expect(finding.Unrepaired).NotTo(HaveOccurred())
			}
			Expect(audited(ctx, node)).To(BeEmpty())
			Expect(audited(ctx, node, options...)).To(BeEmpty(), "once is enough")
		}

		It("mends what is found of the kinds that it names, and nothing else", func(ctx context.Context) {
			raw(ctx, store.Raw, spoiled...)
			left := 0
			for _, lines := range amiss {
				left += len(lines)
			}
			for kind, lines := range amiss {
				all := findings(ctx, shop, kv.Repair(kind))
				Expect(all).To(HaveLen(left), kind.String())
				for _, found := range all {
					Expect(found.Repaired).To(Equal(found.Kind == kind), found.String())
				}
				left -= len(lines)
				Expect(audited(ctx, shop)).NotTo(ContainElements(lines))
				Expect(audited(ctx, shop)).To(HaveLen(left))
			}
			Expect(left).To(BeZero())
			Expect(has(ctx, "shop:attic")).To(BeFalse())
			Expect(shop.Take(Notes).Take("x:y").Read(ctx)).To(Equal("note"))
			Expect(has(ctx, "shop:rooms:8:config")).To(BeFalse())
			Expect(has(ctx, "shop:rooms:7:config")).To(BeFalse())
			Expect(shop.Take(Shelf).Take[kv.SetFieldOf[int]]("ints").Read(ctx)).To(ConsistOf(1, 2))
			Expect(shop.Take(Shelf).Take[kv.StringField]("otp").TTL(ctx)).To(And(BeNumerically(">", 50*time.Second), BeNumerically("<=", time.Minute)))
			Expect(kvtest.Collect(shop.Take(Clubs).Keys(ctx))).To(ContainElement("7"))
		})

		DescribeTable("takes out what is no element, and leaves the others", func(ctx context.Context, key string, commands ...drivers.Command) {
			size := func() int {
				all, err := store.Raw.Do(ctx, drivers.Command{Op: drivers.OpMemoryUsage, Key: key})
				Expect(err).NotTo(HaveOccurred())
				Expect(all.Nil).To(BeFalse(), "the others are there")
				return int(all.Int)
			}
			size()
			for i := range commands {
				commands[i].Key = key
			}
			raw(ctx, store.Raw, commands...)
			repaired(ctx, shop, kv.Repair(kv.CorruptValue))
			size()
		},
			Entry("of a set", "shop:shelf:ints", drivers.Command{Op: drivers.OpSAdd, Values: []string{"x", "y"}}),
			Entry("of a sorted set", "shop:shelf:ranks", drivers.Command{Op: drivers.OpZAdd, Values: []string{"x"}, Extra: &drivers.Extra{Scores: []float64{3}}}),
			Entry("of a list, as often as it is there", "shop:shelf:numbers", drivers.Command{Op: drivers.OpRPush, Values: []string{"x", "7", "x", "y"}}),
			Entry("of a map", "shop:shelf:map", drivers.Command{Op: drivers.OpHSet, Values: []string{"b", "x", "c", "y"}}),
			Entry("of positions", "shop:shelf:geo", drivers.Command{Op: drivers.OpZAdd, Values: []string{"moon"}, Extra: &drivers.Extra{Scores: []float64{-1}}}),
			Entry("of a stream", "shop:shelf:stream", drivers.XAdd("9999999999999-1", []string{"value", "{}"}, 0), drivers.XAdd("9999999999999-2", []string{"v", ""}, 0)),
			Entry("of a queue", "shop:shelf:queue", drivers.Command{Op: drivers.OpJobAdd, Value: "sell", Extra: &drivers.Extra{Expected: "{}"}}, drivers.Command{Op: drivers.OpZAdd, Values: []string{"no job"}, Extra: &drivers.Extra{Scores: []float64{-7}}}),
		)

		It("takes out of a long list whatever does not fit, on every page", func(ctx context.Context) {
			var elements []string
			for n := range 2000 {
				elements = append(elements, fmt.Sprint(n), fmt.Sprintf("x%d", n%700))
			}
			raw(ctx, store.Raw, drivers.Command{Op: drivers.OpRPush, Key: "shop:shelf:numbers", Values: elements})
			repaired(ctx, shop, kv.Repair(kv.CorruptValue))
			Expect(shop.Take(Shelf).Take[kv.ListFieldOf[int]]("numbers").Len(ctx)).To(Equal(2002))
		})

		It("erases what holds nothing but what does not fit, and keeps the registry", func(ctx context.Context) {
			raw(ctx, store.Raw, set("shop:{orders}:7", "{"), set("shop:shelf:json", "{"), set("shop:shelf:sketch", "x"))
			repaired(ctx, shop, kv.Repair(kv.CorruptValue))
			Expect(kvtest.Collect(shop.Take(Orders).Keys(ctx))).To(HaveLen(4))
			Expect(kvtest.Collect(shop.Take(Orders).Check(ctx))).To(BeEmpty())
		})

		Describe("of ids in another spelling", func() {
			It("renames values of every kind, with their times to live, indexes and registries", func(ctx context.Context) {
				// a shop like this one, as a program has left it that joins ids with colons
				raw(ctx, store.Raw,
					set("shop:notes:a:1", "x"), drivers.Command{Op: drivers.OpExpire, Key: "shop:notes:a:1", Expiry: drivers.In(time.Hour)},
					drivers.Command{Op: drivers.OpSAdd, Key: "shop:rooms:a:1:members", Values: strings.Fields(strings.Repeat("m ", 3) + "n o p")},
					set("shop:rooms:a:1:config", `{"buyer":"ann","code":""}`), set("shop:{orders}:a:1", `{"buyer":"ann","code":"new"}`),
					drivers.Command{Op: drivers.OpSAdd, Key: "shop:{clubs}:a:1:members", Values: []string{"ida"}}, set("shop:houses:9:config", `{"buyer":"ann","code":""}`),
					set("shop:days:2026-11-29T10:00:00Z", "1"))
				repaired(ctx, shop, kv.Repair(kv.MisspelledID))
				Expect(shop.Take(Notes).Take("a:1").TTL(ctx)).To(BeNumerically("~", time.Hour, time.Minute))
				Expect(shop.Take(Rooms).Take("a:1").Take[kv.SetField]("members").Read(ctx)).To(ConsistOf("m", "n", "o", "p"))
				Expect(shop.Take(Rooms).Take("a:1").Take[kv.JSONField[Order]]("config").Read(ctx)).To(Equal(Order{Buyer: "ann"}))
				Expect(shop.Take(Houses).Take(9).Take[kv.JSONField[Order]]("config").Exists(ctx)).To(BeTrue())
				Expect(shop.Take(Orders).Find(ByCode.Is("new")).First(ctx)).To(HaveField("Key", "a:1"))
				Expect(kvtest.Collect(shop.Take(Clubs).Keys(ctx))).To(ContainElement("a:1"))
				Expect(kvtest.Collect(shop.Take(Days).Keys(ctx))).To(HaveLen(2))
				Expect(has(ctx, "shop:notes:a:1")).To(BeFalse())
			})

			It("overwrites nothing, and tells", func(ctx context.Context) {
				raw(ctx, store.Raw, set("shop:notes:a:b", "another"))
				found := findings(ctx, shop, kv.Repair(kv.MisspelledID))
				Expect(found).To(HaveLen(1))
				Expect(found[0].Repaired).To(BeFalse())
				Expect(found[0].Unrepaired).To(MatchError(kv.ErrConditionFailed))
				Expect(found[0].String()).To(ContainSubstring("shop:notes:a%3Ab holds something else"))
				Expect(shop.Take(Notes).Take("a:b").Read(ctx)).To(Equal("a:b"))
				Expect(has(ctx, "shop:notes:a:b")).To(BeTrue())
			})

			It("finishes what was cut off when the value was in both places", func(ctx context.Context) {
				raw(ctx, store.Raw, set("shop:notes:a:b", "a:b"))
				repaired(ctx, shop, kv.Repair(kv.MisspelledID))
				Expect(shop.Take(Notes).Take("a:b").Read(ctx)).To(Equal("a:b"))
			})

			It("leaves what the canonical place would refuse", func(ctx context.Context) {
				raw(ctx, store.Raw, set("shop:{orders}:x:1", "{"), set("shop:{orders}:x:2", `{"buyer":"ann","code":"code 7"}`), set("shop:rooms:x:3:members", "no set"))
				for _, found := range findings(ctx, shop, kv.Repair(kv.MisspelledID)) {
					Expect(found.Repaired).To(BeFalse())
					Expect(found.Unrepaired).To(MatchError(map[string]error{"1": kv.ErrCorrupt, "2": kv.ErrDuplicate, "3": kv.ErrWrongType}[strings.Split(found.Path, ":")[3]]))
					Expect(has(ctx, found.Path)).To(BeTrue())
					Expect(has(ctx, found.Canonical)).To(BeFalse())
				}
			})
		})

		Describe("of registries and indexes", func() {
			It("indexes a collection that had documents before, and tells of each", func(ctx context.Context) {
				raw(ctx, store.Raw, drivers.Command{Op: drivers.OpDelete, Key: "%index:shop:{orders}"}, drivers.Command{Op: drivers.OpDelete, Key: "%index:shop:{orders}::"},
					drivers.Command{Op: drivers.OpDelete, Key: "%index:shop:{orders}::buyer"}, drivers.Command{Op: drivers.OpDelete, Key: "%index:shop:{orders}::code"})
				Expect(audited(ctx, shop)).To(HaveLen(15))
				repaired(ctx, shop, kv.Repair(kv.StaleIndex))
				Expect(shop.Take(Orders).Find(ByBuyer.Is("*")).First(ctx)).To(HaveField("Key", "*"))
				Expect(shop.Take(Orders).Len(ctx)).To(Equal(5))
			})

			It("registers the children of stores that had some before, at any depth", func(ctx context.Context) {
				for _, key := range kvtest.KeysBelow(ctx, store.Raw, "shop:{clubs}") {
					if strings.HasPrefix(key, "%index") {
						raw(ctx, store.Raw, drivers.Command{Op: drivers.OpDelete, Key: key})
					}
				}
				Expect(shop.Take(Clubs).Len(ctx)).To(BeZero())
				repaired(ctx, shop, kv.Repair(kv.StaleIndex))
				Expect(shop.Take(Clubs).Len(ctx)).To(Equal(5))
				Expect(shop.Take(Clubs).Take("7").Take(Minutes).Len(ctx)).To(Equal(1))
			})

			It("takes out what is there too much, what is declared no more, and seals what was lost", func(ctx context.Context) {
				raw(ctx, store.Raw,
					drivers.Command{Op: drivers.OpHSet, Key: "%index:shop:{clubs}", Values: []string{"none", ""}}, drivers.Command{Op: drivers.OpHSet, Key: "%index:shop:{orders}", Values: []string{"none", ""}},
					drivers.Command{Op: drivers.OpZAdd, Key: "%index:shop:{orders}::older", Values: []string{"a"}, Extra: &drivers.Extra{Scores: []float64{0}}},
					drivers.Command{Op: drivers.OpHDel, Key: "%index:shop:{clubs}:7:minutes", Values: []string{drivers.Seal}})
				repaired(ctx, shop, kv.Repair(kv.StaleIndex))
				Expect(kvtest.Collect(shop.Take(Orders).Check(ctx))).To(BeEmpty())
				Expect(shop.Take(Clubs).Take("7").Take(Minutes).Len(ctx)).To(Equal(1))
			})

			It("tells of what cannot be indexed", func(ctx context.Context) {
				raw(ctx, store.Raw, set("shop:{orders}:new", `{"buyer":"ann","code":"code 7"}`))
				var refused error
				for _, found := range findings(ctx, shop, kv.Repair(kv.StaleIndex)) {
					refused = errors.Join(refused, found.Unrepaired)
				}
				Expect(refused).To(MatchError(kv.ErrDuplicate))
			})

			It("registers a single document, and a child, by themselves", func(ctx context.Context) {
				raw(ctx, store.Raw, drivers.Command{Op: drivers.OpHDel, Key: "%index:shop:{orders}", Values: []string{"7"}}, drivers.Command{Op: drivers.OpHDel, Key: "%index:shop:{clubs}", Values: []string{"7"}})
				repaired(ctx, shop.Take(Orders).Take("7"), kv.Repair(kv.StaleIndex))
				repaired(ctx, shop.Take(Clubs).Take("7"), kv.Repair(kv.StaleIndex))
				Expect(audited(ctx, shop)).To(BeEmpty())
			})
		})

		It("loses nothing that others write meanwhile", func(ctx context.Context) {
			const rounds = 40
			note, config := shop.Take(Notes).Take("x:y"), shop.Take(Rooms).Take("7").Take[kv.JSONField[Order]]("config")
			otp := shop.Take(Shelf).Take[kv.StringField]("otp")
			for round := range rounds {
				raw(ctx, store.Raw, set("shop:notes:x:y", "foreign"), set("shop:rooms:7:config", "{"), drivers.Command{Op: drivers.OpPersist, Key: "shop:shelf:otp"})
				_, err := note.Erase(ctx)
				Expect(err).NotTo(HaveOccurred())
				var writers sync.WaitGroup
				wrote := Order{Buyer: fmt.Sprint("round ", round)}
				writers.Go(func() {
					defer GinkgoRecover()
					Expect(note.Write(ctx, wrote.Buyer)).To(Succeed())
					Expect(config.Write(ctx, wrote)).To(Succeed())
					Expect(otp.Write(ctx, wrote.Buyer, kv.ExpireIn(2*time.Hour))).To(Succeed())
				})
				for _, err := range kv.Audit(ctx, shop, kv.Repair(kv.MisspelledID, kv.CorruptValue, kv.MissingTTL)) {
					Expect(err).NotTo(HaveOccurred())
				}
				writers.Wait()
				Expect(note.Read(ctx)).To(Equal(wrote.Buyer))
				Expect(config.Read(ctx)).To(Equal(wrote))
				Expect(otp.TTL(ctx)).To(BeNumerically(">", time.Hour))
			}
		})

		It("makes a repair only of what is still as it was found", func(ctx context.Context) {
			raw(ctx, store.Raw, spoiled...)
			heal := map[string]func(context.Context) error{ // which somebody does in the moment before it is watched
				"shop:rooms:7:config": func(ctx context.Context) error {
					return shop.Take(Rooms).Take("7").Take[kv.JSONField[Order]]("config").Write(ctx, Order{Buyer: "ann"})
				},
				"shop:rooms:8:config": func(ctx context.Context) error {
					return shop.Take(Rooms).Take("8").Take[kv.JSONField[Order]]("config").Write(ctx, Order{Buyer: "bob"})
				},
				"shop:shelf:otp": func(ctx context.Context) error {
					return kvtest.ErrorOf(shop.Take(Shelf).Take[kv.StringField]("otp").Expire(ctx, 2*time.Hour))
				},
			}
			beforehand := kv.MustOpen(Shop, beginning{store.Raw, func(ctx context.Context, key string) {
				if write := heal[key]; write != nil {
					delete(heal, key)
					Expect(write(ctx)).To(Succeed())
				}
			}})
			findings(ctx, beforehand, kv.Repair(kv.WrongType, kv.CorruptValue, kv.MissingTTL))
			Expect(heal).To(BeEmpty())
			Expect(shop.Take(Rooms).Take("7").Take[kv.JSONField[Order]]("config").Read(ctx)).To(HaveField("Buyer", "ann"))
			Expect(shop.Take(Rooms).Take("8").Take[kv.JSONField[Order]]("config").Read(ctx)).To(HaveField("Buyer", "bob"))
			Expect(shop.Take(Shelf).Take[kv.StringField]("otp").TTL(ctx)).To(BeNumerically(">", time.Hour))
		})

		Describe("with ExportUndeclared", func() {
			It("saves what it erases, of every type, with its time to live, for ImportUndeclared", func(ctx context.Context) {
				many := make([]string, 0, 1200)
				for n := range 1200 {
					many = append(many, fmt.Sprint("m", n))
				}
				odd := []drivers.Command{
					set("shop:odd:string", "\xff\x00 <b>"), set("shop:odd:\xfe", "key"), {Op: drivers.OpRPush, Key: "shop:odd:list", Values: many}, {Op: drivers.OpSAdd, Key: "shop:odd:set", Values: many},
					{Op: drivers.OpHSet, Key: "shop:odd:hash", Values: []string{"f", "1", "g", "\xff"}}, {Op: drivers.OpZAdd, Key: "shop:odd:zset", Values: []string{"a", "b"}, Extra: &drivers.Extra{Scores: []float64{1.5, -2}}},
					at("shop:odd:stream", drivers.XAdd("1-1", []string{"a", "1", "b", "2"}, 0)), at("shop:odd:stream", drivers.XAdd("2-0", []string{"a", "3"}, 0)),
					{Op: drivers.OpExpire, Key: "shop:odd:list", Expiry: drivers.In(time.Hour)},
				}
				raw(ctx, store.Raw, odd...)
				keys := []string{"string", "\xfe", "list", "set", "hash", "zset", "stream"}
				before := dump(ctx, store.Raw, keys)
				var file bytes.Buffer
				Expect(audited(ctx, shop, kv.ExportUndeclared(&file))).To(HaveLen(len(keys)))
				Expect(dump(ctx, store.Raw, keys)).To(Equal(before), "nobody asked to erase them")
				file.Reset()
				repaired(ctx, shop, kv.ExportUndeclared(&file), kv.Repair(kv.UndeclaredKey))
				Expect(exists(ctx, store.Raw, "shop:odd:list")).To(BeFalse())
				Expect(file.String()).To(ContainSubstring(`{"key":"shop:odd:zset","type":"zset","values":[`))

				text := file.String()
				Expect(kv.ImportUndeclared(ctx, store.Driver, strings.NewReader(text))).To(Equal(len(keys)))
				Expect(dump(ctx, store.Raw, keys)).To(Equal(before))
				Expect(kv.ImportUndeclared(ctx, store.Driver, strings.NewReader(text))).To(Equal(len(keys)), "again")
				Expect(dump(ctx, store.Raw, keys)).To(Equal(before))
				Expect(store.Raw.Do(ctx, drivers.Command{Op: drivers.OpTTL, Key: "shop:odd:list"})).To(HaveField("Int", BeNumerically("~", 3_600_000, 60_000)))
			})

			It("erases nothing that it could not save", func(ctx context.Context) {
				raw(ctx, store.Raw, set("shop:attic", "x"))
				full := errors.New("the disk is full")
				var ended error
				for _, err := range kv.Audit(ctx, shop, kv.ExportUndeclared(failing{full}), kv.Repair(kv.UndeclaredKey)) {
					ended = errors.Join(ended, err)
				}
				Expect(ended).To(MatchError(full))
				Expect(has(ctx, "shop:attic")).To(BeTrue())
			})
		})
	})
})

// failing takes nothing.
type failing struct{ err error }

func (f failing) Write([]byte) (int, error) { return 0, f.err }

// beginning calls before with the key of each transaction, before that begins.
type beginning struct {
	drivers.Driver
	before func(ctx context.Context, key string)
}

func (b beginning) DoBatch(ctx context.Context, batch *drivers.Batch) error {
	return drivers.DoBatch(ctx, b.Driver, batch)
}

func (b beginning) Scan(ctx context.Context, cmd drivers.Command) iter.Seq2[string, error] {
	return drivers.Scan(ctx, b.Driver, cmd)
}

func (b beginning) Begin(ctx context.Context, key string) (drivers.Transaction, error) {
	b.before(ctx, key)
	return drivers.Begin(ctx, b.Driver, key)
}

// dump is what keys of a place hold, and whether they end.
func dump(ctx context.Context, driver drivers.Driver, keys []string) map[string]string {
	GinkgoHelper()
	found := map[string]string{}
	for _, key := range keys {
		for _, op := range []drivers.Op{drivers.OpGet, drivers.OpSMembers, drivers.OpHGetAll, drivers.OpLRange, drivers.OpZRange, drivers.OpXRange, drivers.OpTTL} {
			value, err := driver.Do(ctx, drivers.Command{Op: op, Key: "shop:odd:" + key, Stop: -1})
			if err != nil {
				Expect(err).To(MatchError(drivers.ErrWrongType))
				continue
			}
			if op == drivers.OpTTL {
				value.Int = min(value.Int, 0)
			}
			members := value.Values
			if op == drivers.OpSMembers || op == drivers.OpHGetAll {
				slices.Sort(members)
			}
			found[key] += fmt.Sprintf("%q %q %v %v;", value.Value, members, value.Floats, value.Int)
		}
	}
	return found
}
