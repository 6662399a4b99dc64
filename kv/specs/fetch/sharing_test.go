package fetch_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"github.com/onsi/gomega/gleak"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/drivers/memory"
	"github.com/kvstore-go/kvstore/kv"
	"github.com/kvstore-go/kvstore/kv/internal/kvtest"
)

// outcome is what a Fetch has returned.
type outcome struct {
	Value string
	Err   error
}

// crowd has so many fetch one title, and is where their outcomes come.
func crowd(ctx context.Context, number int, fetch func(ctx context.Context) (string, error)) <-chan outcome {
	outcomes := make(chan outcome, number)
	for range number {
		go func() {
			value, err := fetch(ctx)
			outcomes <- outcome{value, err}
		}()
	}
	return outcomes
}

var _ = Describe("Many who fetch the same", func() {
	kvtest.OnAllDrivers(func(open func(context.Context) kvtest.Backend) {
		var (
			store      kvtest.Backend
			one, other page // the same, of two programs
		)
		BeforeEach(func(ctx context.Context) {
			store = open(ctx)
			one = openPages(store).Take("1")
			other = openPages(kvtest.New(store.Raw)).Take("1")
			DeferCleanup(func() { Eventually(loading).Should(BeEmpty(), "nobody must be left") })
		})
		// waitingFor is until so many have found nothing.
		waitingFor := func(number int) {
			GinkgoHelper()
			Eventually(func() int { return store.Trips.Of(drivers.OpGet) }).Should(BeNumerically(">=", number))
		}

		It("load it once, in all programs, and all get it", func(ctx context.Context) {
			const number = 100
			var loads atomic.Int64
			gate := make(chan struct{})
			load := func(context.Context) (string, error) { loads.Add(1); <-gate; return "Foo", nil }
			ours := crowd(ctx, number, func(ctx context.Context) (string, error) { return one.Title.Fetch(ctx, load) })
			theirs := crowd(ctx, number, func(ctx context.Context) (string, error) { return other.Title.Fetch(ctx, load) })
			Eventually(loads.Load).Should(BeEquivalentTo(1))
			waitingFor(number)
			close(gate)
			for range number {
				Eventually(ours).Should(Receive(Equal(outcome{"Foo", nil})))
				Eventually(theirs).Should(Receive(Equal(outcome{"Foo", nil})))
			}
			Expect(loads.Load()).To(BeEquivalentTo(1))
		})

		It("get a document each", func(ctx context.Context) {
			gate := make(chan struct{})
			load := func(context.Context) (kvtest.Game, error) {
				<-gate
				return kvtest.Game{White: "ann", Moves: []string{"e4"}}, nil
			}
			var all sync.WaitGroup
			for range 10 {
				all.Go(func() {
					defer GinkgoRecover()
					game, err := one.Game.Fetch(ctx, load)
					Expect(err).NotTo(HaveOccurred())
					Expect(game.Moves).To(Equal([]string{"e4"}))
					game.Moves[0] = "d4" // which the race detector would see
				})
			}
			close(gate)
			all.Wait()
		})

		It("all get the error of load, and who comes later loads again", func(ctx context.Context) {
			gate := make(chan struct{})
			load := func(context.Context) (string, error) { <-gate; return "", errSource }
			outcomes := crowd(ctx, 10, func(ctx context.Context) (string, error) { return one.Title.Fetch(ctx, load) })
			waitingFor(11)
			close(gate)
			for range 10 {
				Eventually(outcomes).Should(Receive(HaveField("Err", MatchError(errSource))))
			}
			Expect(one.Title.Fetch(ctx, has("Foo"))).To(Equal("Foo"))
		})

		It("wait each until its own context ends, and load goes on for the others", func(ctx context.Context) {
			gate, loading := make(chan struct{}), make(chan context.Context, 1)
			load := func(ctx context.Context) (string, error) {
				loading <- ctx
				<-gate
				return "Foo", ctx.Err()
			}
			first, leave := context.WithCancel(ctx)
			gone := crowd(first, 1, func(ctx context.Context) (string, error) { return one.Title.Fetch(ctx, load) })
			var inner context.Context
			Eventually(loading).Should(Receive(&inner))
			stays := crowd(ctx, 1, func(ctx context.Context) (string, error) { return one.Title.Fetch(ctx, load) })
			Eventually(inWait).Should(Equal(2))
			leave()
			Eventually(gone).Should(Receive(HaveField("Err", MatchError(context.Canceled))))
			Expect(inner.Err()).NotTo(HaveOccurred())
			close(gate)
			Eventually(stays).Should(Receive(Equal(outcome{"Foo", nil})))
		})

		It("end the load with the last of them", func(ctx context.Context) {
			loading := make(chan struct{}, 2)
			load := func(ctx context.Context) (string, error) {
				loading <- struct{}{}
				<-ctx.Done()
				return "", ctx.Err()
			}
			calling, leave := context.WithCancel(ctx)
			gone := crowd(calling, 3, func(ctx context.Context) (string, error) { return one.Title.Fetch(ctx, load) })
			Eventually(loading).Should(Receive())
			leave()
			for range 3 {
				Eventually(gone).Should(Receive(HaveField("Err", MatchError(context.Canceled))))
			}
			Expect(other.Title.Fetch(ctx, has("Foo"))).To(Equal("Foo"))
		})

		It("get the panic of load as an error, and whatever else becomes of it", func(ctx context.Context) {
			for _, load := range []func(context.Context) (string, error){
				func(context.Context) (string, error) { panic("no more paper") },
				func(context.Context) (string, error) { runtime.Goexit(); return "", nil },
				nil,
			} {
				outcomes := crowd(ctx, 3, func(ctx context.Context) (string, error) { return one.Title.Fetch(ctx, load) })
				for range 3 {
					Eventually(outcomes).Should(Receive(HaveField("Err", HaveOccurred())))
				}
			}
			Expect(one.Title.Fetch(ctx, func(context.Context) (string, error) { panic("no more paper") })).Error().To(MatchError(ContainSubstring("no more paper")))
			Expect(one.Title.Fetch(ctx, has("Foo"))).To(Equal("Foo"))
		})

		It("do not wait for ever for a load that blocks for ever", func(ctx context.Context) {
			block := make(chan struct{})
			defer close(block)
			load := func(context.Context) (string, error) { <-block; return "late", nil }
			Expect(one.Title.Fetch(ctx, load, kv.LoadWithin(5*time.Millisecond))).Error().To(MatchError(context.DeadlineExceeded))
			Expect(other.Title.Fetch(ctx, has("Foo"))).To(Equal("Foo"), "others load in its place")
		})

		It("have nothing from a load that returns what another Fetch could not store", func(ctx context.Context) {
			value, err := one.Game.Fetch(ctx, fails[kvtest.Game](kv.ErrNotStored))
			Expect(err).To(And(MatchError(kv.ErrNotStored), Not(MatchError(kv.ErrInvalid))))
			Expect(value).To(BeZero())
		})

		It("refuse a load that waits for itself", func(ctx context.Context) {
			self := func(ctx context.Context) (string, error) { return one.Title.Fetch(ctx, has("Foo")) }
			Expect(one.Title.Fetch(ctx, self)).Error().To(MatchError(kv.ErrInvalid))
			around := func(ctx context.Context) (string, error) {
				text, err := one.Text.Fetch(ctx, func(ctx context.Context) ([]byte, error) {
					title, err := self(ctx)
					return []byte(title), err
				})
				return string(text), err
			}
			Expect(one.Title.Fetch(ctx, around)).Error().To(MatchError(kv.ErrInvalid))
			other := func(ctx context.Context) (string, error) {
				text, err := one.Text.Fetch(ctx, has([]byte("bar")))
				return string(text), err
			}
			Expect(one.Title.Fetch(ctx, other)).To(Equal("bar"))
		})

		It("get the values of a caller's context in load", func(ctx context.Context) {
			type key struct{}
			calling := context.WithValue(ctx, key{}, "trace")
			load := func(ctx context.Context) (string, error) { return fmt.Sprint(ctx.Value(key{})), nil }
			Expect(one.Title.Fetch(calling, load)).To(Equal("trace"))
		})

		It("keep what was written while it was loaded, and get that", func(ctx context.Context) {
			load := func(context.Context) (string, error) {
				defer GinkgoRecover()
				Expect(other.Title.Write(ctx, "written")).To(Succeed())
				return "loaded", nil
			}
			Expect(one.Title.Fetch(ctx, load)).To(Equal("written"))
			Expect(one.Title.Read(ctx)).To(Equal("written"))
			failing := func(context.Context) (room, error) {
				defer GinkgoRecover()
				Expect(other.Room.Write(ctx, room{Seats: 1})).To(Succeed())
				return room{}, errSource
			}
			Expect(one.Room.Fetch(ctx, failing)).To(Equal(room{Seats: 1}), "even where load fails")
		})

		It("store nothing that was loaded before it was to be forgotten", func(ctx context.Context) {
			for _, program := range []page{one, other} {
				load := func(context.Context) (string, error) {
					defer GinkgoRecover()
					Expect(program.Title.Forget(ctx)).To(BeFalse())
					Expect(program.Title.Fetch(ctx, has("new"))).To(Equal("new"), "who comes later does not wait for what is out of date")
					Expect(program.Title.Forget(ctx)).To(BeTrue())
					return "old", nil
				}
				Expect(one.Title.Fetch(ctx, load)).To(Equal("old"))
				Expect(one.Title.Exists(ctx)).To(BeFalse())
			}
		})

		It("store nothing once another has their lease", func(ctx context.Context) {
			load := func(context.Context) (string, error) {
				defer GinkgoRecover()
				for _, key := range kvtest.Collect(drivers.Scan(ctx, store.Raw, drivers.Command{Op: drivers.OpScanKeys, Key: "%fetch"})) {
					kvtest.Plant(ctx, store.Raw, key)
				}
				return "loaded", nil
			}
			Expect(one.Title.Fetch(ctx, load)).To(Equal("loaded"))
			Expect(one.Title.Exists(ctx)).To(BeFalse())
		})
	})

	It("get what was loaded beside the error that it could not be stored", func(ctx context.Context) {
		store := memory.New()
		full := errors.New("no more room")
		driver := drivers.Use(store, func(ctx context.Context, b *drivers.Batch, next drivers.Next) error {
			if b.Atomic {
				b.Fail(full)
				return full
			}
			return next(ctx, b)
		})
		one := openPages(kvtest.New(driver)).Take("1")
		title, err := one.Title.Fetch(ctx, has("Foo"))
		Expect(err).To(And(MatchError(kv.ErrNotStored), MatchError(full)))
		Expect(title).To(Equal("Foo"))
	})
})

// inWait is how many wait for a load.
func inWait() (number int) {
	for _, g := range gleak.Goroutines() {
		if g.State == "select" && strings.Contains(g.Backtrace, "(*airspace).wait") {
			number++
		}
	}
	return number
}

// loading are the goroutines that are about a load.
func loading() (ours []string) {
	for _, g := range gleak.Goroutines() {
		if strings.Contains(g.Backtrace, "/kv/fetch_") {
			ours = append(ours, g.Backtrace)
		}
	}
	return ours
}
