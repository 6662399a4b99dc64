package audits_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/drivers/memory"
	"github.com/kvstore-go/kvstore/kv"
	"github.com/kvstore-go/kvstore/kv/internal/kvtest"
	"github.com/kvstore-go/kvstore/spec/suite"
)

// usageOf is what an audit counts, by path.
func usageOf(ctx context.Context, node interface{ Path() string }) map[string]kv.Usage {
	GinkgoHelper()
	found := map[string]kv.Usage{}
	kvtest.Collect(kv.Audit(ctx, node, kv.OnUsage(func(table []kv.Usage) {
		for i, row := range table {
			Expect(found).NotTo(HaveKey(row.Pattern))
			if found[row.Pattern] = row; i > 0 {
				Expect(table[i-1].Pattern < row.Pattern).To(BeTrue(), "ordered by path")
			}
		}
	})))
	return found
}

var _ = Describe("OnUsage", func() {
	kvtest.OnAllDrivers(func(open func(context.Context) kvtest.Backend) {
		It("counts keys, bytes and lifetimes for each path", func(ctx context.Context) {
			store := open(ctx)
			shop := kv.MustOpen(Shop, store.Driver)
			for n := range 2000 {
				raw(ctx, store.Raw, set(fmt.Sprintf("shop:notes:%04d", n), strings.Repeat("x", 100)))
			}
			raw(ctx, store.Raw, set("shop:attic", "x"), drivers.Command{Op: drivers.OpExpire, Key: "shop:notes:0007", Expiry: drivers.In(time.Hour)},
				drivers.Command{Op: drivers.OpExpire, Key: "shop:notes:0008", Expiry: drivers.In(24 * time.Hour)})
			Expect(shop.Take(Shelf).Take[kv.StringField]("otp").Write(ctx, "1")).To(Succeed())

			usage := usageOf(ctx, shop)
			Expect(usage).To(HaveLen(3))
			notes := usage["shop:notes:*"]
			Expect(notes.Keys).To(Equal(2000))
			Expect(notes.Lasting).To(Equal(1998))
			Expect(notes.Shortest).To(BeNumerically("~", time.Hour, time.Minute))
			Expect(notes.Longest).To(BeNumerically("~", 24*time.Hour, time.Minute))
			one, err := store.Raw.Do(ctx, drivers.Command{Op: drivers.OpMemoryUsage, Key: "shop:notes:1234"})
			Expect(err).NotTo(HaveOccurred())
			Expect(notes.Bytes).To(BeNumerically("~", 2000*one.Int, 2000*one.Int/50), "they are all alike, but for those that end")
			if store.Remote() {
				Expect(notes.Measured).To(And(BeNumerically(">=", 1024), BeNumerically("<", 1200)), "the first, and some of the others")
			} else {
				Expect(notes.Bytes).To(BeEquivalentTo(2000*(len("shop:notes:0000")+100+8)), "exact")
				Expect(notes.Measured).To(Equal(2000))
			}
			otp := usage["shop:shelf:otp"]
			Expect(otp.Keys).To(Equal(1))
			Expect(otp.Lasting).To(BeZero())
			Expect(otp.Shortest).To(Equal(otp.Longest))
			Expect(usage[""].Keys).To(Equal(1), "what nothing declares")
		})
	})

	It("does without bytes where the driver cannot tell", Label(suite.Memory), func(ctx context.Context) {
		driver := drivers.Use(memory.New(), func(ctx context.Context, batch *drivers.Batch, next drivers.Next) error {
			err := next(ctx, batch)
			for i := range batch.Items {
				if batch.Items[i].Command.Op == drivers.OpMemoryUsage {
					batch.Items[i].Reply, batch.Items[i].Err = drivers.Reply{}, errors.ErrUnsupported
				}
			}
			return err
		})
		shop := kv.MustOpen(Shop, driver)
		Expect(shop.Take(Notes).Take("a").Write(ctx, "x")).To(Succeed())
		Expect(usageOf(ctx, shop)).To(Equal(map[string]kv.Usage{"shop:notes:*": {Pattern: "shop:notes:*", Keys: 1, Lasting: 1}}))
	})
})

var _ = Describe("An audit", Label(suite.Memory), func() {
	It("takes no more memory the more there is", func(ctx context.Context) {
		const keys, elements, most = 100_000, 100_000, 10 << 20
		driver := memory.New()
		schema := kv.Static("large").Field("texts", kv.Dynamic(kv.String(kv.ExpireIn(time.Hour)))).ListOf[int]("numbers")
		store := kv.MustOpen(schema, driver)
		for n := range keys {
			raw(ctx, driver, set(fmt.Sprint("large:texts:", n), "x"))
		}
		raw(ctx, driver, drivers.Command{Op: drivers.OpRPush, Key: "large:numbers", Values: strings.Split(strings.Repeat("x,", elements-1)+"x", ",")})
		heap := func() int64 {
			var stats runtime.MemStats
			runtime.GC()
			runtime.ReadMemStats(&stats)
			return int64(stats.HeapAlloc)
		}
		before, found := heap(), 0
		for _, err := range kv.Audit(ctx, store, kv.OnUsage(func([]kv.Usage) {})) {
			Expect(err).NotTo(HaveOccurred())
			if found++; found%10_000 == 0 {
				Expect(heap()-before).To(BeNumerically("<", most), "after %d findings", found)
			}
		}
		Expect(found).To(Equal(keys + elements))
	})

	Describe("that cannot be made", func() {
		var shop kv.StaticStore
		BeforeEach(func() { shop = kv.MustOpen(Shop, memory.New()) })
		ends := func(ctx context.Context, class error, node interface{ Path() string }, options ...kv.AuditOption) {
			GinkgoHelper()
			count := 0
			for found, err := range kv.Audit(ctx, node, options...) {
				count++
				Expect(found).To(Equal(kv.Finding{}))
				Expect(err).To(MatchError(class))
				var failure *kv.Error
				Expect(errors.As(err, &failure)).To(BeTrue(), err.Error())
			}
			Expect(count).To(Equal(1), "one error, and the end")
		}

		It("says why", func(ctx context.Context) {
			ended, cancel := context.WithCancel(ctx)
			cancel()
			ends(ended, context.Canceled, shop)
			ends(ctx, kv.ErrInvalid, shop, kv.Repair(kv.OlderForm))
			ends(ctx, kv.ErrInvalid, shop, kv.Repair(99))
			ends(ctx, kv.ErrInvalid, shop, kv.ExportUndeclared(nil))
			ends(ctx, kv.ErrInvalid, shop, kv.OnUsage(nil))
			ends(ctx, kv.ErrInvalid, placeless{})
			ends(ctx, kv.ErrUndeclared, kv.StaticStore{})
			ends(ctx, kv.ErrUndeclared, kv.StringField{})
			ends(ctx, kv.ErrBadKey, shop.Take(Notes).Take(""))
			ends(ctx, kv.ErrTypeMismatch, shop.Take(kv.Key[kv.SetField](Notes)))
			ends(ctx, errors.ErrUnsupported, kv.MustOpen(Shop, kvtest.OnlyDo{Driver: memory.New()}))
			closed := memory.New()
			Expect(closed.Close()).To(Succeed())
			ends(ctx, kv.ErrClosed, kv.MustOpen(Shop, closed))
		})

		It("is none of a batch or a transaction", func(ctx context.Context) {
			ends(ctx, errors.ErrUnsupported, new(kv.Batch).Bind(shop))
			Expect(kv.Atomic(ctx, shop, func(inner context.Context, tx kv.StaticStore) error {
				ends(inner, errors.ErrUnsupported, tx)
				ends(inner, kv.ErrInvalid, shop)
				return nil
			})).To(Succeed())
		})

		It("repairs nothing without transactions, and goes on", func(ctx context.Context) {
			driver := memory.New()
			raw(ctx, driver, set("shop:shelf:int", "x"), set("shop:shelf:json", "x"))
			all := findings(ctx, kv.MustOpen(Shop, scanning{driver}), kv.Repair(kv.CorruptValue))
			Expect(all).To(HaveLen(2))
			for _, found := range all {
				Expect(found.Unrepaired).To(MatchError(errors.ErrUnsupported))
			}
		})

		It("imports nothing that ExportUndeclared did not write", func(ctx context.Context) {
			driver := memory.New()
			for text, class := range map[string]error{
				`{"key":"a","type":"string","values":["1"]`: nil,
				`[]`: kv.ErrInvalid,
				`{"key":"a","type":"lock","values":["1"]}`:                    kv.ErrInvalid,
				`{"key":"","type":"string","values":["1"]}`:                   kv.ErrInvalid,
				`{"key":"a","type":"string","values":[]}`:                     kv.ErrInvalid,
				`{"key":"a","type":"string","values":["_"],"base64":true}`:    kv.ErrInvalid,
				`{"key":"a","type":"hash","values":["odd"]}`:                  kv.ErrInvalid,
				`{"key":"a","type":"stream","id":"no id","values":["a","1"]}`: kv.ErrInvalid,
				`{"key":"a","type":"zset","values":["a","no number"]}`:        kv.ErrInvalid,
			} {
				keys, err := kv.ImportUndeclared(ctx, driver, strings.NewReader(text))
				Expect(keys).To(BeZero(), text)
				Expect(err).To(MatchError(ContainSubstring("line 1: ")), text)
				if class != nil {
					Expect(err).To(MatchError(class), text)
				}
			}
			Expect(kv.ImportUndeclared(ctx, driver, strings.NewReader(`{"key":"a","type":"string","values":["1"],"expires":"2001-01-01T00:00:00Z"}`))).To(BeZero())
			Expect(driver.Len()).To(BeZero())
			_, err := kv.ImportUndeclared(ctx, nil, strings.NewReader(""))
			Expect(err).To(MatchError(kv.ErrInvalid))
		})
	})
})

// placeless has a path, and is no handle.
type placeless struct{}

func (placeless) Path() string { return "nowhere" }

// scanning is a driver without transactions.
type scanning struct{ *memory.Driver }

func (s scanning) Begin() {}
