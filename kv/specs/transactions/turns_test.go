package transactions_test

import (
	"context"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kvstore-go/kvstore/kv"
	"github.com/kvstore-go/kvstore/kv/internal/kvtest"
	"github.com/kvstore-go/kvstore/kv/internal/turns"
)

var _ = Describe("Those who change the same at the same time", func() {
	kvtest.OnAllDrivers(func(open func(context.Context) kvtest.Backend) {
		const number = 8
		var (
			ann, sold kv.StringField
			bank      kv.StaticStore
			others    kv.StringField // ann, as another program has it
		)
		BeforeEach(func(ctx context.Context) {
			store := open(ctx)
			bank = kv.MustOpen(kvtest.Bank, store.Driver)
			ann, sold = bank.Take(kvtest.Accounts).Take("ann"), bank.Take(kvtest.Accounts).Take("sold")
			others = kv.MustOpen(kvtest.Bank, store.Raw).Take(kvtest.Accounts).Take("ann")
			Expect(ann.Write(ctx, "0")).To(Succeed())
			patient()
		})

		// meet makes all of them try before anybody has changed anything.
		meet := func(change func(begin func()) error) (tries int64) {
			GinkgoHelper()
			var all, done sync.WaitGroup
			var begun atomic.Int64
			all.Add(number)
			for range number {
				done.Go(func() {
					defer GinkgoRecover()
					here := sync.OnceFunc(all.Done)
					defer here() // the others wait for it, whatever befalls it
					Expect(change(func() {
						begun.Add(1)
						here()
						all.Wait()
					})).To(Succeed())
				})
			}
			done.Wait()
			return begun.Load()
		}

		It("take turns after they met: each is in vain once, at most", func(ctx context.Context) {
			Expect(meet(func(begin func()) error {
				return kv.Atomic(ctx, bank, func(ctx context.Context, tx kv.StaticStore) error {
					accounts := tx.Take(kvtest.Accounts)
					held, err := balance(ctx, accounts.Take("ann"))
					if err != nil {
						return err
					}
					begin()
					if err := deposit(ctx, accounts.Take("sold"), 1); err != nil {
						return err
					}
					return accounts.Take("ann").Write(ctx, strconv.Itoa(held+1))
				})
			})).To(BeEquivalentTo(2*number - 1))
			Expect(ann.Read(ctx)).To(Equal("8"))
			Expect(sold.Read(ctx)).To(Equal("8"))
		})

		It("take turns in whatever order they read", func(ctx context.Context) {
			var next atomic.Int64
			Expect(meet(func(begin func()) error {
				names := []string{"ann", "sold"}
				if next.Add(1)%2 == 0 {
					names = []string{"sold", "ann"}
				}
				return kv.Atomic(ctx, bank, func(ctx context.Context, tx kv.StaticStore) error {
					for _, name := range names {
						if err := deposit(ctx, tx.Take(kvtest.Accounts).Take(name), 1); err != nil {
							return err
						}
					}
					begin()
					return nil
				})
			})).To(BeEquivalentTo(2*number - 1))
			Expect(ann.Read(ctx)).To(Equal("8"))
		})

		It("take turns where they update", func(ctx context.Context) {
			Expect(meet(func(begin func()) error {
				return kvtest.ErrorOf(ann.Update(ctx, func(old string) (string, error) {
					begin()
					held, err := strconv.Atoi(old)
					return strconv.Itoa(held + 1), err
				}))
			})).To(BeEquivalentTo(2*number - 1))
			Expect(ann.Read(ctx)).To(Equal("8"))
		})

		// inTurn calls during while somebody has the turn.
		inTurn := func(ctx context.Context, during func()) error {
			tries := 0
			return kv.Atomic(ctx, ann, func(inner context.Context, tx kv.StringField) error {
				if err := deposit(inner, tx, 1); err != nil {
					return err
				}
				switch tries++; tries {
				case 1:
					return others.Write(ctx, "100")
				case 2:
					during()
				}
				return nil
			})
		}

		It("stop waiting for their turn as soon as their context ends", func(ctx context.Context) {
			Expect(inTurn(ctx, func() {
				over, cancel := context.WithCancel(ctx)
				time.AfterFunc(5*time.Millisecond, cancel)
				Expect(kv.Atomic(over, ann, func(ctx context.Context, tx kv.StringField) error {
					return deposit(ctx, tx, 1)
				})).To(MatchError(context.Canceled))
				over, cancel = context.WithCancel(ctx)
				time.AfterFunc(5*time.Millisecond, cancel)
				Expect(kvtest.ErrorOf(ann.Update(over, func(old string) (string, error) { return old + "0", nil }))).To(MatchError(context.Canceled))
			})).To(Succeed())
			Expect(ann.Read(ctx)).To(Equal("101"))
		})

		It("do not wait for ever for who waits for them", func(ctx context.Context) {
			turns.Longest.Set(time.Millisecond)
			Expect(inTurn(ctx, func() {
				Expect(kv.Atomic(ctx, ann, func(ctx context.Context, tx kv.StringField) error { return deposit(ctx, tx, 10) })).To(Succeed())
			})).To(Succeed())
			Expect(ann.Read(ctx)).To(Equal("111"))
		})

		It("do not wait for those who change something else", func(ctx context.Context) {
			Expect(inTurn(ctx, func() {
				over, cancel := context.WithCancel(ctx)
				defer cancel()
				Expect(kv.Atomic(over, sold, func(ctx context.Context, tx kv.StringField) error { return deposit(ctx, tx, 10) })).To(Succeed())
			})).To(Succeed())
			Expect(ann.Read(ctx)).To(Equal("101"))
		})
	})
})
