package changes_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"math/rand/v2"
	"sync"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/drivers/memory"
	"github.com/kvstore-go/kvstore/kv"
	"github.com/kvstore-go/kvstore/kv/internal/kvtest"
)

// last is what a loop was told last.
type last struct {
	mutex sync.Mutex
	text  string
}

func (l *last) now() string {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	return l.text
}

// stateOf is a value as text, absent or not.
func stateOf(value any, err error) string {
	if errors.Is(err, kv.ErrNotFound) {
		return "absent"
	}
	return fmt.Sprint(value, err)
}

// lastOf keeps what a loop is told last.
func lastOf[T any](ctx context.Context, follow func(context.Context) iter.Seq2[T, error]) *last {
	GinkgoHelper()
	l, loop := &last{}, begin(ctx, follow)
	go func() {
		for next := range loop.given {
			l.mutex.Lock()
			if !errors.Is(next.Err, kv.ErrMissed) && !errors.Is(next.Err, context.Canceled) {
				l.text = stateOf(next.Value, next.Err)
			}
			l.mutex.Unlock()
		}
	}()
	return l
}

var _ = Describe("What a loop is told last", func() {
	kvtest.OnAllDrivers(func(open func(context.Context) kvtest.Backend) {
		It("is what is there, once all is quiet, whoever writes", func(ctx context.Context) {
			store, seed := open(ctx), GinkgoRandomSeed()
			room := kv.MustOpen(hall, store.Driver)
			number, tags := field[kv.IntField](room, "int"), field[kv.SetField](room, "set")
			numbers, sets, there := lastOf(ctx, number.Follow), lastOf(ctx, tags.Follow), lastOf(ctx, tags.Field.Follow)
			writeAll(ctx, clients(store), func(random *rand.Rand, driver drivers.Driver) {
				room := kv.MustOpen(hall, driver)
				number, tags := field[kv.IntField](room, "int"), field[kv.SetField](room, "set")
				switch random.IntN(5) {
				case 0:
					Expect(number.Erase(ctx)).Error().NotTo(HaveOccurred())
				case 1:
					Expect(number.Write(ctx, random.Int64N(100), kv.ExpireIn(time.Millisecond))).To(Succeed())
				case 2:
					Expect(number.Increment(ctx, 1)).Error().NotTo(HaveOccurred())
				case 3:
					Expect(tags.Write(ctx, []string{fmt.Sprint(random.IntN(4))})).To(Succeed())
				default:
					Expect(tags.Erase(ctx)).Error().NotTo(HaveOccurred())
				}
			}, seed)
			Eventually(func(g Gomega) {
				g.Expect(numbers.now()).To(Equal(stateOf(number.Read(ctx))))
				g.Expect(sets.now()).To(Equal(stateOf(tags.Read(ctx))))
				g.Expect(there.now()).To(Equal(stateOf(tags.Exists(ctx))))
			}).Should(Succeed())
		})
	})

	It("is what is there, and so is a copy, however much is missed", func(ctx context.Context) {
		seed := GinkgoRandomSeed()
		losing := &losing{Driver: memory.New(), random: rand.New(rand.NewPCG(uint64(seed), 7))}
		all := kv.MustOpen(players, losing, kv.At("players"))
		one := all.Take("p1")
		value, found := lastOf(ctx, one.Follow), copyOf(ctx, all.Find(byRating.AtLeast(5)))
		stored := replicaOf(ctx, kv.DynamicStore[kv.JSONField[player]](all))
		Eventually(value.now).Should(Equal("absent"), "it has begun")
		writeAll(ctx, []drivers.Driver{losing.Driver, losing.Driver, losing.Driver}, func(random *rand.Rand, driver drivers.Driver) {
			child := kv.MustOpen(players, driver, kv.At("players")).Take(fmt.Sprint("p", random.IntN(5)))
			if random.IntN(3) == 0 {
				Expect(child.Erase(ctx)).Error().NotTo(HaveOccurred())
			} else {
				Expect(child.Write(ctx, player{Rating: random.IntN(9)})).To(Succeed())
			}
		}, seed)
		Eventually(losing.hasLost).Should(BeTrue())
		losing.stop()
		Expect(one.Write(ctx, player{Rating: 7})).To(Succeed()) // what was lost is known at the latest when something is heard
		want := map[string]player{}
		for entry, err := range all.Find(byRating.AtLeast(5)).All(ctx) {
			Expect(err).NotTo(HaveOccurred())
			want[entry.Key] = entry.Value
		}
		Eventually(value.now).Should(Equal(stateOf(player{Rating: 7}, nil)))
		Eventually(found.now).Should(Equal(want))
		for entry, err := range all.All(ctx) {
			Expect(err).NotTo(HaveOccurred())
			want[entry.Key] = entry.Value
		}
		Eventually(stored.now).Should(Equal(want))
	})
})

// writeAll has several clients write at once.
func writeAll(ctx context.Context, clients []drivers.Driver, write func(random *rand.Rand, driver drivers.Driver), seed int64) {
	GinkgoHelper()
	var writers sync.WaitGroup
	for i, driver := range clients {
		writers.Go(func() {
			defer GinkgoRecover()
			random := rand.New(rand.NewPCG(uint64(seed), uint64(i)))
			for range 300 {
				write(random, driver)
			}
		})
	}
	writers.Wait()
}

// replicaOf keeps a copy of a store of documents.
func replicaOf[T any](ctx context.Context, store kv.KeyedStore[string, kv.JSONField[T]]) *replica[T] {
	GinkgoHelper()
	r, loop := &replica[T]{all: map[string]T{}}, begin(ctx, store.Follow)
	go func() {
		for next := range loop.given {
			r.apply(ctx, next)
		}
	}()
	return r
}

type replica[T any] struct {
	mutex sync.Mutex
	all   map[string]T
}

func (r *replica[T]) apply(ctx context.Context, next told[kv.Entry[string, kv.JSONField[T]]]) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	switch {
	case errors.Is(next.Err, kv.ErrMissed):
		clear(r.all)
		return
	case next.Err != nil:
		return
	}
	switch document, err := next.Value.Value.Read(ctx); {
	case errors.Is(err, kv.ErrNotFound):
		delete(r.all, next.Value.Key)
	case err == nil:
		r.all[next.Value.Key] = document
	}
}

func (r *replica[T]) now() map[string]T {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	all := map[string]T{}
	for key, document := range r.all {
		all[key] = document
	}
	return all
}

// losing is a driver whose followers miss changes now and then.
type losing struct {
	*memory.Driver
	mutex   sync.Mutex
	random  *rand.Rand
	stopped bool
	lost    int
}

func (l *losing) stop() {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	l.stopped = true
}

// loses is how many of the next changes are missed.
func (l *losing) loses() int {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	if l.stopped || l.lost > 0 && l.random.IntN(5) > 0 {
		return 0
	}
	n := 1 + l.random.IntN(5)
	l.lost += n
	return n
}

func (l *losing) hasLost() bool {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	return l.lost > 0
}

func (l *losing) isStopped() bool {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	return l.stopped
}

func (l *losing) Follow(ctx context.Context, keys []string, ready func()) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		deaf := 0
		for key, err := range l.Driver.Follow(ctx, keys, ready) {
			if err == nil && deaf == 0 {
				if deaf = l.loses(); deaf > 0 && !yield("", drivers.ErrMissed) {
					return
				}
			}
			if deaf > 0 && err == nil {
				if deaf--; deaf == 0 || l.isStopped() {
					deaf = 0
					ready()
				}
				continue
			}
			if !yield(key, err) {
				return
			}
		}
	}
}
