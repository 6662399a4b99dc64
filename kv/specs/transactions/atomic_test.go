package transactions_test

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"github.com/onsi/gomega/gleak"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/drivers/memory"
	"github.com/kvstore-go/kvstore/kv"
	"github.com/kvstore-go/kvstore/kv/internal/kvtest"
)

// balance and deposit read and write an account as a number.
func balance(ctx context.Context, account kv.StringField) (int, error) {
	text, err := account.ReadOr(ctx, "0")
	if err != nil {
		return 0, err
	}
	return strconv.Atoi(text)
}

func deposit(ctx context.Context, account kv.StringField, amount int) error {
	held, err := balance(ctx, account)
	if err != nil {
		return err
	}
	return account.Write(ctx, strconv.Itoa(held+amount))
}

func panicsOnDifference() { panic("a and b differ") }

var _ = Describe("A transaction", func() {
	kvtest.OnAllDrivers(func(open func(context.Context) kvtest.Backend) {
		var (
			store    kvtest.Backend
			bank     kv.StaticStore // counted
			desk     kv.StaticStore
			accounts kv.DynamicStore[kv.StringField]
			other    kv.StaticStore // the same store, as somebody else has it
		)
		BeforeEach(func(ctx context.Context) {
			store = open(ctx)
			bank, other = kv.MustOpen(kvtest.Bank, store.Driver), kv.MustOpen(kvtest.Bank, store.Raw)
			desk, accounts = bank.Take[kv.StaticStore]("desk"), bank.Take(kvtest.Accounts)
			store.Trips.Reset()
		})
		others := func() kv.StaticStore { return other.Take[kv.StaticStore]("desk") }

		It("applies what it writes together, by the same handles and the same navigation", func(ctx context.Context) {
			Expect(accounts.Take("ann").Write(ctx, "10")).To(Succeed())
			Expect(kv.Atomic(ctx, bank, func(_ context.Context, tx kv.StaticStore) error {
				if err := deposit(ctx, tx.Take(kvtest.Accounts).Take("ann"), -7); err != nil {
					return err
				}
				Expect(accounts.Take("ann").Read(ctx)).To(Equal("10"), "nothing is applied yet")
				return deposit(ctx, tx.Take(kvtest.Accounts).Take("bob"), 7)
			})).To(Succeed())
			Expect(accounts.Take("ann").Read(ctx)).To(Equal("3"))
			Expect(accounts.Take("bob").Read(ctx)).To(Equal("7"))
		})

		It("takes any handle, a view and what is below it", func(ctx context.Context) {
			Expect(kv.Atomic(ctx, accounts.Take("ann"), func(ctx context.Context, ann kv.StringField) error { return deposit(ctx, ann, 1) })).To(Succeed())
			Expect(kv.Atomic(ctx, desk.Take(kvtest.Tags), func(ctx context.Context, tags kv.SetField) error { return kvtest.ErrorOf(tags.Add(ctx, "red")) })).To(Succeed())
			Expect(kv.Atomic(ctx, bank.Take(kvtest.Users), func(ctx context.Context, users kv.CollectionStore[kvtest.User]) error {
				return users.Take("ann").Write(ctx, kvtest.User{Email: "ann@example.org"})
			})).To(Succeed())
			Expect(accounts.Take("ann").Read(ctx)).To(Equal("1"))
			Expect(desk.Take(kvtest.Tags).Len(ctx)).To(Equal(1))
			Expect(bank.Take(kvtest.Users).Len(ctx)).To(Equal(1))

			hall, mine := kv.MustOpen(kvtest.Hall, store.Driver), errors.New("mine")
			visit := func(outcome error) error {
				return kv.Atomic(ctx, hall, func(ctx context.Context, hall kvtest.HallView) error {
					return errors.Join(
						kvtest.ErrorOf(hall.Lobby.Members.Add(ctx, "ann")), hall.Lobby.Config.Write(ctx, kvtest.RoomConfig{Seats: 3}),
						hall.Motto.Write(ctx, "hi"), kvtest.ErrorOf(hall.Take[kv.StringField]("motto").Exists(ctx)), outcome)
				})
			}
			Expect(visit(mine)).To(MatchError(mine))
			Expect(hall.Keys(ctx)).To(BeEmpty())
			Expect(visit(nil)).To(Succeed())
			Expect(hall.Keys(ctx)).To(Equal([]string{"lobby", "motto"}))
		})

		It("leaves nothing behind when its function fails, whose error is returned as it is", func(ctx context.Context) {
			Expect(accounts.Take("ann").Write(ctx, "10")).To(Succeed())
			for _, mine := range []error{errors.New("mine"), kv.ErrConflict, fmt.Errorf("wrapped: %w", kv.ErrConflict), context.Canceled} {
				tries := 0
				Expect(kv.Atomic(ctx, bank, func(ctx context.Context, tx kv.StaticStore) error {
					tries++
					Expect(deposit(ctx, tx.Take(kvtest.Accounts).Take("ann"), 5)).To(Succeed())
					Expect(deposit(ctx, tx.Take(kvtest.Accounts).Take("bob"), 5)).To(Succeed())
					return mine
				})).To(BeIdenticalTo(mine))
				Expect(tries).To(Equal(1))
			}
			Expect(accounts.Take("ann").Read(ctx)).To(Equal("10"))
			Expect(accounts.Take("bob").Exists(ctx)).To(BeFalse())
		})

		It("leaves nothing behind when its function panics, and lets the panic through", func(ctx context.Context) {
			Expect(accounts.Take("ann").Write(ctx, "10")).To(Succeed())
			before := gleak.Goroutines()
			Expect(func() {
				_ = kv.Atomic(ctx, bank, func(ctx context.Context, tx kv.StaticStore) error {
					Expect(deposit(ctx, tx.Take(kvtest.Accounts).Take("ann"), 5)).To(Succeed())
					panic("mine")
				})
			}).To(PanicWith("mine"))
			Expect(accounts.Take("ann").Read(ctx)).To(Equal("10"))
			Eventually(gleak.Goroutines).ShouldNot(gleak.HaveLeaked(before))
			Expect(kv.Atomic(ctx, bank, func(ctx context.Context, tx kv.StaticStore) error {
				return deposit(ctx, tx.Take(kvtest.Accounts).Take("ann"), 5)
			})).To(Succeed())
		})

		It("is tried again when somebody else has changed what it read", func(ctx context.Context) {
			Expect(accounts.Take("ann").Write(ctx, "10")).To(Succeed())
			tries := 0
			Expect(kv.Atomic(ctx, bank, func(_ context.Context, tx kv.StaticStore) error {
				if err := deposit(ctx, tx.Take(kvtest.Accounts).Take("ann"), 1); err != nil {
					return err
				}
				if tries++; tries < 3 {
					return other.Take(kvtest.Accounts).Take("ann").Write(ctx, fmt.Sprint(tries*100))
				}
				return nil
			})).To(Succeed())
			Expect(tries).To(Equal(3))
			Expect(accounts.Take("ann").Read(ctx)).To(Equal("201"))
		})

		It("is tried again even if somebody else wrote the same, or wrote and erased", func(ctx context.Context) {
			tries := 0
			Expect(kv.Atomic(ctx, bank, func(_ context.Context, tx kv.StaticStore) error {
				if _, err := tx.Take(kvtest.Accounts).Take("ann").Exists(ctx); err != nil {
					return err
				}
				if tries++; tries == 1 {
					Expect(other.Take(kvtest.Accounts).Take("ann").Write(ctx, "x")).To(Succeed())
					Expect(other.Take(kvtest.Accounts).Take("ann").Erase(ctx)).To(BeTrue())
				}
				return tx.Take(kvtest.Accounts).Take("bob").Write(ctx, "x")
			})).To(Succeed())
			Expect(tries).To(Equal(2))
		})

		It("watches whatever it reads", func(ctx context.Context) {
			type watching struct {
				name         string
				change, read func(kv.StaticStore) error
			}
			var reads []watching
			note := func(desk kv.StaticStore) error { return kvtest.ErrorOf(desk.Take(kvtest.Note).Append(ctx, "!")) }
			tags := func(desk kv.StaticStore) error {
				return kvtest.ErrorOf(desk.Take(kvtest.Tags).Add(ctx, fmt.Sprint(time.Now())))
			}
			online := func(desk kv.StaticStore) error {
				return kvtest.ErrorOf(desk.Take(kvtest.Online).Add(ctx, fmt.Sprint(time.Now())))
			}
			counts := func(desk kv.StaticStore) error { return kvtest.ErrorOf(desk.Take(kvtest.Counts).Increment(ctx, 1, 1)) }
			current := func(desk kv.StaticStore) error {
				return kvtest.ErrorOf(desk.Take(kvtest.Current).Upsert(ctx, func(g *kvtest.Game) error { g.White += "x"; return nil }))
			}
			watch := func(name string, change, read func(kv.StaticStore) error) {
				reads = append(reads, watching{name, change, read})
			}
			watch("Read", note, func(d kv.StaticStore) error { return kvtest.ErrorOf(d.Take(kvtest.Note).ReadOr(ctx, "")) })
			watch("Len of a string", note, func(d kv.StaticStore) error { return kvtest.ErrorOf(d.Take(kvtest.Note).Len(ctx)) })
			watch("Exists", note, func(d kv.StaticStore) error { return kvtest.ErrorOf(d.Take(kvtest.Note).Exists(ctx)) })
			watch("TTL", func(d kv.StaticStore) error { return kvtest.ErrorOf(d.Take(kvtest.Note).Expire(ctx, time.Hour)) },
				func(d kv.StaticStore) error { return kvtest.ErrorOf(d.Take(kvtest.Note).TTL(ctx)) })
			watch("Read of a document", current, func(d kv.StaticStore) error { return kvtest.ErrorOf(d.Take(kvtest.Current).ReadOr(ctx, kvtest.Game{})) })
			watch("Read of a set", tags, func(d kv.StaticStore) error { return kvtest.ErrorOf(d.Take(kvtest.Tags).Read(ctx)) })
			watch("Has", tags, func(d kv.StaticStore) error { return kvtest.ErrorOf(d.Take(kvtest.Tags).Has(ctx, "x")) })
			watch("Len", tags, func(d kv.StaticStore) error { return kvtest.ErrorOf(d.Take(kvtest.Tags).Len(ctx)) })
			watch("All", tags, func(d kv.StaticStore) error {
				for _, err := range d.Take(kvtest.Tags).All(ctx) {
					return err
				}
				return nil
			})
			watch("Random", tags, func(d kv.StaticStore) error { return kvtest.ErrorOf(d.Take(kvtest.Tags).Random(ctx, 1)) })
			watch("Union, of all its sets", online, func(d kv.StaticStore) error {
				return kvtest.ErrorOf(d.Take(kvtest.Tags).Union(ctx, d.Take(kvtest.Online)))
			})
			watch("Get of a slot", counts, func(d kv.StaticStore) error { return kvtest.ErrorOf(d.Take(kvtest.Counts).Get(ctx, 0)) })
			watch("Sum", counts, func(d kv.StaticStore) error { return kvtest.ErrorOf(d.Take(kvtest.Counts).Sum(ctx, 0, 3)) })
			watch("Keys", tags, func(d kv.StaticStore) error { return kvtest.ErrorOf(d.Keys(ctx)) })
			// What a write answers is worked out from what it reads.
			watch("Append", note, func(d kv.StaticStore) error { return kvtest.ErrorOf(d.Take(kvtest.Note).Append(ctx, "?")) })
			watch("Swap", note, func(d kv.StaticStore) error { return kvtest.ErrorOf(d.Take(kvtest.Note).Swap(ctx, "x")) })
			watch("Add", tags, func(d kv.StaticStore) error { return kvtest.ErrorOf(d.Take(kvtest.Tags).Add(ctx, "x")) })
			watch("Pop", tags, func(d kv.StaticStore) error { return kvtest.ErrorOf(d.Take(kvtest.Tags).Pop(ctx, 1)) })
			watch("Move, where to", online, func(d kv.StaticStore) error {
				return kvtest.ErrorOf(d.Take(kvtest.Tags).Move(ctx, d.Take(kvtest.Online), "planted"))
			})
			watch("Increment", counts, func(d kv.StaticStore) error { return kvtest.ErrorOf(d.Take(kvtest.Counts).Increment(ctx, 0, 1)) })
			watch("Erase", note, func(d kv.StaticStore) error { return kvtest.ErrorOf(d.Take(kvtest.Note).Erase(ctx)) })

			Expect(desk.Take(kvtest.Note).Write(ctx, "x")).To(Succeed())
			Expect(desk.Take(kvtest.Tags).Add(ctx, "planted")).To(Equal(1))
			for _, it := range reads {
				tries := 0
				Expect(kv.Atomic(ctx, desk, func(ctx context.Context, tx kv.StaticStore) error {
					if err := it.read(tx); err != nil {
						return err
					}
					if tries++; tries == 1 {
						if err := it.change(others()); err != nil {
							return err
						}
					}
					return tx.Take(kvtest.Levels).Put(ctx, 0, 1)
				})).To(Succeed(), it.name)
				Expect(tries).To(Equal(2), it.name)
			}
		})

		It("does not care who changes what it has not read", func(ctx context.Context) {
			tries := 0
			Expect(kv.Atomic(ctx, bank, func(_ context.Context, tx kv.StaticStore) error {
				tries++
				Expect(tx.Take(kvtest.Accounts).Take("ann").Write(ctx, "mine")).To(Succeed())
				Expect(deposit(ctx, tx.Take(kvtest.Accounts).Take("bob"), 1)).To(Succeed())
				return other.Take(kvtest.Accounts).Take("ann").Write(ctx, "other's")
			})).To(Succeed())
			Expect(tries).To(Equal(1))
			Expect(accounts.Take("ann").Read(ctx)).To(Equal("mine"))
		})

		It("does not believe what its function concludes from reads that do not fit together", func(ctx context.Context) {
			set := func(value string) {
				GinkgoHelper()
				Expect(other.Take(kvtest.Accounts).Take("a").Write(ctx, value)).To(Succeed())
				Expect(other.Take(kvtest.Accounts).Take("b").Write(ctx, value)).To(Succeed())
			}
			for name, outcome := range map[string]error{"an error": errors.New("a and b differ"), "nothing to write": nil} {
				set("1")
				tries := 0
				var a, b string
				Expect(kv.Atomic(ctx, accounts, func(ctx context.Context, tx kv.DynamicStore[kv.StringField]) (err error) {
					if a, err = tx.Take("a").Read(ctx); err != nil {
						return err
					}
					if tries++; tries == 1 {
						set("2")
					}
					if b, err = tx.Take("b").Read(ctx); err != nil || a == b {
						return err
					}
					return outcome
				})).To(Succeed(), name)
				Expect(tries).To(Equal(2), name)
				Expect([]string{a, b}).To(Equal([]string{"2", "2"}), name)
			}
		})

		It("does not believe a panic on such reads either, and lets any other through with its stack", func(ctx context.Context) {
			set := func(value string) {
				GinkgoHelper()
				Expect(other.Take(kvtest.Accounts).Take("a").Write(ctx, value)).To(Succeed())
				Expect(other.Take(kvtest.Accounts).Take("b").Write(ctx, value)).To(Succeed())
			}
			set("1")
			tries, disturb := 0, true
			differ := func() error {
				return kv.Atomic(ctx, accounts, func(ctx context.Context, tx kv.DynamicStore[kv.StringField]) error {
					a, err := tx.Take("a").Read(ctx)
					if err != nil {
						return err
					}
					if tries++; tries == 1 && disturb {
						set("2")
					}
					b, err := tx.Take("b").Read(ctx)
					if err != nil {
						return err
					}
					if a != b {
						panicsOnDifference()
					}
					return nil
				})
			}
			Expect(differ()).To(Succeed())
			Expect(tries).To(Equal(2))

			Expect(other.Take(kvtest.Accounts).Take("b").Write(ctx, "3")).To(Succeed())
			tries, disturb = 0, false
			var stack string
			Expect(func() {
				defer func() {
					stack = string(debug.Stack())
					panic(recover())
				}()
				_ = differ()
			}).To(PanicWith("a and b differ"))
			Expect(tries).To(Equal(1))
			Expect(stack).To(ContainSubstring("transactions_test.panicsOnDifference("))
		})

		It("gives up with ErrConflict when somebody else is quicker 64 times", func(ctx context.Context) {
			tries := 0
			err := kv.Atomic(ctx, bank, func(_ context.Context, tx kv.StaticStore) error {
				tries++
				if err := deposit(ctx, tx.Take(kvtest.Accounts).Take("ann"), 1); err != nil {
					return err
				}
				return other.Take(kvtest.Accounts).Take("ann").Write(ctx, "0")
			})
			Expect(err).To(MatchError(kv.ErrConflict))
			Expect(err).To(MatchError(HavePrefix("kv: Atomic ")))
			Expect(tries).To(Equal(64))
			Expect(accounts.Take("ann").Read(ctx)).To(Equal("0"))
		})

		It("ends with its context, in its function and while it waits for the next try", func(ctx context.Context) {
			over, cancel := context.WithCancel(ctx)
			err := kv.Atomic(over, bank, func(_ context.Context, tx kv.StaticStore) error {
				Expect(deposit(ctx, tx.Take(kvtest.Accounts).Take("ann"), 1)).To(Succeed())
				cancel()
				Expect(tx.Take(kvtest.Accounts).Take("bob").Write(over, "x")).To(MatchError(context.Canceled), "though it would ask nobody")
				_, err := tx.Take(kvtest.Accounts).Take("bob").Read(over)
				return err
			})
			Expect(err).To(And(MatchError(context.Canceled), Not(MatchError(kv.ErrIndeterminate))))

			over, cancel = context.WithCancel(ctx)
			err = kv.Atomic(over, bank, func(_ context.Context, tx kv.StaticStore) error {
				defer cancel()
				return deposit(over, tx.Take(kvtest.Accounts).Take("ann"), 1)
			})
			Expect(err).To(And(MatchError(context.Canceled), Not(MatchError(kv.ErrIndeterminate))))

			over, cancel = context.WithCancel(ctx)
			tries := 0
			err = kv.Atomic(over, bank, func(_ context.Context, tx kv.StaticStore) error {
				if tries++; tries == 40 { // the pauses are long by now
					time.AfterFunc(2*time.Millisecond, cancel)
				}
				if err := deposit(ctx, tx.Take(kvtest.Accounts).Take("ann"), 1); err != nil {
					return err
				}
				return other.Take(kvtest.Accounts).Take("ann").Write(ctx, "0")
			})
			Expect(err).To(MatchError(context.Canceled))
			Expect(err).To(MatchError(HavePrefix("kv: ")))
			Expect(tries).To(BeNumerically("<", 64))
			Expect(accounts.Take("bob").Exists(ctx)).To(BeFalse())
			Expect(accounts.Take("ann").Read(ctx)).To(Equal("0"))
		})

		It("reads what it has written", func(ctx context.Context) {
			Expect(desk.Take(kvtest.Tags).Add(ctx, "red")).To(Equal(1))
			Expect(kv.Atomic(ctx, desk, func(ctx context.Context, tx kv.StaticStore) error {
				Expect(tx.Take(kvtest.Note).Write(ctx, "abc")).To(Succeed())
				Expect(tx.Take(kvtest.Note).Read(ctx)).To(Equal("abc"))
				Expect(tx.Take(kvtest.Note).Len(ctx)).To(Equal(3))
				Expect(tx.Take(kvtest.Note).Exists(ctx)).To(BeTrue())
				Expect(tx.Take(kvtest.Note).Swap(ctx, "d")).To(Equal(kv.Previous[string]{Value: "abc", Exists: true}))
				Expect(tx.Take(kvtest.Note).Update(ctx, func(s string) (string, error) { return s + "e", nil })).To(Equal("de"))
				Expect(tx.Take(kvtest.Note).Write(ctx, "f", kv.IfAbsent)).To(MatchError(kv.ErrConditionFailed))
				Expect(tx.Take(kvtest.Note).Read(ctx)).To(Equal("de"))
				Expect(tx.Take(kvtest.Note).Erase(ctx)).To(BeTrue())
				Expect(tx.Take(kvtest.Note).Read(ctx)).Error().To(MatchError(kv.ErrNotFound))
				Expect(tx.Take(kvtest.Note).Append(ctx, "g")).To(Equal(1))
				Expect(tx.Take(kvtest.Note).Read(ctx)).To(Equal("g"))

				Expect(tx.Take(kvtest.Current).Upsert(ctx, func(g *kvtest.Game) error { g.White = "ann"; return nil })).To(Equal(kvtest.Game{White: "ann"}))
				Expect(tx.Take(kvtest.Current).Read(ctx)).To(Equal(kvtest.Game{White: "ann"}))
				Expect(tx.Take(kvtest.Current).Swap(ctx, kvtest.Game{White: "bob"})).To(HaveField("Value", kvtest.Game{White: "ann"}))

				Expect(tx.Take(kvtest.Tags).Has(ctx, "red")).To(BeTrue())
				Expect(tx.Take(kvtest.Tags).Remove(ctx, "pink")).To(Equal(0))
				Expect(tx.Take(kvtest.Tags).Has(ctx, "red")).To(BeTrue(), "nothing was changed")
				Expect(tx.Take(kvtest.Tags).Add(ctx, "blue")).To(Equal(1))
				Expect(tx.Take(kvtest.Tags).Len(ctx)).To(Equal(2))
				Expect(tx.Take(kvtest.Tags).Read(ctx)).To(ConsistOf("red", "blue"))
				return nil
			})).To(Succeed())
		})

		It("has a batch and pages of values read in one round trip", func(ctx context.Context) {
			for i := range 10 {
				Expect(accounts.Take(fmt.Sprint(i)).Write(ctx, fmt.Sprint(i))).To(Succeed())
			}
			store.Trips.Reset()
			Expect(kv.Atomic(ctx, bank, func(_ context.Context, tx kv.StaticStore) error {
				var batch kv.Batch
				bound := batch.Bind(tx.Take(kvtest.Accounts))
				one, two := batch.Do(bound.Take("1").Read), batch.Do(bound.Take("2").Read)
				Expect(batch.Run(ctx)).To(Succeed())
				Expect(one.Get()).To(Equal("1"))
				Expect(two.Get()).To(Equal("2"))
				Expect(store.Trips.Taken()).To(Equal(1))

				for entry, err := range kv.ReadMany(ctx, tx.Take(kvtest.Accounts), "3", "4", "5") {
					Expect(entry.Value, err).To(Equal(entry.Key))
				}
				Expect(store.Trips.Taken()).To(Equal(2))

				var writes kv.Batch
				bound = writes.Bind(tx.Take(kvtest.Accounts))
				for i := range 10 {
					writes.Exec(func(ctx context.Context) error { return bound.Take(fmt.Sprint(i)).Write(ctx, "new") })
				}
				Expect(writes.Run(ctx)).To(Succeed())
				Expect(accounts.Take("9").Read(ctx)).To(Equal("9"))
				return nil
			})).To(Succeed())
			Expect(store.Trips.Taken()).To(Equal(4), "with the look at 9 from outside, and the commit")
			Expect(accounts.Take("9").Read(ctx)).To(Equal("new"))
		})

		It("takes a round trip for each read, none for a write that needs no reading, and one to commit", func(ctx context.Context) {
			Expect(kv.Atomic(ctx, bank, func(ctx context.Context, tx kv.StaticStore) error {
				Expect(deposit(ctx, tx.Take(kvtest.Accounts).Take("ann"), 1)).To(Succeed())
				Expect(store.Trips.Taken()).To(Equal(1))
				Expect(deposit(ctx, tx.Take(kvtest.Accounts).Take("bob"), 1)).To(Succeed())
				Expect(store.Trips.Taken()).To(Equal(2))
				return nil
			})).To(Succeed())
			Expect(store.Trips.Taken()).To(Equal(3))

			store.Trips.Reset()
			Expect(kv.Atomic(ctx, bank, func(ctx context.Context, tx kv.StaticStore) error {
				return errors.Join(tx.Take(kvtest.Accounts).Take("ann").Write(ctx, "1"), tx.Take(kvtest.Accounts).Take("bob").Write(ctx, "2"))
			})).To(Succeed())
			Expect(store.Trips.Taken()).To(Equal(1))

			store.Trips.Reset()
			Expect(kv.Atomic(ctx, bank, func(ctx context.Context, tx kv.StaticStore) error {
				return kvtest.ErrorOf(tx.Take(kvtest.Accounts).Take("ann").Read(ctx))
			})).To(Succeed())
			Expect(store.Trips.Taken()).To(Equal(1), "one read is consistent with itself")

			store.Trips.Reset()
			Expect(kv.Atomic(ctx, bank, func(context.Context, kv.StaticStore) error { return nil })).To(Succeed())
			Expect(store.Trips.Taken()).To(Equal(0))
		})

		It("may erase a static store, and list one that keeps its keys", func(ctx context.Context) {
			Expect(desk.Take(kvtest.Note).Write(ctx, "x")).To(Succeed())
			Expect(desk.Take(kvtest.Tags).Add(ctx, "x")).To(Equal(1))
			Expect(bank.Take(kvtest.Guests).Take("ann").Take(kvtest.Members).Add(ctx, "x")).To(Equal(1))
			Expect(kv.Atomic(ctx, bank, func(ctx context.Context, tx kv.StaticStore) error {
				Expect(tx.Take[kv.StaticStore]("desk").Erase(ctx)).To(Equal(2))
				Expect(tx.Take(kvtest.Guests).Len(ctx)).To(Equal(1))
				_, err := tx.Take(kvtest.Accounts).Len(ctx)
				Expect(err).To(MatchError(errors.ErrUnsupported))
				Expect(err).To(MatchError(ContainSubstring("IndexKeys")))
				return nil
			})).To(Succeed())
			Expect(desk.Keys(ctx)).To(BeEmpty())
		})

		It("keeps the indexes of a collection, and its unique values apart", func(ctx context.Context) {
			users := bank.Take(kvtest.Users)
			Expect(users.Take("ann").Write(ctx, kvtest.User{Email: "a@x"})).To(Succeed())
			Expect(users.Take("bob").Write(ctx, kvtest.User{Email: "b@x"})).To(Succeed())
			holders := func() (found []string) {
				GinkgoHelper()
				for _, email := range []string{"a@x", "b@x", "c@x"} {
					for entry, err := range users.Find(kvtest.ByEmail.Is(email)).All(ctx) {
						Expect(err).NotTo(HaveOccurred())
						found = append(found, email+" "+entry.Key)
					}
				}
				return found
			}
			in := func(fn func(_ context.Context, tx kv.CollectionStore[kvtest.User]) error) error {
				return kv.Atomic(ctx, users, fn)
			}

			var duplicate *kv.DuplicateError
			Expect(in(func(_ context.Context, tx kv.CollectionStore[kvtest.User]) error {
				err := tx.Take("cid").Write(ctx, kvtest.User{Email: "a@x"})
				Expect(errors.As(err, &duplicate)).To(BeTrue())
				Expect(*duplicate).To(Equal(kv.DuplicateError{Index: "email", Holder: "ann"}))
				Expect(tx.Take("cid").Write(ctx, kvtest.User{Email: "c@x"})).To(Succeed())
				Expect(tx.Take("dan").Write(ctx, kvtest.User{Email: "c@x"})).To(MatchError(kv.ErrDuplicate), "the transaction itself gave it away")
				return nil
			})).To(Succeed())
			Expect(holders()).To(Equal([]string{"a@x ann", "b@x bob", "c@x cid"}))

			By("swapping two values by way of a third")
			Expect(in(func(_ context.Context, tx kv.CollectionStore[kvtest.User]) error {
				Expect(kvtest.ErrorOf(tx.Take("cid").Erase(ctx))).To(Succeed())
				return errors.Join(
					tx.Take("ann").Write(ctx, kvtest.User{Email: "c@x"}), tx.Take("bob").Write(ctx, kvtest.User{Email: "a@x"}), tx.Take("ann").Write(ctx, kvtest.User{Email: "b@x"}))
			})).To(Succeed())
			Expect(holders()).To(Equal([]string{"a@x bob", "b@x ann"}))

			By("giving a value away that was given in the transaction")
			Expect(in(func(_ context.Context, tx kv.CollectionStore[kvtest.User]) error {
				return errors.Join(
					tx.Take("cid").Write(ctx, kvtest.User{Email: "c@x"}), kvtest.ErrorOf(tx.Take("cid").Erase(ctx)),
					tx.Take("bob").Write(ctx, kvtest.User{Email: "c@x"}), tx.Take("ann").Write(ctx, kvtest.User{Email: "c@x"}, kv.IfAbsent))
			})).To(MatchError(kv.ErrDuplicate))
			Expect(in(func(_ context.Context, tx kv.CollectionStore[kvtest.User]) error {
				return errors.Join(
					tx.Take("cid").Write(ctx, kvtest.User{Email: "c@x"}), kvtest.ErrorOf(tx.Take("cid").Erase(ctx)), tx.Take("bob").Write(ctx, kvtest.User{Email: "c@x"}))
			})).To(Succeed())
			Expect(holders()).To(Equal([]string{"b@x ann", "c@x bob"}))

			By("nobody else taking the value meanwhile")
			tries := 0
			Expect(in(func(_ context.Context, tx kv.CollectionStore[kvtest.User]) error {
				if err := tx.Take("eve").Write(ctx, kvtest.User{Email: "a@x"}); err != nil {
					return err
				}
				if tries++; tries == 1 {
					return other.Take(kvtest.Users).Take("fay").Write(ctx, kvtest.User{Email: "a@x"})
				}
				return nil
			})).To(MatchError(kv.ErrDuplicate))
			Expect(holders()).To(Equal([]string{"a@x fay", "b@x ann", "c@x bob"}))

			By("finding what it has written")
			Expect(in(func(_ context.Context, tx kv.CollectionStore[kvtest.User]) error {
				Expect(tx.Find(kvtest.ByEmail.Is("a@x")).First(ctx)).To(HaveField("Key", "fay"))
				Expect(tx.Take("fay").Write(ctx, kvtest.User{Email: "f@x"})).To(Succeed())
				Expect(tx.Find(kvtest.ByEmail.Is("a@x")).First(ctx)).Error().To(MatchError(kv.ErrNotFound))
				Expect(tx.Find(kvtest.ByEmail.Is("f@x")).First(ctx)).To(HaveField("Key", "fay"))
				Expect(tx.Take("gus").Write(ctx, kvtest.User{Email: "a@x"})).To(Succeed())
				Expect(tx.Len(ctx)).To(Equal(4))
				Expect(kvtest.ErrorOf(tx.Take("ann").Erase(ctx))).To(Succeed())
				Expect(tx.Len(ctx)).To(Equal(3))
				return nil
			})).To(Succeed())
			Expect(holders()).To(Equal([]string{"a@x gus", "c@x bob"}))
		})

		It("refuses a transaction within it, with what it has begun", func(ctx context.Context) {
			Expect(kv.Atomic(ctx, bank, func(ctx context.Context, tx kv.StaticStore) error {
				Expect(tx.Take(kvtest.Accounts).Take("ann").Write(ctx, "x")).To(Succeed())
				return kv.Atomic(ctx, tx.Take(kvtest.Accounts), func(context.Context, kv.DynamicStore[kv.StringField]) error { panic("not reached") })
			})).To(MatchError("kv: Atomic (transaction): invalid value: a transaction within a transaction or a batch"))
			Expect(accounts.Take("ann").Exists(ctx)).To(BeFalse())
		})

		It("lets nothing slip out: its context is for the handles that are bound to it", func(outside context.Context) {
			inside := func(use func(ctx context.Context, tx kv.StaticStore) error) error {
				return kv.Atomic(outside, bank, func(ctx context.Context, tx kv.StaticStore) error {
					Expect(deposit(ctx, tx.Take(kvtest.Accounts).Take("ann"), 1)).To(Succeed())
					deadline, cancel := context.WithTimeout(ctx, time.Hour)
					defer cancel()
					return use(deadline, tx)
				})
			}
			loose := accounts.Take("bob")
			for name, use := range map[string]func(ctx context.Context) error{
				"a write": func(ctx context.Context) error { return loose.Write(ctx, "loose") },
				"a read":  func(ctx context.Context) error { return kvtest.ErrorOf(loose.Exists(ctx)) },
				"an update": func(ctx context.Context) error {
					return kvtest.ErrorOf(loose.Update(ctx, func(text string) (string, error) { return text, nil }))
				},
				"a listing": func(ctx context.Context) error { return kvtest.ErrorOf(accounts.Len(ctx)) },
				"a scan": func(ctx context.Context) (err error) {
					for _, err = range accounts.Keys(ctx) {
					}
					return err
				},
				"many reads": func(ctx context.Context) (err error) {
					for _, err = range kv.ReadMany(ctx, accounts, "ann", "bob") {
					}
					return err
				},
				"erasing": func(ctx context.Context) error { return kvtest.ErrorOf(bank.Erase(ctx)) },
				"a lock": func(ctx context.Context) error {
					return kvtest.ErrorOf(kv.MustOpen(kv.Lock(time.Minute), store.Driver, kv.At("lock")).Acquire(ctx))
				},
				"waiting": func(ctx context.Context) error {
					return kvtest.ErrorOf(kv.MustOpen(kv.List(), store.Driver, kv.At("list")).PopLeftWait(ctx))
				},
				"a transaction": func(ctx context.Context) error {
					return kv.Atomic(ctx, bank, func(context.Context, kv.StaticStore) error { panic("not reached") })
				},
				"another database": func(ctx context.Context) error {
					return kv.MustOpen(kvtest.Desk, memory.New()).Take(kvtest.Note).Write(ctx, "x")
				},
				"a batch": func(ctx context.Context) error {
					var batch kv.Batch
					batch.Do(batch.Bind(loose).Exists)
					return batch.Run(ctx)
				},
			} {
				err := inside(func(ctx context.Context, _ kv.StaticStore) error { return use(ctx) })
				Expect(err).To(MatchError(kv.ErrInvalid), name)
				Expect(err).To(MatchError(ContainSubstring("a handle that is not bound to the transaction whose context it is used with")), name)
			}
			Expect(accounts.Keys(outside)).To(BeEmpty())

			By("a batch that is bound to it, and what is meant to be outside")
			Expect(inside(func(ctx context.Context, tx kv.StaticStore) error {
				var batch kv.Batch
				cyd := batch.Bind(tx).Take(kvtest.Accounts).Take("cyd")
				written := batch.Exec(func(ctx context.Context) error { return cyd.Write(ctx, "3") })
				within := batch.Do(func(ctx context.Context) (string, error) { return tx.Take(kvtest.Accounts).Take("ann").Read(ctx) })
				slipped := batch.Run(ctx)
				Expect(written.Get()).Error().NotTo(HaveOccurred())
				Expect(within.Get()).Error().To(MatchError(ContainSubstring("a handle that is not bound to the batch")))
				Expect(slipped).To(MatchError(kv.ErrInvalid))
				return loose.Write(outside, "meant")
			})).To(Succeed())
			Expect(accounts.Take("ann").Read(outside)).To(Equal("1"))
			Expect(accounts.Take("cyd").Read(outside)).To(Equal("3"))
			Expect(loose.Read(outside)).To(Equal("meant"))
		})

		It("has a result, that of the try which was committed", func(ctx context.Context) {
			tries := 0
			total, err := kv.AtomicResult(ctx, accounts, func(_ context.Context, tx kv.DynamicStore[kv.StringField]) (int, error) {
				tries++
				before, err := balance(ctx, tx.Take("ann"))
				if tries == 1 {
					Expect(other.Take(kvtest.Accounts).Take("ann").Write(ctx, "100")).To(Succeed())
				}
				return before + 1, errors.Join(err, tx.Take("ann").Write(ctx, strconv.Itoa(before+1)))
			})
			Expect(err).NotTo(HaveOccurred())
			Expect(total).To(Equal(101))
			mine := errors.New("mine")
			Expect(kv.AtomicResult(ctx, accounts, func(_ context.Context, tx kv.DynamicStore[kv.StringField]) (int, error) {
				return 7, mine
			})).Error().To(BeIdenticalTo(mine))
			none, err := kv.AtomicResult(ctx, accounts, func(context.Context, kv.DynamicStore[kv.StringField]) (int, error) { return 7, mine })
			Expect(none).To(BeZero())
			Expect(err).To(HaveOccurred())
		})

		It("refuses sets of which one is not in the transaction", func(ctx context.Context) {
			Expect(desk.Take(kvtest.Tags).Add(ctx, "x")).To(Equal(1))
			Expect(kv.Atomic(ctx, desk, func(ctx context.Context, tx kv.StaticStore) error {
				_, err := tx.Take(kvtest.Tags).Move(ctx, desk.Take(kvtest.Online), "x")
				Expect(err).To(MatchError(And(ContainSubstring("desk:online"), ContainSubstring("opened on another driver"))))
				_, err = desk.Take(kvtest.Tags).Union(ctx, tx.Take(kvtest.Online))
				return err
			})).To(MatchError(kv.ErrInvalid))
			Expect(desk.Take(kvtest.Tags).Len(ctx)).To(Equal(1))
		})

		It("is over when its function returns: handles that were kept do nothing", func(ctx context.Context) {
			for _, outcome := range []error{nil, errors.New("mine")} {
				var kept kv.StaticStore
				Expect(errors.Is(kv.Atomic(ctx, bank, func(ctx context.Context, tx kv.StaticStore) error {
					kept = tx
					return errors.Join(deposit(ctx, tx.Take(kvtest.Accounts).Take("ann"), 1), outcome)
				}), outcome)).To(BeTrue())
				Expect(kept.Take(kvtest.Accounts).Take("ann").Write(ctx, "late")).To(MatchError(ContainSubstring("a handle of a transaction that is over")))
				Expect(kept.Take(kvtest.Accounts).Take("ann").Read(ctx)).Error().To(MatchError(kv.ErrInvalid))
				Expect(kv.Atomic(ctx, kept, func(context.Context, kv.StaticStore) error { return nil })).To(MatchError(kv.ErrInvalid))
			}
			Expect(accounts.Take("ann").Read(ctx)).To(Equal("1"))
		})

		It("does not let what is left of one try meddle with the next", func(ctx context.Context) {
			var first kv.StaticStore
			tries := 0
			Expect(kv.Atomic(ctx, bank, func(_ context.Context, tx kv.StaticStore) error {
				if tries++; tries == 1 {
					first = tx
					Expect(deposit(ctx, tx.Take(kvtest.Accounts).Take("ann"), 1)).To(Succeed())
					return other.Take(kvtest.Accounts).Take("ann").Write(ctx, "100")
				}
				Expect(first.Take(kvtest.Accounts).Take("ann").Write(ctx, "late")).To(MatchError(kv.ErrInvalid))
				return deposit(ctx, tx.Take(kvtest.Accounts).Take("ann"), 1)
			})).To(Succeed())
			Expect(accounts.Take("ann").Read(ctx)).To(Equal("101"))
		})

		It("may be used by several goroutines of its function", func(ctx context.Context) {
			Expect(kv.Atomic(ctx, accounts, func(ctx context.Context, tx kv.DynamicStore[kv.StringField]) error {
				var wait sync.WaitGroup
				failures := make([]error, 20)
				for i := range failures {
					wait.Go(func() { failures[i] = deposit(ctx, tx.Take(fmt.Sprint(i)), i) })
				}
				wait.Wait()
				return errors.Join(failures...)
			})).To(Succeed())
			for i := range 20 {
				Expect(accounts.Take(fmt.Sprint(i)).Read(ctx)).To(Equal(fmt.Sprint(i)))
			}
		})

		It("says so when the driver is closed", func(ctx context.Context) {
			Expect(drivers.Close(store.Driver)).To(Succeed())
			Expect(kv.Atomic(ctx, bank, func(ctx context.Context, tx kv.StaticStore) error {
				return tx.Take(kvtest.Accounts).Take("ann").Write(ctx, "x")
			})).To(MatchError(kv.ErrClosed))
		})
	})

	It("refuses what does not lie in one slot of a cluster, naming both, before anything is written", func(ctx context.Context) {
		loose := kv.MustOpen(kvtest.Desk, kvtest.Cluster(ctx))
		err := kv.Atomic(ctx, loose, func(ctx context.Context, tx kv.StaticStore) error {
			return errors.Join(tx.Take(kvtest.Note).Write(ctx, "x"), tx.Take(kvtest.Code).Write(ctx, "x"))
		})
		Expect(err).To(MatchError(kv.ErrCrossSlot))
		Expect(err).To(MatchError(And(ContainSubstring("desk:note"), ContainSubstring("desk:code"))))
		err = kv.Atomic(ctx, loose, func(ctx context.Context, tx kv.StaticStore) error {
			_, err := tx.Take(kvtest.Note).ReadOr(ctx, "")
			return errors.Join(err, tx.Take(kvtest.Code).Write(ctx, "x"))
		})
		Expect(err).To(MatchError(And(ContainSubstring("desk:note"), ContainSubstring("desk:code"))))
		err = kv.Atomic(ctx, loose, func(ctx context.Context, tx kv.StaticStore) error {
			return errors.Join(kvtest.ErrorOf(tx.Take(kvtest.Note).ReadOr(ctx, "")), kvtest.ErrorOf(tx.Take(kvtest.Tags).Read(ctx)))
		})
		Expect(err).To(MatchError(kv.ErrCrossSlot))
		Expect(err).To(MatchError(And(ContainSubstring("desk:note"), ContainSubstring("desk:tags"))))
		Expect(loose.Keys(ctx)).To(BeEmpty())
	})

	It("is beyond a driver that cannot watch", func(ctx context.Context) {
		desk := kv.MustOpen(kvtest.Desk, kvtest.OnlyDo{Driver: memory.New()})
		Expect(kv.Atomic(ctx, desk, func(ctx context.Context, tx kv.StaticStore) error {
			return kvtest.ErrorOf(tx.Take(kvtest.Note).Read(ctx))
		})).To(MatchError(errors.ErrUnsupported))
		Expect(kv.Atomic(ctx, desk, func(ctx context.Context, tx kv.StaticStore) error { return tx.Take(kvtest.Note).Write(ctx, "x") })).To(MatchError(errors.ErrUnsupported))
		Expect(desk.Take(kvtest.Note).Exists(ctx)).To(BeFalse())
	})

	It("refuses what is no handle, carries an error, or belongs to two drivers", func(ctx context.Context) {
		none := func(context.Context, int) error { panic("not reached") }
		Expect(kv.Atomic(ctx, 7, none)).To(MatchError("kv: Atomic (transaction): invalid value: int is neither a handle nor a view of handles"))
		desk := kv.MustOpen(kvtest.Desk, memory.New())
		Expect(kv.Atomic(ctx, desk.Take[kv.SetField]("nope"), func(context.Context, kv.SetField) error { panic("not reached") })).To(MatchError(kv.ErrUndeclared))
		type pair struct{ One, Other kv.StaticStore }
		Expect(kv.Atomic(ctx, pair{desk, kv.MustOpen(kvtest.Desk, memory.New())}, func(context.Context, pair) error { panic("not reached") })).
			To(MatchError(ContainSubstring("opened on another driver")))
	})

	It("conflicts with a value that ended meanwhile", func(ctx context.Context) {
		clock := kvtest.NewClock()
		desk := kv.MustOpen(kvtest.Desk, memory.New(memory.WithClock(clock.Now)))
		Expect(desk.Take(kvtest.Code).Write(ctx, "123")).To(Succeed())
		var seen []string
		Expect(kv.Atomic(ctx, desk, func(ctx context.Context, tx kv.StaticStore) error {
			code, err := tx.Take(kvtest.Code).ReadOr(ctx, "none")
			seen = append(seen, code)
			clock.Advance(5*time.Minute + 2*time.Millisecond)
			return errors.Join(err, tx.Take(kvtest.Note).Write(ctx, code))
		})).To(Succeed())
		Expect(seen).To(Equal([]string{"123", "none"}))
	})

	It("costs a server one command for each that it claims, and no other", func(ctx context.Context) {
		bank := kv.MustOpen(kvtest.Bank, kvtest.Redis(ctx))
		ann, bob := bank.Take(kvtest.Accounts).Take("ann"), bank.Take(kvtest.Accounts).Take("bob")
		transfer := func() {
			GinkgoHelper()
			Expect(kv.Atomic(ctx, bank, func(ctx context.Context, tx kv.StaticStore) error {
				return errors.Join(deposit(ctx, tx.Take(kvtest.Accounts).Take("ann"), 1), deposit(ctx, tx.Take(kvtest.Accounts).Take("bob"), -1))
			})).To(Succeed())
		}
		transfer()
		Expect(kvtest.Servers.Client.ConfigResetStat(ctx).Err()).To(Succeed())
		for range 10 {
			transfer()
		}
		info, err := kvtest.Servers.Client.Info(ctx, "commandstats").Result()
		Expect(err).NotTo(HaveOccurred())
		var calls []string
		for line := range strings.Lines(info) {
			name, rest, found := strings.Cut(strings.TrimPrefix(line, "cmdstat_"), ":calls=")
			if found && !strings.HasPrefix(name, "config") && name != "hello" { // which is that of a new connection
				count, _, _ := strings.Cut(rest, ",")
				calls = append(calls, name+" "+count)
			}
		}
		slices.Sort(calls)
		Expect(calls).To(ConsistOf("watch 20", "get 20", "multi 10", "set 20", "exec 10"))
		Expect(ann.Read(ctx)).To(Equal("11"))
		Expect(bob.Read(ctx)).To(Equal("-11"))
	})
})
