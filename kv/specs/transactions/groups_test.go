package transactions_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"github.com/onsi/gomega/gleak"
	"github.com/redis/go-redis/v9"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/drivers/redisdriver"
	"github.com/kvstore-go/kvstore/kv"
	"github.com/kvstore-go/kvstore/kv/internal/kvtest"
	"github.com/kvstore-go/kvstore/kv/internal/turns"
	"github.com/kvstore-go/kvstore/spec/redisserver"
)

// article is what everybody wants.
type article struct {
	Stock kv.IntField            `kv:"stock"`
	Sales kv.StreamField[string] `kv:"sales"`
	Queue kv.ListField           `kv:"queue"`
	Note  kv.StringField         `kv:"note"`
}

var articles = kv.Colocated(kv.Static("article").Int("stock").Stream[string]("sales").List("queue").String("note").As[article]())

var errSoldOut = errors.New("sold out")

// buy takes one, and returns the number of the sale.
func buy(ctx context.Context, of article) (id string, err error) {
	left, err := of.Stock.Read(ctx)
	if err == nil && left < 1 {
		err = errSoldOut
	}
	if err == nil {
		_, err = of.Stock.Decrement(ctx, 1)
	}
	if err == nil {
		id, err = of.Sales.Append(ctx, "sold")
	}
	return id, err
}

// standing is how many wait for their turn.
func standing() int {
	stacks := make([]byte, 1<<20)
	return strings.Count(string(stacks[:runtime.Stack(stacks, true)]), "kv.(*ticket).wait(")
}

// crowd is those who want the same article.
type crowd struct {
	article article // theirs
	others  article // the same, as another program has it
	trips   *kvtest.Trips
	calls   []atomic.Int64 // of the function of each
}

func crowdOf(store kvtest.Backend) *crowd {
	return &crowd{article: kv.MustOpen(articles, store.Driver), others: kv.MustOpen(articles, store.Raw), trips: store.Trips}
}

// buyer is what one of a crowd does with its article.
type buyer struct {
	ctx context.Context //nolint:containedctx // each has its own
	do  func(ctx context.Context, of article) error
}

// thrown is what a function of a buyer panics with.
type thrown struct{ error }

// patient lets everybody wait as long as a busy machine needs, until the end of the spec.
func patient() {
	for _, patience := range []*turns.Patience{turns.Longest, turns.LongestShare} {
		DeferCleanup(patience.Set, patience.Get())
		patience.Set(time.Hour)
	}
}

// rush lets buyers come, and once all of them stand in line, one behind the other, the first goes on, which
// has been in conflict with another program before. There are 100 of the article.
func (c *crowd) rush(ctx context.Context, buyers ...buyer) (outcomes []error) {
	GinkgoHelper()
	Expect(c.others.Stock.Write(ctx, 100)).To(Succeed())
	for _, field := range []kv.Field{c.others.Sales.Field, c.others.Queue.Field, c.others.Note.Field} {
		Expect(field.Erase(ctx)).Error().NotTo(HaveOccurred())
	}
	outcomes, calls := make([]error, len(buyers)), make([]atomic.Int64, len(buyers))
	c.calls = calls
	var running sync.WaitGroup
	come := func(i int, prepare func(inner context.Context, tx article) (ready bool)) {
		running.Go(func() {
			defer GinkgoRecover()
			defer func() {
				if reason := recover(); reason != nil {
					thrown, mine := reason.(thrown)
					if !mine {
						panic(reason)
					}
					outcomes[i] = thrown.error
				}
			}()
			outcomes[i] = kv.Atomic(buyers[i].ctx, c.article, func(inner context.Context, tx article) error {
				if !prepare(inner, tx) {
					return nil
				}
				calls[i].Add(1)
				return buyers[i].do(inner, tx)
			})
		})
	}
	tries := 0
	come(0, func(inner context.Context, tx article) bool {
		switch tries++; tries {
		case 1:
			Expect(tx.Stock.Decrement(inner, 1)).Error().NotTo(HaveOccurred())
			Expect(c.others.Stock.Write(ctx, 100)).To(Succeed())
		case 2:
			for i := 1; i < len(buyers); i++ {
				come(i, func(context.Context, article) bool { return true })
				Eventually(standing).WithPolling(time.Millisecond).Should(Equal(i))
			}
			c.trips.Reset()
		}
		return tries > 1
	})
	running.Wait()
	return outcomes
}

var _ = Describe("Those who stand in line for the same", func() {
	kvtest.OnAllDrivers(func(open func(context.Context) kvtest.Backend) {
		var c *crowd
		BeforeEach(func(ctx context.Context) {
			c = crowdOf(open(ctx))
			patient()
		})

		succeed := HaveEach(BeNil())
		buying := func(ctx context.Context) buyer {
			return buyer{ctx, func(ctx context.Context, of article) error { return kvtest.ErrorOf(buy(ctx, of)) }}
		}
		sold := func(ctx context.Context, number int) {
			GinkgoHelper()
			Expect(c.others.Stock.Read(ctx)).To(BeEquivalentTo(100 - number))
			Expect(c.others.Sales.Len(ctx)).To(BeEquivalentTo(number))
		}

		calls := func() []int64 { // how often the function of each was called
			counts := make([]int64, len(c.calls))
			for i := range c.calls {
				counts[i] = c.calls[i].Load()
			}
			return counts
		}

		It("commit together, in the round trips of one, and each gets its true results", func(ctx context.Context) {
			var ids [4]string
			var buyers []buyer
			for i := range ids {
				buyers = append(buyers, buyer{ctx, func(inner context.Context, of article) (err error) {
					ids[i], err = buy(inner, of)
					return err
				}})
			}
			Expect(c.rush(ctx, buyers...)).To(succeed)
			Expect(calls()).To(HaveEach(BeEquivalentTo(1)))
			Expect(c.trips.Taken()).To(Equal(3), "the stock, the end of the sales, the commit")
			sold(ctx, 4)
			var stored []string
			for entry, err := range c.others.Sales.Range("-", "+").All(ctx) {
				Expect(err).NotTo(HaveOccurred())
				stored = append(stored, entry.ID)
			}
			Expect(stored).To(Equal(ids[:]))
		})

		It("need no round trip to learn that there is nothing left", func(ctx context.Context) {
			outcomes := c.rush(ctx, buyer{ctx, func(inner context.Context, of article) error {
				return errors.Join(kvtest.ErrorOf(buy(inner, of)), of.Stock.Write(inner, 0))
			}}, buying(ctx), buying(ctx), buying(ctx))
			Expect(outcomes[0]).To(Succeed())
			Expect(outcomes[1:]).To(HaveEach(Equal(errSoldOut)))
			Expect(calls()).To(HaveEach(BeEquivalentTo(1)))
			Expect(c.trips.Taken()).To(Equal(3))
		})

		for meddler := range 3 {
			It(fmt.Sprintf("begin anew, all of them, when somebody else changed what they have read, as number %d runs", meddler), func(ctx context.Context) {
				buyers, meddled := []buyer{buying(ctx), buying(ctx), buying(ctx)}, false
				buyers[meddler].do = func(inner context.Context, of article) error {
					if _, err := buy(inner, of); err != nil || meddled {
						return err
					}
					meddled = true
					return kvtest.ErrorOf(c.others.Stock.Increment(ctx, 50))
				}
				Expect(c.rush(ctx, buyers...)).To(succeed)
				Expect(c.others.Stock.Read(ctx)).To(BeEquivalentTo(147))
				Expect(c.others.Sales.Len(ctx)).To(Equal(3))
				Expect(calls()[:meddler+1]).To(HaveEach(BeNumerically(">", 1)))
			})
		}

		It("are not believed what they conclude from what was never committed", func(ctx context.Context) {
			restocked := false
			Expect(c.rush(ctx, buyer{ctx, func(inner context.Context, of article) error {
				_, err := buy(inner, of)
				if !restocked {
					err = errors.Join(err, of.Stock.Write(inner, 0))
				}
				return err
			}}, buyer{ctx, func(inner context.Context, of article) error {
				_, err := buy(inner, of)
				if errors.Is(err, errSoldOut) && !restocked {
					restocked = true
					Expect(c.others.Stock.Write(ctx, 100)).To(Succeed())
				}
				return err
			}})).To(succeed)
			Expect(c.others.Sales.Len(ctx)).To(Equal(2))
		})

		It("have nothing to do with what one wrote that failed, or panicked", func(ctx context.Context) {
			mine := errors.New("mine")
			for _, fail := range []func(err error) error{
				func(err error) error { return err },
				func(err error) error { panic(thrown{err}) },
			} {
				outcomes := c.rush(ctx, buying(ctx), buying(ctx), buyer{ctx, func(inner context.Context, of article) error {
					return fail(errors.Join(kvtest.ErrorOf(buy(inner, of)), of.Note.Write(inner, "no"), mine))
				}}, buying(ctx))
				Expect(outcomes[2]).To(MatchError(mine))
				outcomes[2] = nil
				Expect(outcomes).To(succeed)
				sold(ctx, 3)
				Expect(c.others.Note.Exists(ctx)).To(BeFalse())
			}
		})

		It("go on without one that gives up waiting, or whose context ends in its function", func(ctx context.Context) {
			waiting, giveUp := context.WithCancel(ctx)
			running, stop := context.WithCancel(ctx)
			outcomes := c.rush(ctx, buyer{ctx, func(inner context.Context, of article) error {
				before := standing()
				giveUp()
				Eventually(standing).Should(BeNumerically("<", before))
				return kvtest.ErrorOf(buy(inner, of))
			}}, buying(waiting), buyer{running, func(inner context.Context, of article) error {
				_, err := buy(inner, of)
				stop()
				return errors.Join(err, of.Note.Write(inner, "no"))
			}}, buying(ctx))
			Expect(outcomes[1:3]).To(HaveEach(MatchError(context.Canceled)))
			Expect(outcomes[0]).To(Succeed())
			Expect(outcomes[3]).To(Succeed())
			sold(ctx, 2)
			Expect(c.others.Note.Exists(ctx)).To(BeFalse())
		})

		It("do not know what becomes of it when they stop waiting for the commit", func(ctx context.Context) {
			Eventually(func() error {
				short, cancel := context.WithCancel(ctx)
				outcomes := c.rush(ctx, buying(short), buyer{ctx, func(inner context.Context, of article) error {
					_, err := buy(inner, of)
					cancel()
					return err
				}}, buying(ctx))
				Expect(outcomes[1:]).To(succeed)
				sold(ctx, 3)
				return outcomes[0] // it may have learned of the commit first
			}).Should(And(MatchError(kv.ErrIndeterminate), MatchError(context.Canceled)))
		})

		It("are not kept waiting by one that waits for them", func(ctx context.Context) {
			turns.LongestShare.Set(time.Millisecond)
			Expect(c.rush(ctx, buying(ctx), buyer{ctx, func(inner context.Context, of article) error {
				_, err := buy(inner, of)
				Eventually(func() (int, error) { return c.others.Sales.Len(ctx) }).Should(BeNumerically(">", 0))
				return err
			}})).To(succeed)
			Expect(calls()[1]).To(BeNumerically(">", 1), "the first time the others went without it")
			sold(ctx, 2)
		})

		It("do not pay for what others have written", func(ctx context.Context) {
			push := func(inner context.Context, of article) error {
				return errors.Join(kvtest.ErrorOf(of.Stock.Decrement(inner, 1)), kvtest.ErrorOf(of.Queue.PushRight(inner, "x")))
			}
			Expect(c.rush(ctx, buyer{ctx, push}, buyer{ctx, func(inner context.Context, of article) error {
				err := push(inner, of)
				if err == nil {
					_, err = of.Queue.Range(inner, 0, 2)
				}
				return err
			}}, buyer{ctx, push})).To(succeed)
			Expect(calls()).To(Equal([]int64{1, 2, 1}), "the one that reads more begins anew by itself")
			Expect(c.trips.Of(drivers.OpSMembers)).To(Equal(1), "it reads all of its own value, of whatever type")
			Expect(c.others.Queue.Len(ctx)).To(Equal(3))
		})

		for refusing, op := range map[string]drivers.Op{"a commit": drivers.OpSet, "a read": drivers.OpGet} {
			It("are not refused for what one of them does: "+refusing, func(ctx context.Context) {
				store := open(ctx)
				store.Driver = drivers.Use(store.Driver, func(ctx context.Context, b *drivers.Batch, next drivers.Next) error {
					if slices.ContainsFunc(b.Items, func(item drivers.Item) bool {
						return item.Command.Op == op && strings.HasSuffix(item.Command.Key, ":note")
					}) {
						return drivers.ErrDenied
					}
					return next(ctx, b)
				})
				c = crowdOf(store)
				outcomes := c.rush(ctx, buying(ctx), buyer{ctx, func(inner context.Context, of article) error {
					_, err := buy(inner, of)
					return errors.Join(err, kvtest.ErrorOf(of.Note.ReadOr(inner, "")), of.Note.Write(inner, "x"))
				}}, buying(ctx))
				Expect(outcomes[1]).To(MatchError(drivers.ErrDenied))
				outcomes[1] = nil
				Expect(outcomes).To(succeed)
				sold(ctx, 2)
			})
		}

		It("are all told when the driver is closed meanwhile, and nothing is applied", func(ctx context.Context) {
			store := open(ctx)
			c = crowdOf(store)
			Expect(c.rush(ctx, buying(ctx), buyer{ctx, func(inner context.Context, of article) error {
				Expect(drivers.Close(store.Raw)).To(Succeed()) // may be called again
				return kvtest.ErrorOf(buy(inner, of))
			}}, buying(ctx))).To(HaveEach(MatchError(kv.ErrClosed)))
		})

		It("leave no goroutine behind", func(ctx context.Context) {
			before := gleak.Goroutines()
			Expect(c.rush(ctx, buying(ctx), buying(ctx), buying(ctx))).To(succeed)
			Eventually(gleak.Goroutines).ShouldNot(gleak.HaveLeaked(before))
		})
	})
})

var _ = Describe("When the connection of those breaks who commit together", func() {
	var (
		proxy *redisserver.Proxy
		c     *crowd
	)
	BeforeEach(func(ctx context.Context) {
		direct := kvtest.Redis(ctx)
		var err error
		proxy, err = redisserver.NewProxy(kvtest.Servers.Single.Addr())
		Expect(err).NotTo(HaveOccurred())
		client := redis.NewClient(&redis.Options{Addr: proxy.Addr(), ContextTimeoutEnabled: true, MaxRetries: 1})
		DeferCleanup(func() {
			Expect(client.Close()).To(Succeed())
			proxy.Close()
		})
		store := kvtest.New(redisdriver.New(client))
		store.Raw = direct
		c = crowdOf(store)
		patient()
	})
	buying := func(ctx context.Context) buyer {
		return buyer{ctx, func(inner context.Context, of article) error { return kvtest.ErrorOf(buy(inner, of)) }}
	}

	It("at a read, all begin anew", func(ctx context.Context) {
		dropped := false
		Expect(c.rush(ctx, buying(ctx), buyer{ctx, func(inner context.Context, of article) error {
			_, err := buy(inner, of)
			if !dropped {
				dropped = true
				proxy.DropReplies(1)
			}
			return errors.Join(err, kvtest.ErrorOf(of.Note.ReadOr(inner, "")))
		}}, buying(ctx))).To(HaveEach(BeNil()))
		Expect(c.others.Stock.Read(ctx)).To(BeEquivalentTo(97))
		Expect(proxy.Dropped()).To(BeTrue())
	})

	It("at the commit, it is ErrIndeterminate for each of them, and nothing happens twice", func(ctx context.Context) {
		outcomes := c.rush(ctx, buying(ctx), buying(ctx), buyer{ctx, func(inner context.Context, of article) error {
			_, err := buy(inner, of)
			proxy.DropReplies(1)
			return err
		}})
		Expect(c.others.Stock.Read(ctx)).To(BeEquivalentTo(97), "it was applied, and once")
		Expect(outcomes).To(HaveEach(MatchError(kv.ErrIndeterminate)))
	})
})
