package transactions_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/anishathalye/porcupine"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kvstore-go/kvstore/kv"
	"github.com/kvstore-go/kvstore/kv/internal/kvtest"
)

// transfersEach is how many transfers each of 16 goroutines makes: KVSTORE_TRANSFERS, or
// as many as a run in passing has the time for.
func transfersEach(store kvtest.Backend) int {
	GinkgoHelper()
	each := 2000
	if store.Remote() {
		each = 250
	}
	if text, set := os.LookupEnv("KVSTORE_TRANSFERS"); set {
		var err error
		each, err = strconv.Atoi(text)
		Expect(err).NotTo(HaveOccurred())
	}
	return each
}

var _ = Describe("Transfers between accounts", func() {
	kvtest.OnAllDrivers(func(open func(context.Context) kvtest.Backend) {
		const goroutines, number, opening = 16, 8, 1000

		// transfers makes them all, by transfer, and returns what is in all accounts at the end.
		transfers := func(ctx context.Context, store kvtest.Backend, each int, transfer func(from, to kv.StringField, amount int) func(kv.DynamicStore[kv.StringField]) error) int {
			GinkgoHelper()
			bank := kv.MustOpen(kvtest.Bank, store.Driver)
			accounts := bank.Take(kvtest.Accounts)
			for i := range number {
				Expect(accounts.Take(fmt.Sprint(i)).Write(ctx, fmt.Sprint(opening))).To(Succeed())
			}
			store.Trips.Reset()
			var wait sync.WaitGroup
			failures := make([]error, goroutines)
			var tries atomic.Int64
			start := time.Now()
			for g := range goroutines {
				wait.Go(func() {
					rng := rand.New(rand.NewPCG(uint64(GinkgoRandomSeed()), uint64(g)))
					for range each {
						pair := rng.Perm(number)
						from, to, amount := fmt.Sprint(pair[0]), fmt.Sprint(pair[1]), rng.IntN(100)
						if failures[g] = kv.Atomic(ctx, accounts, func(ctx context.Context, tx kv.DynamicStore[kv.StringField]) error {
							tries.Add(1)
							return transfer(tx.Take(from), tx.Take(to), amount)(tx)
						}); failures[g] != nil {
							return
						}
					}
				})
			}
			wait.Wait()
			Expect(errors.Join(failures...)).NotTo(HaveOccurred())
			took := time.Since(start)
			AddReportEntry(fmt.Sprintf("16 × %d transfers in %v: %.2f tries and %.2f round trips each", each, took.Round(time.Millisecond),
				float64(tries.Load())/float64(goroutines*each), float64(store.Trips.Taken())/float64(goroutines*each)))
			total := 0
			for i := range number {
				held, err := balance(ctx, accounts.Take(fmt.Sprint(i)))
				Expect(err).NotTo(HaveOccurred())
				total += held
			}
			return total
		}

		It("conserve the total, and let nobody see half of one", func(ctx context.Context) {
			store := open(ctx)
			opened := kv.MustOpen(kvtest.Bank, store.Raw).Take(kvtest.Accounts)
			for i := range number { // before the auditor comes
				Expect(opened.Take(fmt.Sprint(i)).Write(ctx, fmt.Sprint(opening))).To(Succeed())
			}
			auditing, stop := context.WithCancel(ctx)
			audited := make(chan error)
			audits := 0
			go func() {
				defer GinkgoRecover()
				defer close(audited)
				for last := false; !last; {
					last = auditing.Err() != nil // when all is quiet
					total, err := audit(ctx, opened, number)
					if errors.Is(err, kv.ErrConflict) {
						continue // too busy
					}
					if err == nil && total != number*opening {
						err = fmt.Errorf("an auditor saw %d", total)
					}
					if err != nil {
						audited <- err
						return
					}
					audits++
					time.Sleep(10 * time.Millisecond)
				}
			}()
			total := transfers(ctx, store, transfersEach(store), func(from, to kv.StringField, amount int) func(kv.DynamicStore[kv.StringField]) error {
				return func(kv.DynamicStore[kv.StringField]) error {
					return errors.Join(deposit(ctx, from, -amount), deposit(ctx, to, amount))
				}
			})
			stop()
			Expect(<-audited).NotTo(HaveOccurred())
			Expect(total).To(Equal(number * opening))
			Expect(audits).To(BeNumerically(">", 0))
		})

		It("would not if they did not watch what they read", func(ctx context.Context) {
			store := open(ctx)
			total := transfers(ctx, store, 200, func(from, to kv.StringField, amount int) func(kv.DynamicStore[kv.StringField]) error {
				outside := kv.MustOpen(kvtest.Bank, store.Raw).Take(kvtest.Accounts)
				return func(kv.DynamicStore[kv.StringField]) error {
					for account, change := range map[kv.StringField]int{from: -amount, to: amount} {
						held, err := balance(ctx, outside.Take(account.Path()[len(account.Path())-1:]))
						if err != nil {
							return err
						}
						if err := account.Write(ctx, strconv.Itoa(held+change)); err != nil {
							return err
						}
					}
					return nil
				}
			})
			Expect(total).NotTo(Equal(number*opening), "this spec could not tell")
		})
	})
})

// audit adds up what is in the accounts, in one transaction that reads them together.
func audit(ctx context.Context, accounts kv.DynamicStore[kv.StringField], number int) (total int, err error) {
	err = kv.Atomic(ctx, accounts, func(ctx context.Context, tx kv.DynamicStore[kv.StringField]) error {
		total = 0
		for i := range number {
			held, err := balance(ctx, tx.Take(fmt.Sprint(i)))
			if err != nil {
				return err
			}
			total += held
		}
		return nil
	})
	return total, err
}

// registerInput is an operation on a register: a read, a write, or a compare-and-set.
type registerInput struct {
	kind          string // read, write, cas
	expected, new int
}

type registerOutput struct {
	value int
	done  bool // of a cas
}

// register is what a register is specified to do.
var register = porcupine.Model{
	Init: func() any { return 0 },
	Step: func(state, input, output any) (bool, any) {
		in, out := input.(registerInput), output.(registerOutput)
		switch in.kind {
		case "read":
			return out.value == state, state
		case "write":
			return true, in.new
		default:
			if out.done {
				return in.expected == state, in.new
			}
			return in.expected != state, state
		}
	},
	DescribeOperation: func(input, output any) string { return fmt.Sprintf("%+v: %+v", input, output) },
}

// history lets clients operate on one register at once, and records when each
// operation began and ended.
func history(clients, each int, call func(in registerInput) (registerOutput, error)) []porcupine.Operation {
	GinkgoHelper()
	var (
		mutex sync.Mutex
		all   []porcupine.Operation
		wait  sync.WaitGroup
		start = time.Now()
	)
	failures := make([]error, clients)
	for client := range clients {
		wait.Go(func() {
			rng := rand.New(rand.NewPCG(uint64(GinkgoRandomSeed()), uint64(client)))
			for range each {
				in := registerInput{[]string{"read", "write", "cas", "cas"}[rng.IntN(4)], rng.IntN(4), rng.IntN(4)}
				called := time.Since(start)
				out, err := call(in)
				if failures[client] = err; err != nil {
					return
				}
				mutex.Lock()
				all = append(all, porcupine.Operation{
					ClientId: client, Input: in, Call: called.Nanoseconds(), Output: out, Return: time.Since(start).Nanoseconds(),
				})
				mutex.Unlock()
			}
		})
	}
	wait.Wait()
	Expect(errors.Join(failures...)).NotTo(HaveOccurred())
	Expect(all).To(HaveLen(clients * each))
	return all
}

var _ = Describe("Histories of a register", func() {
	kvtest.OnAllDrivers(func(open func(context.Context) kvtest.Backend) {
		const clients, each = 8, 60
		var field kv.StringField
		BeforeEach(func(ctx context.Context) {
			field = kv.MustOpen(kv.String(), open(ctx).Driver, kv.At("register"))
			Expect(field.Write(ctx, "0")).To(Succeed())
		})

		linearizable := func(operations []porcupine.Operation) porcupine.CheckResult {
			return porcupine.CheckOperationsTimeout(register, operations, 0) // however long that takes
		}

		It("are linearizable by Read, Write and Update", func(ctx context.Context) {
			refused := errors.New("another value")
			Expect(linearizable(history(clients, each, func(in registerInput) (out registerOutput, err error) {
				switch in.kind {
				case "read":
					out.value, err = balance(ctx, field)
				case "write":
					err = field.Write(ctx, strconv.Itoa(in.new))
				default:
					_, err = field.Update(ctx, func(text string) (string, error) {
						if text != strconv.Itoa(in.expected) {
							return "", refused
						}
						return strconv.Itoa(in.new), nil
					})
					if out.done = err == nil; errors.Is(err, refused) {
						err = nil
					}
				}
				return out, err
			}))).To(Equal(porcupine.Ok))
		})

		It("are linearizable by Atomic", func(ctx context.Context) {
			Expect(linearizable(history(clients, each, func(in registerInput) (registerOutput, error) {
				return byAtomic(ctx, field, in, func() {})
			}))).To(Equal(porcupine.Ok))
		})

		// amid is the history of a compare-and-set, and of another that is executed in the
		// moment at which the first calls between.
		amid := func(ctx context.Context, compareAndSet func(in registerInput, between func()) (registerOutput, error)) []porcupine.Operation {
			GinkgoHelper()
			one, other := registerInput{"cas", 0, 1}, registerInput{"cas", 0, 2}
			var inner registerOutput
			outer, err := compareAndSet(one, func() {
				var err error
				inner, err = byAtomic(ctx, field, other, func() {})
				Expect(err).NotTo(HaveOccurred())
			})
			Expect(err).NotTo(HaveOccurred())
			return []porcupine.Operation{
				{ClientId: 0, Input: one, Call: 0, Output: outer, Return: 3},
				{ClientId: 1, Input: other, Call: 1, Output: inner, Return: 2},
			}
		}

		It("are linearizable where another compare-and-set comes in between", func(ctx context.Context) {
			tries := 0
			Expect(linearizable(amid(ctx, func(in registerInput, between func()) (registerOutput, error) {
				return byAtomic(ctx, field, in, func() {
					if tries++; tries == 1 {
						between()
					}
				})
			}))).To(Equal(porcupine.Ok))
			Expect(tries).To(Equal(2))
		})

		It("are not if the compare-and-set is made of a read and a write, which is noticed", func(ctx context.Context) {
			Expect(linearizable(amid(ctx, func(in registerInput, between func()) (out registerOutput, err error) {
				held, err := balance(ctx, field)
				if err != nil || held != in.expected {
					return out, err
				}
				between()
				return registerOutput{done: true}, field.Write(ctx, strconv.Itoa(in.new))
			}))).To(Equal(porcupine.Illegal))
		})

		It("are not if a transaction does not watch what it reads, which is noticed", func(ctx context.Context) {
			Expect(linearizable(amid(ctx, func(in registerInput, between func()) (out registerOutput, err error) {
				err = kv.Atomic(ctx, field, func(_ context.Context, tx kv.StringField) error {
					held, err := balance(ctx, field) // from outside
					if out.done = err == nil && held == in.expected; !out.done {
						return err
					}
					between()
					return tx.Write(ctx, strconv.Itoa(in.new))
				})
				return out, err
			}))).To(Equal(porcupine.Illegal))
		})
	})
})

// byAtomic makes a transaction of an operation, which calls hasRead once it has read.
func byAtomic(ctx context.Context, field kv.StringField, in registerInput, hasRead func()) (out registerOutput, err error) {
	err = kv.Atomic(ctx, field, func(ctx context.Context, tx kv.StringField) error {
		if in.kind == "write" {
			return tx.Write(ctx, strconv.Itoa(in.new))
		}
		held, err := balance(ctx, tx)
		hasRead()
		out = registerOutput{held, in.kind == "cas" && held == in.expected}
		if err != nil || !out.done {
			return err
		}
		return tx.Write(ctx, strconv.Itoa(in.new))
	})
	return out, err
}
