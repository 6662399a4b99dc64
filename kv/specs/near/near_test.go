package near_test

import (
	"context"
	"errors"
	"math/big"
	"net/netip"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/drivers/memory"
	"github.com/kvstore-go/kvstore/dsl"
	"github.com/kvstore-go/kvstore/kv"
	"github.com/kvstore-go/kvstore/kv/internal/kvtest"
)

type (
	price struct {
		Cents int      `json:"cents"`
		Tags  []string `json:"tags"`
	}
	person struct {
		Name string  `json:"name"`
		Age  int     `json:"age"`
		Mail *string `json:"mail"`
	}
	// ledger has parts that cannot be copied.
	ledger struct {
		Sum *big.Int `json:"sum"`
	}
)

type shop struct {
	Name   kv.StringField                       `kv:"name"`
	Logo   kv.BytesField                        `kv:"logo"`
	Floor  kv.IntField                          `kv:"floor"`
	Area   kv.FloatField                        `kv:"area"`
	Open   kv.BoolField                         `kv:"open"`
	Since  kv.TimeField                         `kv:"since"`
	Pause  kv.DurationField                     `kv:"pause"`
	Host   kv.TextField[netip.Addr]             `kv:"host"`
	Best   kv.JSONField[price]                  `kv:"best"`
	Ledger kv.JSONField[ledger]                 `kv:"ledger"`
	Owner  kv.HashField[person]                 `kv:"owner"`
	Prices kv.MapField[string, price]           `kv:"prices"`
	Counts kv.MapField[string, int]             `kv:"counts"`
	Staff  kv.SetField                          `kv:"staff"`
	Far    kv.StringField                       `kv:"far"`
	Visits kv.ListField                         `kv:"visits"`
	Aisles kv.DynamicStore[kv.JSONField[price]] `kv:"aisles"`
}

const ownerName kv.HashKey[person, string] = "name"

var shops = kv.Static("shop").
	String("name", kv.Near()).Bytes("logo", kv.Near()).Int("floor", kv.Near()).Float("area", kv.Near()).
	Bool("open", kv.Near()).Time("since", kv.Near()).Duration("pause", kv.Near()).Text[netip.Addr]("host", kv.Near()).
	JSON[price]("best", kv.Near()).JSON[ledger]("ledger", kv.Near()).Hash[person]("owner", kv.Near()).
	Map[price]("prices", kv.Near()).Map[int]("counts", kv.Near()).Set("staff", kv.Near()).
	String("far").List("visits").Field("aisles", kv.AllNear[kv.DynamicStore[kv.JSONField[price]]](kv.Dynamic(kv.JSON[price]()))).
	As[shop]()

var _ = Describe("What is declared Near", func() {
	var (
		p process
		s shop
	)
	BeforeEach(func() {
		p = inMemory()
		s = kv.MustOpen(shops, p.Driver)
		p.hears("shop:name")
		p.Trips.Reset()
	})
	// twice is what an operation returns, which takes a round trip the first time alone.
	twice := func(what string, read func() (any, error)) any {
		GinkgoHelper()
		p.settles(context.Background())
		p.Trips.Reset()
		first, err := read()
		Expect(err).NotTo(HaveOccurred(), what)
		p.costs(1, what)
		second, err := read()
		Expect(err).NotTo(HaveOccurred(), what)
		p.costs(0, what+", again")
		Expect([]any{second}).To(Equal([]any{first}), what)
		return first
	}

	It("is read from the store once: single values of every kind", func(ctx context.Context) {
		since := time.Date(2026, 1, 2, 3, 4, 5, 6, time.UTC)
		Expect(s.Name.Write(ctx, "tea")).To(Succeed())
		Expect(s.Logo.Write(ctx, []byte{0, 1})).To(Succeed())
		Expect(s.Floor.Write(ctx, -3)).To(Succeed())
		Expect(s.Area.Write(ctx, 1.5)).To(Succeed())
		Expect(s.Open.Write(ctx, true)).To(Succeed())
		Expect(s.Since.Write(ctx, since)).To(Succeed())
		Expect(s.Pause.Write(ctx, time.Hour)).To(Succeed())
		Expect(s.Host.Write(ctx, netip.MustParseAddr("::1"))).To(Succeed())
		Expect(twice("a string", func() (any, error) { return s.Name.Read(ctx) })).To(Equal("tea"))
		Expect(twice("bytes", func() (any, error) { return s.Logo.Read(ctx) })).To(Equal([]byte{0, 1}))
		Expect(twice("an integer", func() (any, error) { return s.Floor.Read(ctx) })).To(Equal(int64(-3)))
		Expect(twice("a number", func() (any, error) { return s.Area.Read(ctx) })).To(Equal(1.5))
		Expect(twice("a truth value", func() (any, error) { return s.Open.ReadOr(ctx, false) })).To(BeTrue())
		Expect(twice("a moment", func() (any, error) { return s.Since.Read(ctx) })).To(Equal(since))
		Expect(twice("a span", func() (any, error) { return s.Pause.Read(ctx) })).To(Equal(time.Hour))
		Expect(twice("a text", func() (any, error) { return s.Host.Read(ctx) })).To(Equal(netip.MustParseAddr("::1")))
	})
	It("is read from the store once: documents, hashes, the values of maps, members of sets", func(ctx context.Context) {
		mail := "ann@tea.example"
		Expect(s.Best.Write(ctx, price{250, []string{"hot"}})).To(Succeed())
		Expect(s.Aisles.Take("7").Write(ctx, price{1, nil})).To(Succeed())
		Expect(s.Owner.Write(ctx, person{"Ann", 40, &mail})).To(Succeed())
		Expect(s.Prices.PutMany(ctx, map[string]price{"tea": {3, []string{"a"}}, "": {4, []string{}}})).To(Equal(2))
		Expect(s.Counts.Put(ctx, "tea", 9)).To(Succeed())
		Expect(s.Staff.Add(ctx, "Ann")).To(Equal(1))
		Expect(twice("a document", func() (any, error) { return s.Best.Read(ctx) })).To(Equal(price{250, []string{"hot"}}))
		Expect(twice("a document of a dynamic store", func() (any, error) { return s.Aisles.Take("7").Read(ctx) })).To(Equal(price{1, nil}))
		Expect(twice("a hash", func() (any, error) { return s.Owner.Read(ctx) })).To(Equal(person{"Ann", 40, &mail}))
		Expect(twice("a field of a hash", func() (any, error) { return s.Owner.Get(ctx, ownerName) })).To(Equal("Ann"))
		Expect(twice("a document in a map", func() (any, error) { return s.Prices.Get(ctx, "tea") })).To(Equal(price{3, []string{"a"}}))
		Expect(twice("one under an empty name", func() (any, error) { return s.Prices.Get(ctx, "") })).To(Equal(price{4, []string{}}))
		Expect(twice("a number in a map", func() (any, error) { return s.Counts.Get(ctx, "tea") })).To(Equal(9))
		Expect(twice("whether a map has a key", func() (any, error) { return s.Counts.Has(ctx, "tea") })).To(BeTrue())
		Expect(twice("whether a set has a member", func() (any, error) { return s.Staff.Has(ctx, "Ann") })).To(BeTrue())
	})
	It("is known to be absent after it was looked for once", func(ctx context.Context) {
		absent := func(read func() error) func() (any, error) {
			return func() (any, error) {
				Expect(read()).To(MatchError(kv.ErrNotFound))
				return nil, nil
			}
		}
		twice("a string", absent(func() error { return kvtest.ErrorOf(s.Name.Read(ctx)) }))
		twice("a document", absent(func() error { return kvtest.ErrorOf(s.Best.Read(ctx)) }))
		twice("a hash", absent(func() error { return kvtest.ErrorOf(s.Owner.Read(ctx)) }))
		twice("a field", absent(func() error { return kvtest.ErrorOf(s.Owner.Get(ctx, ownerName)) }))
		twice("a value", absent(func() error { return kvtest.ErrorOf(s.Prices.Get(ctx, "tea")) }))
		Expect(twice("a key", func() (any, error) { return s.Prices.Has(ctx, "tea") })).To(BeFalse())
		Expect(twice("a member", func() (any, error) { return s.Staff.Has(ctx, "Ann") })).To(BeFalse())
		Expect(s.Name.ReadOr(ctx, "none")).To(Equal("none"))
		p.costs(0, "ReadOr of what is known to be absent")
	})
	It("is dropped once others change it, and read anew: all of a key at once", func(ctx context.Context) {
		others := kv.MustOpen(shops, p.others)
		Expect(s.Prices.Put(ctx, "tea", price{1, nil})).To(Succeed())
		Expect(s.Prices.Get(ctx, "tea")).To(Equal(price{1, nil}))
		Expect(s.Prices.Has(ctx, "milk")).To(BeFalse())
		p.settles(ctx)
		Expect(others.Prices.PutMany(ctx, map[string]price{"tea": {2, nil}, "milk": {3, nil}})).To(Equal(1))
		p.settles(ctx)
		Expect(p.near.Stats().Dropped).To(BeNumerically(">", 0))
		Expect(s.Prices.Get(ctx, "tea")).To(Equal(price{2, nil}))
		Expect(s.Prices.Has(ctx, "milk")).To(BeTrue())
	})
	It("is seen at once by who has written it, however it was written", func(ctx context.Context) {
		writes := func(what string, write func() error, want any) {
			GinkgoHelper()
			_, _ = s.Name.Read(ctx) // so that something is kept
			Expect(write()).To(Succeed(), what)
			got, err := s.Name.Read(ctx)
			if want == nil {
				Expect(err).To(MatchError(kv.ErrNotFound), what)
				return
			}
			Expect(got).To(Equal(want), what)
		}
		for range 20 {
			writes("Write", func() error { return s.Name.Write(ctx, "a") }, "a")
			writes("Append", func() error { return kvtest.ErrorOf(s.Name.Append(ctx, "b")) }, "ab")
			writes("Swap", func() error { return kvtest.ErrorOf(s.Name.Swap(ctx, "c")) }, "c")
			writes("Update", func() error {
				return kvtest.ErrorOf(s.Name.Update(ctx, func(old string) (string, error) { return old + "d", nil }))
			}, "cd")
			writes("Batch", func() error {
				var batch kv.Batch
				bound := batch.Bind(s.Name)
				batch.Exec(func(ctx context.Context) error { return bound.Write(ctx, "e") })
				return batch.Run(ctx)
			}, "e")
			writes("Atomic", func() error {
				return kv.Atomic(ctx, s, func(ctx context.Context, tx shop) error {
					old, err := tx.Name.Read(ctx)
					return errors.Join(err, tx.Name.Write(ctx, old+"f"))
				})
			}, "ef")
			writes("Erase", func() error { return kvtest.ErrorOf(s.Name.Erase(ctx)) }, nil)
		}
		aisle := s.Aisles.Take("7")
		for range 20 {
			Expect(aisle.Write(ctx, price{1, nil})).To(Succeed())
			Expect(aisle.Read(ctx)).To(Equal(price{1, nil}))
			Expect(kvtest.ErrorOf(s.Aisles.Erase(ctx))).To(Succeed())
			Expect(aisle.Read(ctx)).Error().To(MatchError(kv.ErrNotFound), "the store was erased")
		}
	})
	It("is not what batches, transactions and changes see", func(ctx context.Context) {
		Expect(s.Name.Write(ctx, "tea")).To(Succeed())
		p.settles(ctx)
		Expect(s.Name.Read(ctx)).To(Equal("tea"))
		p.Trips.Reset()
		var batch kv.Batch
		name := batch.Do(batch.Bind(s.Name).Read)
		Expect(batch.Run(ctx)).To(Succeed())
		Expect(name.Get()).To(Equal("tea"))
		p.costs(1, "a batch")
		Expect(kv.Atomic(ctx, s, func(ctx context.Context, tx shop) error { return kvtest.ErrorOf(tx.Name.Read(ctx)) })).To(Succeed())
		Expect(p.Trips.Taken()).To(BeNumerically(">", 0), "a transaction")
		p.Trips.Reset()
		Expect(s.Name.Update(ctx, func(old string) (string, error) { return old, nil })).To(Equal("tea"))
		p.costs(1, "Update")
	})
	It("is not read with the context of Fresh, which keeps what it reads", func(ctx context.Context) {
		Expect(s.Name.Write(ctx, "tea")).To(Succeed())
		p.settles(ctx)
		Expect(s.Name.Read(ctx)).To(Equal("tea"))
		p.Trips.Reset()
		Expect(s.Name.Read(kv.Fresh(ctx))).To(Equal("tea"))
		p.costs(1, "what is read fresh")
		Expect(s.Name.Read(ctx)).To(Equal("tea"))
		p.costs(0, "what was read fresh")
	})
	It("is what Fetch finds, and what it has loaded is read by the process", func(ctx context.Context) {
		fetch := func() (string, error) {
			return s.Name.Fetch(ctx, func(context.Context) (string, error) { return "loaded", nil })
		}
		Expect(s.Name.ReadOr(ctx, "none")).To(Equal("none"))
		Expect(fetch()).To(Equal("loaded"))
		Expect(s.Name.Read(ctx)).To(Equal("loaded"))
		p.settles(ctx)
		Expect(s.Name.Read(ctx)).To(Equal("loaded"))
		p.Trips.Reset()
		Expect(fetch()).To(Equal("loaded"))
		p.costs(0, "Fetch of what is near")
	})
	It("is nothing but that: other values, and other operations, are read from the store", func(ctx context.Context) {
		Expect(s.Far.Write(ctx, "x")).To(Succeed())
		p.Trips.Reset()
		for range 2 {
			Expect(s.Far.Read(ctx)).To(Equal("x"))
			Expect(s.Prices.Read(ctx)).To(BeEmpty())
			Expect(s.Staff.Read(ctx)).To(BeEmpty())
			Expect(s.Name.Exists(ctx)).To(BeFalse())
		}
		p.costs(8, "what is not near")
	})
	It("keeps no longer than its time to live, by the clock of the process, even if nobody tells", func(ctx context.Context) {
		Expect(s.Name.Write(ctx, "tea", kv.ExpireIn(time.Minute))).To(Succeed())
		p.settles(ctx)
		Expect(s.Name.Read(ctx)).To(Equal("tea"))
		p.clock.Advance(59 * time.Second)
		p.Trips.Reset()
		Expect(s.Name.Read(ctx)).To(Equal("tea"))
		p.costs(0, "what is still there")
		p.clock.Advance(2 * time.Second)
		Expect(s.Name.Read(ctx)).Error().To(MatchError(kv.ErrNotFound))
	})
	It("is answered to nobody whose context has ended", func(ctx context.Context) {
		Expect(s.Name.Write(ctx, "tea")).To(Succeed())
		Expect(s.Name.Read(ctx)).To(Equal("tea"))
		ended, cancel := context.WithCancel(ctx)
		cancel()
		Expect(s.Name.Read(ended)).Error().To(MatchError(context.Canceled))
	})
	It("changes nothing on a driver that keeps nothing near", func(ctx context.Context) {
		plain := kvtest.New(memory.New())
		s := kv.MustOpen(shops, plain.Driver)
		Expect(s.Name.Write(ctx, "tea")).To(Succeed())
		plain.Trips.Reset()
		Expect(s.Name.Read(ctx)).To(Equal("tea"))
		Expect(s.Name.Read(ctx)).To(Equal("tea"))
		Expect(plain.Trips.Taken()).To(Equal(2))
	})
})

var _ = Describe("A schema with Near", func() {
	It("is drawn with it", func() {
		drawn := kv.Static("shop").String("name", kv.Near()).Field("rooms", kv.AllNear[kv.DynamicStore[kv.StringField]](kv.Dynamic(kv.String()))).Tree().String()
		Expect(drawn).To(Equal("" +
			"shop\n" +
			"├── name   string near\n" +
			"└── rooms  near\n" +
			"    └── *  string"))
	})
	It("refuses what has to be read to stay, and what is not kept near", func() {
		err := kvtest.Opening(kv.AllNear[kv.StaticStore](kv.Static("shop").String("session", kv.Sliding(time.Hour)).String("name").Set("staff").List("visits")))
		Expect(err).To(MatchError(ContainSubstring("opened:shop:session: its time to live starts anew when it is read, so it cannot be kept near")))
		var mistakes *dsl.SchemaError
		Expect(errors.As(err, &mistakes)).To(BeTrue())
		Expect(mistakes.Mistakes).To(HaveLen(1))
		Expect(kvtest.Opening(kv.Static("shop").SortedSet("best", kv.Near()))).
			To(MatchError(ContainSubstring("opened:shop:best: a sorted set is not kept near")))
		Expect(kvtest.Opening(kv.AllNear[kv.StringField](nil))).To(MatchError(ContainSubstring("there is no schema")))
	})
})

var _ = Describe("What is handed out from near", func() {
	It("is the receiver's own", func(ctx context.Context) {
		p := inMemory()
		s := kv.MustOpen(shops, p.Driver)
		p.hears("shop:best")
		mail := "ann"
		Expect(s.Logo.Write(ctx, []byte("logo"))).To(Succeed())
		Expect(s.Best.Write(ctx, price{1, []string{"hot"}})).To(Succeed())
		Expect(s.Owner.Write(ctx, person{"Ann", 40, &mail})).To(Succeed())
		Expect(s.Prices.Put(ctx, "tea", price{1, []string{"hot"}})).To(Succeed())
		Expect(s.Ledger.Write(ctx, ledger{big.NewInt(7)})).To(Succeed())
		for range 3 {
			logo, err := s.Logo.Read(ctx)
			Expect(logo, err).To(Equal([]byte("logo")))
			logo[0] = 'x'
			best, err := s.Best.Read(ctx)
			Expect(best, err).To(Equal(price{1, []string{"hot"}}))
			best.Tags[0] = "cold"
			owner, err := s.Owner.Read(ctx)
			Expect(*owner.Mail, err).To(Equal("ann"))
			*owner.Mail = "bob"
			tea, err := s.Prices.Get(ctx, "tea")
			Expect(tea, err).To(Equal(price{1, []string{"hot"}}))
			tea.Tags[0] = "cold"
			sum, err := s.Ledger.Read(ctx)
			Expect(sum.Sum.Int64(), err).To(Equal(int64(7)))
			sum.Sum.SetInt64(8)
		}
	})
})

var _ = Describe("A reply that arrives after the news that its key has changed", func() {
	It("is answered, and not kept", func(ctx context.Context) {
		p := inMemory()
		s, others := kv.MustOpen(shops, p.Driver), kv.MustOpen(shops, p.others)
		Expect(others.Name.Write(ctx, "old")).To(Succeed())
		p.hears("shop:name")
		once := true
		p.inside.executed = func(b *drivers.Batch) { // the read was executed: now it changes, and the news arrives first
			if b.Items[0].Command.Op != drivers.OpGet || !once {
				return
			}
			once = false
			Expect(others.Name.Write(ctx, "new")).To(Succeed())
			p.settles(ctx)
		}
		Expect(s.Name.Read(ctx)).To(Equal("old"))
		Expect(s.Name.Read(ctx)).To(Equal("new"))
		p.Trips.Reset()
		Expect(s.Name.Read(ctx)).To(Equal("new"))
		p.costs(0, "what was read after that")
	})
	It("is not kept either where the process itself has written meanwhile", func(ctx context.Context) {
		p := inMemory()
		s := kv.MustOpen(shops, p.Driver)
		p.hears("shop:name")
		once := true
		p.inside.executed = func(b *drivers.Batch) {
			if b.Items[0].Command.Op == drivers.OpGet && once {
				once = false
				Expect(s.Name.Write(ctx, "new")).To(Succeed())
			}
		}
		Expect(s.Name.ReadOr(ctx, "none")).To(Equal("none"))
		Expect(s.Name.Read(ctx)).To(Equal("new"))
	})
})
