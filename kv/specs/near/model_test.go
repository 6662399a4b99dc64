package near_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strconv"
	"sync"
	"sync/atomic"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"github.com/samber/lo"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/kv"
	"github.com/kvstore-go/kvstore/kv/internal/kvtest"
)

// counters is a schema of numbers that only grow, each as a value of its own and in a map.
type counters struct {
	Values kv.DynamicStore[kv.StringField]           `kv:"values"`
	Maps   kv.DynamicStore[kv.MapField[string, int]] `kv:"maps"`
}

var counting = kv.AllNear(kv.Static("model").
	Field("values", kv.Dynamic(kv.String())).
	Field("maps", kv.Dynamic(kv.Map[int]())).
	As[counters]())

const (
	modelKeys    = 4
	modelWriters = 4
	modelWrites  = 250
	modelReaders = 4
)

// number is one of the counters: how it is read and written through a driver.
type number struct {
	path  string
	read  func(ctx context.Context, through counters) (int, error)
	write func(ctx context.Context, through counters, value int) error
}

func numbers() (all []number) {
	for i := range modelKeys {
		id := fmt.Sprint(i)
		all = append(all, number{
			"model:values:" + id,
			func(ctx context.Context, through counters) (int, error) {
				text, err := through.Values.Take(id).ReadOr(ctx, "0")
				if err != nil {
					return 0, err
				}
				return strconv.Atoi(text)
			},
			func(ctx context.Context, through counters, value int) error {
				return through.Values.Take(id).Write(ctx, strconv.Itoa(value))
			},
		}, number{
			"model:maps:" + id,
			func(ctx context.Context, through counters) (int, error) {
				value, err := through.Maps.Take(id).Get(ctx, "n")
				if value == 0 {
					err = nil // ErrNotFound
				}
				return value, err
			},
			func(ctx context.Context, through counters, value int) error {
				return through.Maps.Take(id).Put(ctx, "n", value)
			},
		})
	}
	return all
}

var _ = Describe("Many who write, through many clients, and many who read from near", func() {
	onAllDrivers(func(empty func(context.Context) func() store) {
		It("never read what is older than the news that has arrived, nor than what their own process wrote, and in the end all the same as is stored", func(ctx context.Context) {
			open := empty(ctx)
			plain := kv.MustOpen(counting, drivers.Driver(open()))
			all := numbers()
			var written [2 * modelKeys]struct {
				sync.Mutex
				last int
			}
			// Each process knows of each number how much it must be at least.
			type knowing struct {
				process
				counters
				least [2 * modelKeys]atomic.Int64
			}
			raise := func(least *atomic.Int64, to int) {
				for before := least.Load(); int64(to) > before && !least.CompareAndSwap(before, int64(to)); {
					before = least.Load()
				}
			}
			var over atomic.Bool
			processes := make([]*knowing, 2)
			for i := range processes {
				p := &knowing{process: around(open(), open(), kvtest.NewClock())}
				p.inside.telling = func(key string) func() {
					defer GinkgoRecover()
					for i := range all {
						if all[i].path == key {
							now, err := all[i].read(ctx, plain) // numbers only grow
							if err != nil && over.Load() {
								return func() {} // the spec has ended
							}
							Expect(err).NotTo(HaveOccurred())
							return func() { raise(&p.least[i], now) }
						}
					}
					return func() {}
				}
				p.counters = kv.MustOpen(counting, p.Driver)
				p.hears("model:values:0")
				processes[i] = p
			}
			// enough is once each process answered a good deal from near, and heard what made it drop some, or would have by now.
			enough := func(writes int) bool {
				return writes >= modelWrites && (writes >= 100*modelWrites || lo.EveryBy(processes, func(p *knowing) bool {
					stats := p.near.Stats()
					return stats.Hits > modelWrites && stats.Dropped > 0
				}))
			}
			var writers, readers sync.WaitGroup
			for w := range modelWriters {
				writers.Go(func() {
					defer GinkgoRecover()
					for writes := 0; !enough(writes); writes++ {
						at := rand.IntN(len(all))
						written[at].Lock()
						written[at].last++
						value := written[at].last
						through, own := plain, (*knowing)(nil)
						if w%2 == 0 {
							own = processes[w/2%2]
							through = own.counters
						}
						Expect(all[at].write(ctx, through, value)).To(Succeed())
						if own != nil {
							raise(&own.least[at], value)
						}
						written[at].Unlock()
					}
				})
			}
			for r := range modelReaders {
				p := processes[r%2]
				readers.Go(func() {
					defer GinkgoRecover()
					for !over.Load() {
						at := rand.IntN(len(all))
						least := p.least[at].Load()
						value, err := all[at].read(ctx, p.counters)
						Expect(err).NotTo(HaveOccurred())
						Expect(value).To(BeNumerically(">=", least), "what is older than it knew of "+all[at].path)
					}
				})
			}
			writers.Wait()
			over.Store(true)
			readers.Wait()
			for _, p := range processes {
				for i := range all {
					Eventually(func() (int, error) { return all[i].read(ctx, p.counters) }).Should(Equal(written[i].last))
				}
				Expect(p.near.Stats().Hits).To(BeNumerically(">", 0))
				Expect(p.near.Stats().Dropped).To(BeNumerically(">", 0))
			}
		})
	})
})
