package collections_test

import (
	"context"
	"net"
	"sync/atomic"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"github.com/redis/go-redis/v9"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/drivers/memory"
	"github.com/kvstore-go/kvstore/drivers/redisdriver"
	"github.com/kvstore-go/kvstore/dsl"
	"github.com/kvstore-go/kvstore/kv"
	"github.com/kvstore-go/kvstore/kv/internal/kvtest"
)

const (
	Ledgers  kv.Key[kv.DynamicStore[kv.StringField]] = "accounts"
	Branches kv.Key[kv.DynamicStore[kv.StaticStore]] = "branches"
	Clerks   kv.Key[kv.SetField]                     = "clerks"
	Vaults   kv.Key[kv.DynamicStore[kv.BitSetField]] = "vaults"
	Loans    kv.Key[kv.CollectionStore[Match]]       = "loans"
	Archive  kv.Key[kv.StaticStore]                  = "archive"
)

// In the bank, all accounts are in one slot, each branch is in one of its own, and so is the archive.
var Treasury = kv.Static("bank").
	Field(Ledgers, kv.Colocated(kv.Dynamic(kv.String()))).
	Field(Branches, kv.Dynamic(kv.Colocated(kv.Static("branch").Set(Clerks).Set(kvtest.Members).Field(Vaults, kv.Dynamic(kv.BitSet(kv.U8)))))).
	Field(Archive, kv.Colocated(kv.Static("archive").Field(Loans, MatchSchema)))

// hostile are ids that look like something else.
var hostile = []string{"{", "}", "{x}", "{}", "}{", "x", "a:b", "*", "%", "%7Bx%7D", "é", " "}

var _ = Describe("A colocated store", func() {
	kvtest.OnAllDrivers(func(open func(context.Context) kvtest.Backend) {
		var (
			store kvtest.Backend
			bank  kv.StaticStore
		)
		BeforeEach(func(ctx context.Context) {
			store = open(ctx)
			bank = kv.MustOpen(Treasury, store.Driver)
		})

		It("has one pair of braces in its keys", func(ctx context.Context) {
			Expect(bank.Take(Ledgers).Take("7").Path()).To(Equal("bank:{accounts}:7"))
			Expect(bank.Take(Branches).Take("7").Take(Clerks).Path()).To(Equal("bank:branches:{7}:clerks"))
			Expect(bank.Take(Branches).Take("7").Take(Vaults).Take("a:b").Path()).To(Equal("bank:branches:{7}:vaults:a%3Ab"))
			Expect(bank.Take(Archive).Take(Loans).Take("x").Path()).To(Equal("bank:{archive}:loans:x"))
			Expect(bank.Take(Branches).Take("{7}").Path()).To(Equal("bank:branches:{%7B7%7D}"))
			Expect(kv.MustOpen(kv.Colocated(Scattered), store.Driver, kv.At("tenant", "{4}")).Path()).To(Equal("tenant:%7B4%7D:{bank}"))
			Expect(kv.MustOpen(kv.Colocated(kv.Dynamic(kv.String())), store.Driver, kv.At("tenant", "logs")).Take("7").Path()).To(Equal("tenant:{logs}:7"))

			Expect(bank.Take(Branches).Take("7").Take(Clerks).Add(ctx, "ann")).To(Equal(1))
			Expect(kvtest.KeysBelow(ctx, store.Raw, "bank")).To(Equal([]string{"bank:branches:{7}:clerks"}))
		})

		It("lists ids without their braces, whatever they are", func(ctx context.Context) {
			for _, id := range hostile {
				Expect(bank.Take(Ledgers).Take(id).Write(ctx, id)).To(Succeed())
				Expect(bank.Take(Branches).Take(id).Take(Clerks).Add(ctx, id)).To(Equal(1))
				Expect(bank.Take(Branches).Take(id).Take(Vaults).Take(id).Put(ctx, 0, 1)).To(Succeed())
				Expect(bank.Take(Archive).Take(Loans).Take(id).Write(ctx, Match{Players: []string{"ann"}})).To(Succeed())
			}
			Expect(kvtest.Collect(bank.Take(Ledgers).Keys(ctx))).To(ConsistOf(hostile))
			Expect(kvtest.Collect(bank.Take(Branches).Keys(ctx))).To(ConsistOf(hostile))
			Expect(kvtest.Collect(bank.Take(Archive).Take(Loans).Keys(ctx))).To(ConsistOf(hostile))
			Expect(found(ctx, bank.Take(Archive).Take(Loans).Find(ByPlayer.Is("ann")))).To(ConsistOf(hostile))
			for _, id := range hostile {
				Expect(bank.Take(Ledgers).Take(id).Read(ctx)).To(Equal(id))
				Expect(kvtest.Collect(bank.Take(Branches).Take(id).Take(Vaults).Keys(ctx))).To(Equal([]string{id}))
				Expect(bank.Take(Branches).Take(id).Keys(ctx)).To(Equal([]string{"clerks", "vaults"}))
			}
			Expect(bank.Keys(ctx)).To(Equal([]string{"accounts", "branches", "archive"}))
			Expect(bank.Take(Branches).Take("{x}").Erase(ctx)).To(Equal(2))
			Expect(bank.Take(Branches).Len(ctx)).To(Equal(len(hostile) - 1))
			Expect(bank.Count(ctx)).To(Equal(4*len(hostile) - 2))
			Expect(bank.Erase(ctx)).To(Equal(4*len(hostile) - 2))
			Expect(kvtest.KeysBelow(ctx, store.Raw, "bank")).To(BeEmpty())
		})

		It("is led back to from its keys", func() {
			tree := Treasury.Tree()
			for _, id := range hostile {
				for pattern, field := range map[string]kv.Field{
					"bank:{accounts}:*":          bank.Take(Ledgers).Take(id).Field,
					"bank:branches:{*}:clerks":   bank.Take(Branches).Take(id).Take(Clerks).Field,
					"bank:branches:{*}:vaults:*": bank.Take(Branches).Take(id).Take(Vaults).Take("v").Field,
					"bank:{archive}:loans:*":     bank.Take(Archive).Take(Loans).Take(id).Field,
				} {
					at, err := tree.Parse(field.Path())
					Expect(err).NotTo(HaveOccurred())
					Expect(at.Pattern).To(Equal(pattern))
					Expect(at.Segments[0]).To(Equal(id))
					Expect(at.Index).To(BeFalse())
				}
			}
			at, err := tree.Parse("%index:bank:{archive}:loans::player")
			Expect(err).NotTo(HaveOccurred())
			Expect(at).To(And(HaveField("Index", true), HaveField("Pattern", "bank:{archive}:loans")))
			for _, foreign := range []string{"bank:accounts:7", "bank:{branches}:{7}:clerks", "{bank}:accounts:7", "%index:bank:{archive}:loans::color", "%index:bank:{accounts}"} {
				Expect(kvtest.ErrorOf(tree.Parse(foreign))).To(MatchError(dsl.ErrUndeclared), "%s", foreign)
			}
			for _, foreign := range []string{"bank:branches:7:clerks", "bank:branches:{7:clerks", "bank:branches:{{7}}:clerks", "bank:branches:{}:clerks", "bank:{accounts}:{7}"} {
				Expect(kvtest.ErrorOf(tree.Parse(foreign))).To(MatchError(dsl.ErrBadKey), "%s", foreign)
			}
		})

		It("reports keys from before it was colocated", func(ctx context.Context) {
			spoil(ctx, store.Raw,
				drivers.Command{Op: drivers.OpSAdd, Key: "bank:branches:7:clerks", Values: []string{"ann"}},
				drivers.Command{Op: drivers.OpSet, Key: "bank:accounts:7", Value: "0"})
			Expect(bank.Take(Branches).Take("8").Take(Clerks).Add(ctx, "bob")).To(Equal(1))
			Expect(bank.Take(Branches).Len(ctx)).To(Equal(1))
			for key, err := range bank.Take(Branches).Keys(ctx) {
				if err != nil {
					Expect(err).To(MatchError(kv.ErrBadKey))
				} else {
					Expect(key).To(Equal("8"))
				}
			}
			Expect(bank.Take(Ledgers).Len(ctx)).To(Equal(0))
			Expect(bank.Take(Branches).Take("7").Take(Clerks).Exists(ctx)).To(BeFalse())
		})

		It("does together what needs one slot", func(ctx context.Context) {
			accounts := bank.Take(Ledgers)
			Expect(accounts.Take("ann").Write(ctx, "a")).To(Succeed())
			Expect(accounts.Take("bob").Write(ctx, "b")).To(Succeed())
			Expect(kv.Atomic(ctx, accounts, func(ctx context.Context, tx kv.DynamicStore[kv.StringField]) error {
				ann, err := tx.Take("ann").Read(ctx)
				if err != nil {
					return err
				}
				if err := tx.Take("bob").Write(ctx, ann); err != nil {
					return err
				}
				return tx.Take("cid").Write(ctx, ann)
			})).To(Succeed())
			Expect(accounts.Take("cid").Read(ctx)).To(Equal("a"))

			branch := bank.Take(Branches).Take("7")
			Expect(branch.Take(Clerks).Add(ctx, "ann", "bob")).To(Equal(2))
			Expect(branch.Take(Clerks).Move(ctx, branch.Take(kvtest.Members), "ann")).To(BeTrue())
			Expect(branch.Take(kvtest.Members).Union(ctx, branch.Take(Clerks))).To(ConsistOf("ann", "bob"))
		})

		It("may be a view, and is what it was in all else", func(ctx context.Context) {
			type branch struct {
				Clerks  kv.SetField `kv:"clerks"`
				Members kv.SetField `kv:"members"`
			}
			views := kv.MustOpen(kv.Dynamic(kv.Colocated(kv.Static("branch").Set(Clerks).Set(kvtest.Members).As[branch]())), store.Driver, kv.At("views"))
			Expect(views.Take("7").Clerks.Path()).To(Equal("views:{7}:clerks"))
			numbers := kv.MustOpen(kv.Colocated(kv.DynamicBy[int](kv.String())), store.Driver, kv.At("numbers"))
			Expect(numbers.Take(-7).Path()).To(Equal("{numbers}:-7"))
		})
	})
})

// Scattered is a store without anything colocated.
var Scattered = kv.Static("bank").Field(Ledgers, kv.Dynamic(kv.String())).Set(Clerks).Field(Loans, MatchSchema).
	Field(Branches, kv.Dynamic(kv.Static("branch").Set(Clerks)))

// sent counts the commands that go over the line.
type sent struct{ commands atomic.Int64 }

func (s *sent) DialHook(next redis.DialHook) redis.DialHook {
	return func(ctx context.Context, network, addr string) (net.Conn, error) { return next(ctx, network, addr) }
}

func (s *sent) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		s.commands.Add(1)
		return next(ctx, cmd)
	}
}

func (s *sent) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return func(ctx context.Context, cmds []redis.Cmder) error {
		s.commands.Add(int64(len(cmds)))
		return next(ctx, cmds)
	}
}

var _ = Describe("In a cluster, what is not colocated", func() {
	var (
		bank kv.StaticStore
		line *sent
	)
	BeforeEach(func(ctx context.Context) {
		kvtest.Cluster(ctx)
		client := redis.NewClusterClient(&redis.ClusterOptions{Addrs: kvtest.Servers.Cluster.Addrs(), ContextTimeoutEnabled: true})
		DeferCleanup(client.Close)
		Expect(client.Get(ctx, "warm").Err()).To(MatchError(redis.Nil))
		line = &sent{}
		client.AddHook(line)
		bank = kv.MustOpen(Scattered, redisdriver.New(client))
	})
	refused := func(err error, paths ...string) {
		GinkgoHelper()
		Expect(err).To(MatchError(kv.ErrCrossSlot))
		for _, path := range paths {
			Expect(err).To(MatchError(ContainSubstring(path)))
		}
		Expect(line.commands.Load()).To(BeZero(), "nothing was sent")
	}

	It("cannot keep an index: both paths are named, and nothing is sent", func(ctx context.Context) {
		loan := bank.Take(Loans).Take("7")
		refused(loan.Write(ctx, Match{Players: []string{}}), `"bank:loans:7"`, `"%index:bank:loans"`)
		refused(kvtest.ErrorOf(loan.Erase(ctx)), `"bank:loans:7"`, `"%index:bank:loans"`)
	})
	It("cannot index its keys", func(ctx context.Context) {
		rooms := kv.MustOpen(kv.IndexKeys(kv.Dynamic(kv.Colocated(kvtest.Room))), redisdriver.New(kvtest.Servers.ClusterClient), kv.At("rooms"))
		refused(kvtest.ErrorOf(rooms.Take("7").Take(kvtest.Members).Add(ctx, "ann")), `"rooms:{7}:members"`, `"%index:rooms"`)
	})
	It("cannot be combined", func(ctx context.Context) {
		one, other := bank.Take(Branches).Take("1").Take(Clerks), bank.Take(Branches).Take("2").Take(Clerks)
		refused(kvtest.ErrorOf(one.Move(ctx, other, "ann")), one.Path(), other.Path())
		refused(kvtest.ErrorOf(one.Union(ctx, other)), one.Path(), other.Path())
	})
	It("cannot be written in one transaction", func(ctx context.Context) {
		err := kv.Atomic(ctx, bank.Take(Ledgers), func(ctx context.Context, tx kv.DynamicStore[kv.StringField]) error {
			if err := tx.Take("1").Write(ctx, "a"); err != nil {
				return err
			}
			return tx.Take("2").Write(ctx, "b")
		})
		refused(err, "bank:accounts:1", "bank:accounts:2")
	})
})

var _ = Describe("The declaration of a colocated store", func() {
	mistake := func(schema kv.StaticSchema) error { return kvtest.ErrorOf(kv.Open(schema, memory.New())) }
	It("is refused where something around it is colocated already", func() {
		twice := kv.Static("bank").Field(Archive, kv.Colocated(kv.Static("archive").Field(Loans, kv.Colocated(MatchSchema))))
		Expect(mistake(twice)).To(MatchError(ContainSubstring("bank:{archive}:{loans}: everything below bank:{archive} is colocated already")))
		Expect(kvtest.ErrorOf(kv.Open(kv.Colocated(Treasury), memory.New()))).To(MatchError(ContainSubstring("3 mistakes")))
	})
	It("may be said twice of the same store", func() {
		Expect(mistake(kv.Static("bank").Field(Ledgers, kv.Colocated(kv.Colocated(kv.Dynamic(kv.String())))))).To(Succeed())
	})
	It("is refused of what has nothing below it", func() {
		Expect(mistake(kv.Static("bank").Field(Clerks, kv.Colocated(kv.Set())))).To(MatchError(ContainSubstring("a set cannot be colocated: it has nothing below it")))
		Expect(mistake(kv.Static("bank").Field(Branches, kv.Colocated[kv.DynamicStore[kv.StaticStore]](nil)))).To(MatchError(ContainSubstring("there is no schema")))
	})
	It("shows in the tree", func() {
		Expect(Treasury.Tree().String()).To(Equal(`bank
├── {accounts}       in one slot
│   └── *            string
├── branches
│   └── {*}          (branch) in one slot
│       ├── clerks   set
│       ├── members  set
│       └── vaults
│           └── *    bitset u8
└── {archive}        (archive) in one slot
    └── loans        indexed by key, player, rating, start, code
        └── *        JSON collections_test.Match`))
	})
})
