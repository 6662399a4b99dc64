package batches_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync/atomic"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"github.com/onsi/gomega/gleak"
	"github.com/redis/go-redis/v9"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/drivers/memory"
	"github.com/kvstore-go/kvstore/drivers/redisdriver"
	"github.com/kvstore-go/kvstore/kv"
	"github.com/kvstore-go/kvstore/kv/internal/kvtest"
)

var _ = Describe("A batch", func() {
	kvtest.OnAllDrivers(func(open func(context.Context) kvtest.Backend) {
		var (
			store kvtest.Backend
			desk  kv.StaticStore
			games kv.DynamicStore[kv.StaticStore]
		)
		BeforeEach(func(ctx context.Context) {
			store = open(ctx)
			desk = kv.MustOpen(kvtest.Desk, store.Driver)
			games = kv.MustOpen(kv.Dynamic(kvtest.Desk), store.Driver, kv.At("desks"))
			store.Trips.Reset()
		})

		It("executes a hundred mixed operations in one round trip, and gives each its typed result", func(ctx context.Context) {
			var (
				batch kv.Batch
				moves []*kv.Result[kvtest.Game]
				sizes []*kv.Result[int]
				sums  []*kv.Result[int64]
				texts []*kv.Result[string]
			)
			bound := batch.Bind(games)
			for i := range 10 {
				desk := bound.Take(fmt.Sprint(i)) // of as many slots
				game := kvtest.Game{White: fmt.Sprint("player ", i)}
				batch.Exec(func(ctx context.Context) error { return desk.Take(kvtest.Current).Write(ctx, game) })
				batch.Exec(func(ctx context.Context) error { return desk.Take(kvtest.Note).Write(ctx, fmt.Sprint("note ", i)) })
				batch.Do(func(ctx context.Context) (int, error) { return desk.Take(kvtest.Tags).Add(ctx, "red", fmt.Sprint(i)) })
				batch.Do(func(ctx context.Context) (int64, error) { return desk.Take(kvtest.Counts).Increment(ctx, 3, int64(i)) })
				batch.Do(func(ctx context.Context) (int64, error) { return desk.Take(kvtest.Windows).Increment(ctx, 0, 1) })
				moves = append(moves, batch.Do(desk.Take(kvtest.Current).Read))
				sizes = append(sizes, batch.Do(desk.Take(kvtest.Tags).Len))
				texts = append(texts, batch.Do(desk.Take(kvtest.Note).Read))
				sums = append(sums, batch.Do(func(ctx context.Context) (int64, error) { return desk.Take(kvtest.Counts).Sum(ctx, 0, 10) }))
				batch.Do(desk.Take(kvtest.Online).Exists)
			}
			Expect(batch.Run(ctx)).To(Succeed())
			Expect(store.Trips.Taken()).To(Equal(1))
			Expect(store.Trips.Sent()[0].Items).To(HaveLen(100))
			for i := range 10 {
				Expect(moves[i].Get()).To(Equal(kvtest.Game{White: fmt.Sprint("player ", i)}))
				Expect(sizes[i].Get()).To(Equal(2))
				Expect(texts[i].Get()).To(Equal(fmt.Sprint("note ", i)))
				Expect(sums[i].Get()).To(BeEquivalentTo(i))
			}
			Expect(games.Take("7").Take(kvtest.Current).Read(ctx)).To(Equal(kvtest.Game{White: "player 7"}))
		})

		It("executes them in their order, and each as it would be alone", func(ctx context.Context) {
			var batch kv.Batch
			note := batch.Bind(desk).Take(kvtest.Note)
			before := batch.Do(note.Exists)
			batch.Exec(func(ctx context.Context) error { return note.Write(ctx, "a") })
			longer := batch.Do(func(ctx context.Context) (int, error) { return note.Append(ctx, "b") })
			swapped := batch.Do(func(ctx context.Context) (kv.Previous[string], error) { return note.Swap(ctx, "c") })
			after := batch.Do(note.Read)
			names := batch.Do(batch.Bind(desk).Keys)
			erased := batch.Do(func(ctx context.Context) (int, error) { return batch.Bind(desk).Erase(ctx) })
			gone := batch.Do(note.Exists)
			Expect(batch.Run(ctx)).To(Succeed())
			Expect(before.Get()).To(BeFalse())
			Expect(longer.Get()).To(Equal(2))
			Expect(swapped.Get()).To(Equal(kv.Previous[string]{Value: "ab", Exists: true}))
			Expect(after.Get()).To(Equal("c"))
			Expect(names.Get()).To(Equal([]string{"note"}))
			Expect(erased.Get()).To(Equal(1))
			Expect(gone.Get()).To(BeFalse())
			Expect(store.Trips.Taken()).To(Equal(1))
		})

		It("has results that stay what they are, whatever batches run afterwards", func(ctx context.Context) {
			tagsOf := func(id string, tags ...string) (members *kv.Result[[]string], game *kv.Result[kvtest.Game]) {
				var batch kv.Batch
				desk := batch.Bind(games).Take(id)
				batch.Do(func(ctx context.Context) (int, error) { return desk.Take(kvtest.Tags).Add(ctx, tags...) })
				batch.Exec(func(ctx context.Context) error { return desk.Take(kvtest.Current).Write(ctx, kvtest.Game{White: id}) })
				members, game = batch.Do(desk.Take(kvtest.Tags).Read), batch.Do(desk.Take(kvtest.Current).Read)
				Expect(batch.Run(ctx)).To(Succeed())
				return members, game
			}
			members, game := tagsOf("a", "red", "white")
			for i := range 20 {
				later, _ := tagsOf(fmt.Sprint(i), "green")
				Expect(later.Get()).To(ConsistOf("green"))
			}
			Expect(members.Get()).To(ConsistOf("red", "white"))
			Expect(game.Get()).To(Equal(kvtest.Game{White: "a"}))
		})

		It("does not let one operation that failed hide the others", func(ctx context.Context) {
			_, err := store.Raw.Do(ctx, drivers.Command{Op: drivers.OpSet, Key: "desk:tags", Value: "foreign"})
			Expect(err).NotTo(HaveOccurred())
			_, err = store.Raw.Do(ctx, drivers.Command{Op: drivers.OpSet, Key: "desk:brief", Value: "foreign"})
			Expect(err).NotTo(HaveOccurred())
			var batch kv.Batch
			bound := batch.Bind(desk)
			wrongType := batch.Do(bound.Take(kvtest.Tags).Read)
			invalid := batch.Exec(func(ctx context.Context) error { return bound.Take(kvtest.Current).Write(ctx, kvtest.Game{}) })
			undeclared := batch.Do(bound.Take[kv.StringField]("nope").Read)
			corrupt := batch.Do(bound.Take(kvtest.Brief).Read)
			absent := batch.Do(bound.Take(kvtest.Code).Read)
			refused := batch.Exec(func(ctx context.Context) error { return bound.Take(kvtest.Code).Write(ctx, "1", kv.IfExists) })
			overflow := batch.Exec(func(ctx context.Context) error { return bound.Take(kvtest.Votes).Put(ctx, 0, 99) })
			beyond := batch.Do(func(ctx context.Context) (int64, error) { return bound.Take(kvtest.Counts).Get(ctx, -1) })
			fine := batch.Do(func(ctx context.Context) (int, error) { return bound.Take(kvtest.Online).Add(ctx, "ann") })
			err = batch.Run(ctx)
			for result, class := range map[error]error{
				kvtest.ErrorOf(wrongType.Get()): kv.ErrWrongType, kvtest.ErrorOf(invalid.Get()): kv.ErrInvalid, kvtest.ErrorOf(undeclared.Get()): kv.ErrUndeclared,
				kvtest.ErrorOf(corrupt.Get()): kv.ErrCorrupt, kvtest.ErrorOf(refused.Get()): kv.ErrConditionFailed,
				kvtest.ErrorOf(overflow.Get()): kv.ErrOverflow, kvtest.ErrorOf(beyond.Get()): kv.ErrInvalid,
			} {
				Expect(result).To(MatchError(class))
				Expect(err).To(MatchError(ContainSubstring(result.Error())), "Run joins what failed")
			}
			Expect(absent.Get()).Error().To(MatchError(kv.ErrNotFound))
			Expect(err).NotTo(MatchError(kv.ErrNotFound), "absence is what a batch of reads should be ready for")
			Expect(fine.Get()).To(Equal(1))
			Expect(store.Trips.Taken()).To(Equal(1))
		})

		It("is no failure where all that is wrong is that something is absent", func(ctx context.Context) {
			var batch kv.Batch
			absent := batch.Do(batch.Bind(desk).Take(kvtest.Note).Read)
			Expect(batch.Run(ctx)).To(Succeed())
			Expect(absent.Get()).Error().To(MatchError("kv: Read desk:note: not found"))
		})

		It("says so of an operation that cannot be batched, which has changed nothing", func(ctx context.Context) {
			Expect(desk.Take(kvtest.Note).Write(ctx, "a")).To(Succeed())
			Expect(desk.Take(kvtest.Current).Write(ctx, kvtest.Game{White: "ann"})).To(Succeed())
			Expect(games.Take("7").Take(kvtest.Note).Write(ctx, "b")).To(Succeed())
			var batch kv.Batch
			bound, many := batch.Bind(desk), batch.Bind(games)
			rename := func(g *kvtest.Game) error { g.White = "bob"; return nil }
			failures := []func() error{
				getter(batch.Do(func(ctx context.Context) (string, error) {
					return bound.Take(kvtest.Note).Update(ctx, func(s string) (string, error) { return s + "!", nil })
				})),
				getter(batch.Do(func(ctx context.Context) (kvtest.Game, error) { return bound.Take(kvtest.Current).Update(ctx, rename) })),
				getter(batch.Do(func(ctx context.Context) (kvtest.Game, error) { return bound.Take(kvtest.Current).Upsert(ctx, rename) })),
				getter(batch.Do(func(ctx context.Context) (kvtest.Game, error) { return bound.Take(kvtest.Brief).Upsert(ctx, rename) })),
				getter(batch.Do(func(ctx context.Context) (kv.Previous[kvtest.Game], error) {
					return bound.Take(kvtest.Current).Swap(ctx, kvtest.Game{White: "bob"})
				})),
				getter(batch.Do(many.Len)),
				getter(batch.Do(func(ctx context.Context) (int, error) { return many.Erase(ctx) })),
				getter(batch.Exec(func(ctx context.Context) error {
					return kv.Atomic(ctx, bound, func(context.Context, kv.StaticStore) error { return nil })
				})),
			}
			other := batch.Do(bound.Take(kvtest.Note).Read)
			Expect(batch.Run(ctx)).To(MatchError(errors.ErrUnsupported))
			within := len(failures) - 1 // a transaction, which is a mistake
			Expect(failures[within]()).To(MatchError(kv.ErrInvalid))
			for i, failure := range failures {
				Expect(i == within || errors.Is(failure(), errors.ErrUnsupported)).To(BeTrue(), "%d: %v", i, failure())
				Expect(failure()).To(MatchError(ContainSubstring("batch")), fmt.Sprint(i))
			}
			Expect(other.Get()).To(Equal("a"))
			Expect(desk.Take(kvtest.Current).Read(ctx)).To(Equal(kvtest.Game{White: "ann"}))
			Expect(desk.Take(kvtest.Brief).Exists(ctx)).To(BeFalse())
			Expect(games.Take("7").Take(kvtest.Note).Read(ctx)).To(Equal("b"))
		})

		It("is sent in chunks of a thousand commands", func(ctx context.Context) {
			var batch kv.Batch
			sum := make([]*kv.Result[int], 2500)
			tags := batch.Bind(desk).Take(kvtest.Tags)
			for i := range sum {
				sum[i] = batch.Do(func(ctx context.Context) (int, error) { return tags.Add(ctx, fmt.Sprint(i%2000)) })
			}
			Expect(batch.Run(ctx)).To(Succeed())
			Expect(store.Trips.Taken()).To(Equal(3))
			Expect(sum[1999].Get()).To(Equal(1))
			Expect(sum[2000].Get()).To(Equal(0))
			Expect(desk.Take(kvtest.Tags).Len(ctx)).To(Equal(2000))
		})

		It("is sent in chunks of eight megabytes", func(ctx context.Context) {
			var batch kv.Batch
			bound := batch.Bind(games)
			for i := range 12 {
				batch.Exec(func(ctx context.Context) error {
					return bound.Take(fmt.Sprint(i)).Take(kvtest.Note).Write(ctx, strings.Repeat("x", 1<<20))
				})
				batch.Do(func(ctx context.Context) (int, error) {
					return bound.Take(fmt.Sprint(i)).Take(kvtest.Tags).Add(ctx, strings.Repeat("x", 1<<20))
				})
			}
			Expect(batch.Run(ctx)).To(Succeed())
			Expect(store.Trips.Taken()).To(Equal(3))
			Expect(games.Take("11").Take(kvtest.Note).Len(ctx)).To(Equal(1 << 20))
		})

		It("takes views, and what is taken from them, all the way down", func(ctx context.Context) {
			hall := kv.MustOpen(kvtest.Hall, store.Driver)
			var batch kv.Batch
			bound := batch.Bind(hall)
			added := batch.Do(func(ctx context.Context) (int, error) { return bound.Lobby.Members.Add(ctx, "ann") })
			batch.Exec(func(ctx context.Context) error { return bound.Lobby.Config.Write(ctx, kvtest.RoomConfig{Seats: 3}) })
			batch.Exec(func(ctx context.Context) error { return bound.Motto.Write(ctx, "hi") })
			motto := batch.Do(bound.Take[kv.StringField]("motto").Read)
			names := batch.Do(bound.Keys)
			Expect(store.Trips.Taken()).To(Equal(0))
			Expect(batch.Run(ctx)).To(Succeed())
			Expect(store.Trips.Taken()).To(Equal(1))
			Expect(added.Get()).To(Equal(1))
			Expect(motto.Get()).To(Equal("hi"))
			Expect(names.Get()).To(Equal([]string{"lobby", "motto"}))
			Expect(hall.Lobby.Members.Len(ctx)).To(Equal(1), "the handle that was bound is as it was")
		})

		It("ends where its context ends: what was sent has its results, and a re-run finishes the job", func(ctx context.Context) {
			half, cancel := context.WithCancel(ctx)
			defer cancel()
			trips := 0
			driver := drivers.Use(store.Raw, func(ctx context.Context, b *drivers.Batch, next drivers.Next) error {
				if trips++; trips == 2 {
					cancel()
				}
				return next(ctx, b)
			})
			write := func() (*kv.Batch, []*kv.Result[int]) {
				batch, results := &kv.Batch{}, make([]*kv.Result[int], 2500)
				tags := batch.Bind(kv.MustOpen(kvtest.Desk, driver)).Take(kvtest.Tags)
				for i := range results {
					results[i] = batch.Do(func(ctx context.Context) (int, error) { return tags.Add(ctx, fmt.Sprint(i)) })
				}
				return batch, results
			}
			batch, results := write()
			err := batch.Run(half)
			Expect(err).To(MatchError(context.Canceled))
			Expect(err).NotTo(MatchError(kv.ErrIndeterminate), "they were not sent")
			Expect(results[999].Get()).To(Equal(1))
			Expect(results[1000].Get()).Error().To(MatchError(context.Canceled))
			Expect(results[2499].Get()).Error().To(MatchError(context.Canceled))
			Expect(desk.Take(kvtest.Tags).Len(ctx)).To(Equal(1000))

			batch, results = write()
			Expect(batch.Run(ctx)).To(Succeed())
			Expect(results[999].Get()).To(Equal(0))
			Expect(results[2499].Get()).To(Equal(1))
			Expect(desk.Take(kvtest.Tags).Len(ctx)).To(Equal(2500))
		})

		It("sends nothing when its context is over", func(ctx context.Context) {
			over, cancel := context.WithCancel(ctx)
			cancel()
			var batch kv.Batch
			note := batch.Bind(desk).Take(kvtest.Note)
			written := batch.Exec(func(ctx context.Context) error { return note.Write(ctx, "x") })
			Expect(batch.Run(over)).To(MatchError(context.Canceled))
			Expect(written.Get()).Error().To(And(MatchError(context.Canceled), Not(MatchError(kv.ErrIndeterminate))))
			Expect(desk.Take(kvtest.Note).Exists(ctx)).To(BeFalse())
		})

		It("says so when the driver is closed", func(ctx context.Context) {
			var batch kv.Batch
			read := batch.Do(batch.Bind(desk).Take(kvtest.Note).Read)
			Expect(drivers.Close(store.Driver)).To(Succeed())
			Expect(batch.Run(ctx)).To(MatchError(kv.ErrClosed))
			Expect(read.Get()).Error().To(MatchError(kv.ErrClosed))
		})

		It("refuses operations of handles that are not bound to it, and sends nothing of them", func(ctx context.Context) {
			var batch, other kv.Batch
			foreign := other.Bind(desk).Take(kvtest.Note)
			loose := batch.Exec(func(ctx context.Context) error { return desk.Take(kvtest.Note).Write(ctx, "loose") })
			others := batch.Exec(func(ctx context.Context) error { return foreign.Write(ctx, "other's") })
			fine := batch.Do(batch.Bind(desk).Take(kvtest.Note).Exists)
			Expect(batch.Run(ctx)).To(MatchError(kv.ErrInvalid))
			Expect(loose.Get()).Error().To(MatchError(ContainSubstring("a handle that is not bound to the batch")))
			Expect(others.Get()).Error().To(MatchError(kv.ErrInvalid))
			Expect(fine.Get()).To(BeFalse())
		})
	})

	Describe("that is used wrongly", func() {
		var desk kv.StaticStore
		var batch kv.Batch
		BeforeEach(func() {
			desk, batch = kv.MustOpen(kvtest.Desk, memory.New()), kv.Batch{}
		})

		It("has no results before it ran", func(ctx context.Context) {
			result := batch.Do(batch.Bind(desk).Take(kvtest.Note).Exists)
			Expect(result.Get()).Error().To(MatchError("kv: Get (batch): invalid value: the batch has not run"))
			Expect(batch.Run(ctx)).To(Succeed())
			Expect(result.Get()).To(BeFalse())
		})
		It("has no results where there is no operation", func(ctx context.Context) {
			var result *kv.Result[string]
			Expect(result.Get()).Error().To(MatchError("kv: Get (batch): invalid value: the result is nil: it is of no operation"))
		})

		It("runs once", func(ctx context.Context) {
			batch.Do(batch.Bind(desk).Take(kvtest.Note).Exists)
			Expect(batch.Run(ctx)).To(Succeed())
			Expect(batch.Run(ctx)).To(MatchError("kv: Run (batch): invalid value: the batch has run"))
			late := batch.Do(batch.Bind(desk).Take(kvtest.Note).Exists)
			Expect(late.Get()).Error().To(MatchError(kv.ErrInvalid))
		})
		It("is nothing to do while it is empty", func(ctx context.Context) {
			Expect(batch.Run(ctx)).To(Succeed())
			var bound kv.Batch
			bound.Bind(desk)
			Expect(bound.Run(ctx)).To(Succeed())
		})
		It("lets a bound handle do nothing by itself", func(ctx context.Context) {
			note := batch.Bind(desk).Take(kvtest.Note)
			Expect(note.Write(ctx, "x")).To(MatchError("kv: Write desk:note: invalid value: a handle of a batch does nothing by itself: hand its operations to Do"))
			Expect(batch.Run(ctx)).To(Succeed())
			Expect(note.Write(ctx, "x")).To(MatchError(kv.ErrInvalid))
			Expect(desk.Take(kvtest.Note).Exists(ctx)).To(BeFalse())
		})
		It("refuses handles of two drivers", func(ctx context.Context) {
			batch.Bind(desk)
			written := batch.Exec(func(ctx context.Context) error { return nil })
			batch.Bind(kv.MustOpen(kvtest.Desk, memory.New()))
			Expect(batch.Run(ctx)).To(MatchError(ContainSubstring("opened on another driver")))
			Expect(written.Get()).Error().To(MatchError(kv.ErrInvalid), "it has not run")
		})
		It("refuses a view of two drivers", func(ctx context.Context) {
			type pair struct{ One, Other kv.StaticStore }
			batch.Bind(pair{desk, kv.MustOpen(kvtest.Desk, memory.New())})
			Expect(batch.Run(ctx)).To(MatchError(ContainSubstring("opened on another driver")))
		})
		It("refuses what is bound to a batch already", func(ctx context.Context) {
			batch.Bind(batch.Bind(desk))
			Expect(batch.Run(ctx)).To(MatchError(kv.ErrInvalid))
		})
		It("refuses what is no handle, or carries an error", func(ctx context.Context) {
			batch.Bind(7)
			Expect(batch.Run(ctx)).To(MatchError("kv: Bind (batch): invalid value: int is neither a handle nor a view of handles"))
			var pointed kv.Batch
			pointed.Bind(&desk)
			Expect(pointed.Run(ctx)).To(MatchError(
				"kv: Bind (batch): invalid value: *kv.StaticStore is a pointer: pass the handle, or the view of handles, by value"))
			var other kv.Batch
			other.Bind(desk.Take[kv.SetField]("nope"))
			Expect(other.Run(ctx)).To(MatchError(kv.ErrUndeclared))
			var zero kv.Batch
			zero.Bind(kv.SetField{})
			Expect(zero.Run(ctx)).To(MatchError(kv.ErrUndeclared))
		})
		It("refuses sets of which one is not bound", func(ctx context.Context) {
			bound := batch.Bind(desk)
			moved := batch.Do(func(ctx context.Context) (bool, error) {
				return bound.Take(kvtest.Tags).Move(ctx, desk.Take(kvtest.Online), "x")
			})
			common := batch.Do(func(ctx context.Context) ([]string, error) {
				return bound.Take(kvtest.Tags).Intersect(ctx, bound.Take(kvtest.Online), desk.Take(kvtest.Online))
			})
			Expect(batch.Run(ctx)).To(MatchError(kv.ErrInvalid))
			Expect(moved.Get()).Error().To(MatchError(ContainSubstring("desk:online was opened on another driver")))
			Expect(common.Get()).Error().To(MatchError(kv.ErrInvalid))
		})
		It("takes a page of values for an operation, but not two", func(ctx context.Context) {
			names := kv.MustOpen(kv.Dynamic(kv.String()), memory.New(), kv.At("names"))
			Expect(names.Take("7").Write(ctx, "x")).To(Succeed())
			bound := batch.Bind(names)
			found := func(number int) *kv.Result[int] {
				keys := make([]string, number)
				for i := range keys {
					keys[i] = fmt.Sprint(i)
				}
				return batch.Do(func(ctx context.Context) (found int, _ error) {
					for _, err := range kv.ReadMany(ctx, bound, keys...) {
						if err == nil {
							found++
						} else if !errors.Is(err, kv.ErrNotFound) {
							return found, err
						}
					}
					return found, nil
				})
			}
			one, two := found(200), found(600)
			Expect(batch.Run(ctx)).To(HaveOccurred())
			Expect(one.Get()).To(Equal(1))
			Expect(kvtest.ErrorOf(two.Get())).To(Or(MatchError(errors.ErrUnsupported), MatchError(kv.ErrInvalid)))
		})
		It("does not run within itself", func(ctx context.Context) {
			inner := batch.Exec(func(ctx context.Context) error { return batch.Run(ctx) })
			Expect(batch.Run(ctx)).To(MatchError(kv.ErrInvalid))
			Expect(inner.Get()).Error().To(MatchError(kv.ErrInvalid))
		})
		It("lets a panic of an operation through, and leaves nothing running", func(ctx context.Context) {
			before := gleak.Goroutines()
			note := batch.Bind(desk).Take(kvtest.Note)
			written := batch.Exec(func(ctx context.Context) error { return note.Write(ctx, "x") })
			batch.Exec(func(context.Context) error { panic("mine") })
			Expect(func() { _ = batch.Run(ctx) }).To(PanicWith("mine"))
			Expect(written.Get()).Error().To(MatchError(ContainSubstring("the batch was given up")))
			Eventually(gleak.Goroutines).ShouldNot(gleak.HaveLeaked(before))
			Expect(desk.Take(kvtest.Note).Exists(ctx)).To(BeFalse())
		})
		It("lets a panic through that an operation before it would recover", func(ctx context.Context) {
			note := batch.Bind(desk).Take(kvtest.Note)
			recovered := false
			batch.Exec(func(ctx context.Context) error {
				defer func() { recovered = recover() != nil }()
				return note.Write(ctx, "x")
			})
			batch.Exec(func(context.Context) error { panic("mine") })
			Expect(func() { _ = batch.Run(ctx) }).To(PanicWith("mine"))
			Expect(recovered).To(BeFalse())
		})
		It("leaves nothing running when an operation ends its goroutine", func(ctx context.Context) {
			before := gleak.Goroutines()
			note := batch.Bind(desk).Take(kvtest.Note)
			var written []*kv.Result[struct{}]
			for range 30 {
				written = append(written, batch.Exec(func(ctx context.Context) error { return note.Write(ctx, "x") }))
			}
			batch.Exec(func(context.Context) error { runtime.Goexit(); return nil })
			ended := make(chan struct{})
			go func() {
				defer close(ended)
				_ = batch.Run(ctx)
			}()
			Eventually(ended).Should(BeClosed())
			Eventually(gleak.Goroutines).ShouldNot(gleak.HaveLeaked(before))
			for _, result := range written {
				Expect(result.Get()).Error().To(MatchError(kv.ErrInvalid))
			}
			Expect(desk.Take(kvtest.Note).Exists(ctx)).To(BeFalse())
		})
	})

	It("works on a driver that has no batches, one by one", func(ctx context.Context) {
		desk := kv.MustOpen(kvtest.Desk, kvtest.OnlyDo{Driver: memory.New()})
		var batch kv.Batch
		note := batch.Bind(desk).Take(kvtest.Note)
		batch.Exec(func(ctx context.Context) error { return note.Write(ctx, "x") })
		read := batch.Do(note.Read)
		Expect(batch.Run(ctx)).To(Succeed())
		Expect(read.Get()).To(Equal("x"))
	})

	It("takes the error of a middleware that does not let it through for the outcome of all", func(ctx context.Context) {
		closed := errors.New("closed for lunch")
		desk := kv.MustOpen(kvtest.Desk, drivers.Use(memory.New(), func(context.Context, *drivers.Batch, drivers.Next) error { return closed }))
		var batch kv.Batch
		bound := batch.Bind(desk)
		read, size := batch.Do(bound.Take(kvtest.Note).Read), batch.Do(bound.Take(kvtest.Tags).Len)
		Expect(batch.Run(ctx)).To(MatchError(closed))
		Expect(read.Get()).Error().To(MatchError("kv: Read desk:note: closed for lunch"))
		Expect(size.Get()).Error().To(MatchError(closed))
	})

	It("is one pipeline to each master of a cluster", func(ctx context.Context) {
		kvtest.Cluster(ctx) // starts it, and empties it
		pipelines := &pipelines{}
		client := redis.NewClusterClient(&redis.ClusterOptions{Addrs: kvtest.Servers.Cluster.Addrs()})
		defer client.Close()
		client.OnNewNode(func(node *redis.Client) { node.AddHook(pipelines) })
		many := kv.MustOpen(kv.Dynamic(kv.String()), redisdriver.New(client), kv.At("many"))
		for range 2 { // the first opens connections, which takes pipelines too
			var batch kv.Batch
			bound := batch.Bind(many)
			for i := range 500 {
				batch.Exec(func(ctx context.Context) error { return bound.Take(fmt.Sprint(i)).Write(ctx, "x") })
			}
			pipelines.sent.Store(0)
			Expect(batch.Run(ctx)).To(Succeed())
		}
		Expect(pipelines.sent.Load()).To(BeEquivalentTo(3))
	})
})

// getter asks for the error of a result.
func getter[T any](result *kv.Result[T]) func() error {
	return func() error { return kvtest.ErrorOf(result.Get()) }
}

// pipelines is a hook of go-redis that counts what is sent as one.
type pipelines struct{ sent atomic.Int64 }

func (*pipelines) DialHook(next redis.DialHook) redis.DialHook          { return next }
func (*pipelines) ProcessHook(next redis.ProcessHook) redis.ProcessHook { return next }
func (p *pipelines) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return func(ctx context.Context, commands []redis.Cmder) error {
		p.sent.Add(1)
		return next(ctx, commands)
	}
}
