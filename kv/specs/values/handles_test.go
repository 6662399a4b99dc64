package values_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"sync"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/drivers/memory"
	"github.com/kvstore-go/kvstore/jsonval"
	"github.com/kvstore-go/kvstore/kv"
	"github.com/kvstore-go/kvstore/kv/internal/kvtest"
)

var _ = Describe("A handle", func() {
	kvtest.OnBothDrivers(func(open func(context.Context) kvtest.Backend) {
		var (
			store kvtest.Backend
			desk  kv.StaticStore
		)
		BeforeEach(func(ctx context.Context) {
			store = open(ctx)
			desk = kv.MustOpen(kvtest.Desk, store.Driver)
			store.Trips.Reset()
		})
		raw := func(ctx context.Context, cmd drivers.Command) drivers.Reply {
			GinkgoHelper()
			reply, err := store.Raw.Do(ctx, cmd)
			Expect(err).NotTo(HaveOccurred())
			return reply
		}
		about := func(d time.Duration) OmegaMatcher {
			return And(BeNumerically("<=", d), BeNumerically(">", d-10*time.Second))
		}

		Describe("of a string", func() {
			It("reads what was written, whatever the bytes", func(ctx context.Context) {
				for _, value := range []string{"", "0", "false", "a\x00b", "\xff\xfe", strings.Repeat("x", 1<<20)} {
					Expect(desk.Take(kvtest.Note).Write(ctx, value)).To(Succeed())
					Expect(desk.Take(kvtest.Note).Read(ctx)).To(Equal(value))
					Expect(desk.Take(kvtest.Note).ReadOr(ctx, "fallback")).To(Equal(value))
					Expect(desk.Take(kvtest.Note).Len(ctx)).To(Equal(len(value)))
				}
			})
			It("tells absence from emptiness", func(ctx context.Context) {
				_, err := desk.Take(kvtest.Note).Read(ctx)
				Expect(err).To(MatchError(kv.ErrNotFound))
				Expect(err).To(MatchError("kv: Read desk:note: not found"))
				Expect(desk.Take(kvtest.Note).ReadOr(ctx, "fallback")).To(Equal("fallback"))
				Expect(desk.Take(kvtest.Note).Exists(ctx)).To(BeFalse())
				Expect(desk.Take(kvtest.Note).Len(ctx)).To(Equal(0))
				Expect(desk.Take(kvtest.Note).Append(ctx, "")).To(Equal(0))
				Expect(desk.Take(kvtest.Note).Exists(ctx)).To(BeTrue())
			})
			It("writes only under its condition", func(ctx context.Context) {
				note := desk.Take(kvtest.Note)
				Expect(note.Write(ctx, "a", kv.IfExists)).To(MatchError(kv.ErrConditionFailed))
				Expect(note.Write(ctx, "b", kv.IfAbsent)).To(Succeed())
				Expect(note.Write(ctx, "c", kv.IfAbsent, kv.ExpireIn(time.Minute))).To(MatchError(kv.ErrConditionFailed))
				Expect(note.Write(ctx, "c", kv.IfAbsent)).To(MatchError("kv: Write desk:note: the condition of the write does not hold: there is a value"))
				Expect(note.Read(ctx)).To(Equal("b"))
				Expect(note.TTL(ctx)).To(Equal(kv.NoTTL))
				Expect(note.Write(ctx, "d", kv.IfExists)).To(Succeed())
				Expect(note.Read(ctx)).To(Equal("d"))
			})
			It("swaps in one step", func(ctx context.Context) {
				note := desk.Take(kvtest.Note)
				Expect(note.Swap(ctx, "a")).To(Equal(kv.Previous[string]{}))
				Expect(note.Swap(ctx, "", kv.IfExists)).To(Equal(kv.Previous[string]{Value: "a", Exists: true}))
				Expect(note.Swap(ctx, "b")).To(Equal(kv.Previous[string]{Value: "", Exists: true}))
				_, err := note.Swap(ctx, "c", kv.IfAbsent)
				Expect(err).To(MatchError(kv.ErrConditionFailed))
				Expect(note.Read(ctx)).To(Equal("b"))
				Expect(note.Erase(ctx)).To(BeTrue())
				_, err = note.Swap(ctx, "c", kv.IfExists)
				Expect(err).To(MatchError(kv.ErrConditionFailed))
				Expect(note.Swap(ctx, "d", kv.IfAbsent)).To(Equal(kv.Previous[string]{}))
				Expect(note.Read(ctx)).To(Equal("d"))
			})
			It("appends, and updates what is there", func(ctx context.Context) {
				note := desk.Take(kvtest.Note)
				_, err := note.Update(ctx, func(string) (string, error) { return "x", nil })
				Expect(err).To(MatchError(kv.ErrNotFound))
				Expect(note.Append(ctx, "ab")).To(Equal(2))
				Expect(note.Append(ctx, "cd")).To(Equal(4))
				Expect(note.Update(ctx, func(s string) (string, error) { return strings.ToUpper(s), nil })).To(Equal("ABCD"))
				refusal := errors.New("no")
				_, err = note.Update(ctx, func(string) (string, error) { return "lost", refusal })
				Expect(err).To(MatchError(refusal))
				Expect(note.Read(ctx)).To(Equal("ABCD"))
			})
			It("takes one round trip for everything but Update", func(ctx context.Context) {
				note := desk.Take(kvtest.Note)
				_ = note.Write(ctx, "a")
				_, _ = note.Read(ctx)
				_, _ = note.Swap(ctx, "b")
				_, _ = note.Append(ctx, "c")
				_, _ = note.TTL(ctx)
				Expect(store.Trips.Taken()).To(Equal(5))
				_, _ = note.Update(ctx, func(s string) (string, error) { return s + "d", nil })
				Expect(store.Trips.Taken()).To(Equal(7))
				_, _ = note.Update(ctx, func(s string) (string, error) { return s, nil })
				Expect(store.Trips.Taken()).To(Equal(8), "there was nothing to store")
			})
		})

		Describe("of any value", func() {
			It("is told the time it has left", func(ctx context.Context) {
				note := desk.Take(kvtest.Note)
				_, err := note.TTL(ctx)
				Expect(err).To(MatchError(kv.ErrNotFound))
				Expect(note.Expire(ctx, time.Hour)).To(BeFalse())
				Expect(note.Persist(ctx)).To(BeFalse())

				Expect(note.Write(ctx, "a")).To(Succeed())
				Expect(note.TTL(ctx)).To(Equal(kv.NoTTL))
				Expect(note.Expire(ctx, time.Hour)).To(BeTrue())
				Expect(note.TTL(ctx)).To(about(time.Hour))
				Expect(note.ExpireAt(ctx, time.Now().Add(2*time.Hour))).To(BeTrue())
				Expect(note.TTL(ctx)).To(about(2 * time.Hour))
				Expect(note.Write(ctx, "b")).To(Succeed())
				Expect(note.TTL(ctx)).To(about(2*time.Hour), "Write keeps a TTL")
				Expect(note.Write(ctx, "c", kv.ExpireIn(time.Minute))).To(Succeed())
				Expect(note.TTL(ctx)).To(about(time.Minute))
				Expect(note.Write(ctx, "d", kv.ExpireAt(time.Now().Add(time.Hour)))).To(Succeed())
				Expect(note.TTL(ctx)).To(about(time.Hour))
				Expect(note.Write(ctx, "e", kv.NoExpiry)).To(Succeed())
				Expect(note.TTL(ctx)).To(Equal(kv.NoTTL))
				Expect(note.Expire(ctx, time.Hour)).To(BeTrue())
				Expect(note.Persist(ctx)).To(BeTrue())
				Expect(note.Persist(ctx)).To(BeFalse())
				Expect(note.TTL(ctx)).To(Equal(kv.NoTTL))
			})
			It("is gone at a moment in the past", func(ctx context.Context) {
				note := desk.Take(kvtest.Note)
				Expect(note.Write(ctx, "a")).To(Succeed())
				Expect(note.ExpireAt(ctx, time.Now().Add(-time.Hour))).To(BeTrue())
				Expect(note.Exists(ctx)).To(BeFalse())
				Expect(note.Write(ctx, "a", kv.ExpireAt(time.Now().Add(-time.Hour)))).To(Succeed())
				Expect(note.Exists(ctx)).To(BeFalse())
			})
			It("refuses times to live that are none", func(ctx context.Context) {
				note := desk.Take(kvtest.Note)
				Expect(note.Write(ctx, "kept")).To(Succeed())
				for _, d := range []time.Duration{0, -1, -time.Hour, 5, time.Millisecond - 1} {
					_, err := note.Expire(ctx, d)
					Expect(err).To(MatchError(kv.ErrInvalid))
					Expect(note.Write(ctx, "lost", kv.ExpireIn(d))).To(MatchError(kv.ErrInvalid))
				}
				Expect(note.Write(ctx, "lost", kv.ExpireAt(time.Time{}))).To(MatchError(kv.ErrInvalid))
				Expect(note.Read(ctx)).To(Equal("kept"))
				Expect(note.TTL(ctx)).To(Equal(kv.NoTTL))
				Expect(note.Expire(ctx, time.Millisecond)).To(BeTrue())
				Expect(note.Write(ctx, "far", kv.ExpireIn(math.MaxInt64))).To(Succeed())
				Expect(note.Read(ctx)).To(Equal("far"))
			})
			It("takes its time to live from the schema, whatever its type", func(ctx context.Context) {
				Expect(desk.Take(kvtest.Code).Write(ctx, "123")).To(Succeed())
				Expect(desk.Take(kvtest.Code).TTL(ctx)).To(about(5 * time.Minute))
				Expect(desk.Take(kvtest.Code).Write(ctx, "124", kv.NoExpiry)).To(Succeed())
				Expect(desk.Take(kvtest.Code).TTL(ctx)).To(Equal(kv.NoTTL))
				Expect(desk.Take(kvtest.Code).Append(ctx, "5")).To(Equal(4))
				Expect(desk.Take(kvtest.Code).TTL(ctx)).To(about(5*time.Minute), "started where none was running")

				Expect(desk.Take(kvtest.Online).Add(ctx, "ann")).To(Equal(1))
				Expect(desk.Take(kvtest.Online).TTL(ctx)).To(about(time.Minute))
				Expect(desk.Take(kvtest.Online).Expire(ctx, time.Hour)).To(BeTrue())
				Expect(desk.Take(kvtest.Online).Add(ctx, "bob", "ann")).To(Equal(1))
				Expect(desk.Take(kvtest.Online).TTL(ctx)).To(about(time.Hour), "left running")
				Expect(desk.Take(kvtest.Online).Write(ctx, []string{"cid"})).To(Succeed())
				Expect(desk.Take(kvtest.Online).TTL(ctx)).To(about(time.Minute), "started anew")
				Expect(desk.Take(kvtest.Tags).Add(ctx, "red")).To(Equal(1))
				Expect(desk.Take(kvtest.Online).Erase(ctx)).To(BeTrue())
				Expect(desk.Take(kvtest.Tags).Move(ctx, desk.Take(kvtest.Online), "red")).To(BeTrue())
				Expect(desk.Take(kvtest.Online).TTL(ctx)).To(about(time.Minute))

				Expect(desk.Take(kvtest.Windows).Increment(ctx, 3, 1)).To(BeEquivalentTo(1))
				Expect(desk.Take(kvtest.Windows).TTL(ctx)).To(about(time.Minute))
				Expect(desk.Take(kvtest.Windows).Erase(ctx)).To(BeTrue())
				Expect(desk.Take(kvtest.Windows).Put(ctx, 3, 1)).To(Succeed())
				Expect(desk.Take(kvtest.Windows).TTL(ctx)).To(about(time.Minute))

				_, err := desk.Take(kvtest.Brief).Upsert(ctx, func(g *kvtest.Game) error { g.White = "ann"; return nil })
				Expect(err).NotTo(HaveOccurred())
				Expect(desk.Take(kvtest.Brief).TTL(ctx)).To(about(time.Minute))
				Expect(desk.Take(kvtest.Brief).Expire(ctx, time.Hour)).To(BeTrue())
				_, err = desk.Take(kvtest.Brief).Update(ctx, func(g *kvtest.Game) error { g.Rated = true; return nil })
				Expect(err).NotTo(HaveOccurred())
				Expect(desk.Take(kvtest.Brief).TTL(ctx)).To(about(time.Hour), "Update keeps it")
				_, err = desk.Take(kvtest.Brief).Swap(ctx, kvtest.Game{White: "bob"})
				Expect(err).NotTo(HaveOccurred())
				Expect(desk.Take(kvtest.Brief).TTL(ctx)).To(about(time.Minute), "Swap starts it anew")
			})
			It("leaves a value of another type as it is", func(ctx context.Context) {
				Expect(raw(ctx, drivers.Command{Op: drivers.OpSet, Key: "desk:online", Value: "foreign"})).NotTo(BeNil())
				Expect(raw(ctx, drivers.Command{Op: drivers.OpSAdd, Key: "desk:code", Values: []string{"foreign"}}).Int).To(BeEquivalentTo(1))
				Expect(raw(ctx, drivers.Command{Op: drivers.OpSAdd, Key: "desk:windows", Values: []string{"foreign"}}).Int).To(BeEquivalentTo(1))
				Expect(raw(ctx, drivers.Command{Op: drivers.OpSAdd, Key: "desk:current", Values: []string{"foreign"}}).Int).To(BeEquivalentTo(1))
				code, online, windows, current := desk.Take(kvtest.Code), desk.Take(kvtest.Online), desk.Take(kvtest.Windows), desk.Take(kvtest.Current)
				for _, err := range []error{
					kvtest.ErrorOf(code.Read(ctx)), kvtest.ErrorOf(code.Swap(ctx, "x")), kvtest.ErrorOf(code.Append(ctx, "x")), kvtest.ErrorOf(code.Len(ctx)),
					kvtest.ErrorOf(online.Read(ctx)), online.Write(ctx, []string{"x"}), kvtest.ErrorOf(online.Add(ctx, "x")), kvtest.ErrorOf(online.Remove(ctx, "x")),
					kvtest.ErrorOf(online.Has(ctx, "x")), kvtest.ErrorOf(online.Len(ctx)), kvtest.ErrorOf(online.Pop(ctx, 1)), kvtest.ErrorOf(online.Random(ctx, 1)),
					kvtest.ErrorOf(online.Move(ctx, desk.Take(kvtest.Tags), "x")), kvtest.ErrorOf(online.Union(ctx)), kvtest.ErrorOf(desk.Take(kvtest.Tags).Intersect(ctx, online)),
					kvtest.ErrorOf(windows.Get(ctx, 0)), windows.Put(ctx, 0, 1), kvtest.ErrorOf(windows.Increment(ctx, 0, 1)), kvtest.ErrorOf(windows.Sum(ctx, 0, 9)), kvtest.ErrorOf(windows.Sum(ctx, 0, 0)),
					kvtest.ErrorOf(current.Read(ctx)), kvtest.ErrorOf(current.Swap(ctx, kvtest.Game{White: "x"})),
					kvtest.ErrorOf(current.Update(ctx, func(*kvtest.Game) error { return nil })), kvtest.ErrorOf(current.Upsert(ctx, func(g *kvtest.Game) error { g.White = "x"; return nil })),
				} {
					Expect(err).To(MatchError(kv.ErrWrongType))
				}
				for member, err := range online.All(ctx) {
					Expect(member, err).Error().To(MatchError(kv.ErrWrongType))
				}
				for _, key := range []string{"desk:online", "desk:code", "desk:windows", "desk:current"} {
					Expect(raw(ctx, drivers.Command{Op: drivers.OpTTL, Key: key}).Int).To(BeEquivalentTo(-1))
				}
				Expect(raw(ctx, drivers.Command{Op: drivers.OpGet, Key: "desk:online"}).Value).To(Equal("foreign"))
				Expect(raw(ctx, drivers.Command{Op: drivers.OpSMembers, Key: "desk:code"}).Values).To(Equal([]string{"foreign"}))
			})
			It("obeys a context that is over", func(ctx context.Context) {
				over, cancel := context.WithCancel(ctx)
				cancel()
				Expect(desk.Take(kvtest.Note).Write(over, "x")).To(MatchError(context.Canceled))
				_, err := desk.Take(kvtest.Current).Upsert(over, func(*kvtest.Game) error { return nil })
				Expect(err).To(MatchError(context.Canceled))
				_, err = desk.Erase(over)
				Expect(err).To(MatchError(context.Canceled))
				Expect(desk.Keys(ctx)).To(BeEmpty())
			})
			It("says so when the driver is closed", func(ctx context.Context) {
				Expect(drivers.Close(store.Driver)).To(Succeed())
				Expect(desk.Take(kvtest.Note).Write(ctx, "x")).To(MatchError(kv.ErrClosed))
				_, err := desk.Keys(ctx)
				Expect(err).To(MatchError(kv.ErrClosed))
				_, err = desk.Erase(ctx)
				Expect(err).To(MatchError(kv.ErrClosed))
			})
		})

		Describe("of a document", func() {
			game := kvtest.Game{White: "ann", Moves: []string{"e4", "c5"}}
			It("reads what was written", func(ctx context.Context) {
				current := desk.Take(kvtest.Current)
				_, err := current.Read(ctx)
				Expect(err).To(MatchError(kv.ErrNotFound))
				Expect(current.ReadOr(ctx, game)).To(Equal(game))
				Expect(current.Write(ctx, game)).To(Succeed())
				Expect(current.Read(ctx)).To(Equal(game))
				Expect(raw(ctx, drivers.Command{Op: drivers.OpGet, Key: "desk:current"}).Value).To(Equal(`{"white":"ann","moves":["e4","c5"]}`))
			})
			It("refuses what breaks its schema, and lists why", func(ctx context.Context) {
				current := desk.Take(kvtest.Current)
				Expect(current.Write(ctx, game)).To(Succeed())
				for _, err := range []error{
					current.Write(ctx, kvtest.Game{}),
					kvtest.ErrorOf(current.Swap(ctx, kvtest.Game{})),
					kvtest.ErrorOf(current.Update(ctx, func(g *kvtest.Game) error { g.White = ""; return nil })),
				} {
					Expect(err).To(And(MatchError(kv.ErrInvalid), Not(MatchError(kv.ErrCorrupt))))
					var invalid *jsonval.ValidationError
					Expect(errors.As(err, &invalid)).To(BeTrue())
					Expect(invalid.Violations).To(ConsistOf(And(HaveField("Pointer", "/white"), HaveField("Keyword", "minLength"))))
				}
				Expect(current.Read(ctx)).To(Equal(game))
			})
			It("reports foreign bytes and leaves them alone", func(ctx context.Context) {
				current := desk.Take(kvtest.Current)
				for _, foreign := range []string{"", "not JSON", `{"white":7}`, `{"white":"ann","moves":null`, `{}`, "\xff", `{"white":"ann","white":"bob","moves":[]}`} {
					raw(ctx, drivers.Command{Op: drivers.OpSet, Key: "desk:current", Value: foreign})
					for _, err := range []error{
						kvtest.ErrorOf(current.Read(ctx)), kvtest.ErrorOf(current.ReadOr(ctx, game)), kvtest.ErrorOf(current.Swap(ctx, game)),
						kvtest.ErrorOf(current.Update(ctx, func(*kvtest.Game) error { return nil })), kvtest.ErrorOf(current.Upsert(ctx, func(*kvtest.Game) error { return nil })),
					} {
						Expect(err).To(And(MatchError(kv.ErrCorrupt), MatchError(kv.ErrInvalid)), foreign)
						var failure *kv.Error
						Expect(errors.As(err, &failure)).To(BeTrue())
						Expect(failure.Path).To(Equal("desk:current"))
					}
					Expect(raw(ctx, drivers.Command{Op: drivers.OpGet, Key: "desk:current"}).Value).To(Equal(foreign))
				}
			})
			It("swaps, updates in place and upserts", func(ctx context.Context) {
				current := desk.Take(kvtest.Current)
				_, err := current.Update(ctx, func(*kvtest.Game) error { return nil })
				Expect(err).To(MatchError(kv.ErrNotFound))
				Expect(current.Swap(ctx, game)).To(Equal(kv.Previous[kvtest.Game]{}))
				Expect(current.Swap(ctx, kvtest.Game{White: "bob"})).To(Equal(kv.Previous[kvtest.Game]{Value: game, Exists: true}))
				rename := func(g *kvtest.Game) error { g.White = "cid"; return nil }
				Expect(current.Update(ctx, rename)).To(Equal(kvtest.Game{White: "cid"}))
				Expect(current.Erase(ctx)).To(BeTrue())
				Expect(current.Upsert(ctx, rename)).To(Equal(kvtest.Game{White: "cid"}))
				Expect(current.Upsert(ctx, func(g *kvtest.Game) error { g.Moves = append(g.Moves, "e4"); return nil })).To(Equal(kvtest.Game{White: "cid", Moves: []string{"e4"}}))
			})
			It("loses no update to a concurrent one", func(ctx context.Context) {
				const writers, each = 8, 10
				var wait sync.WaitGroup
				failures := make(chan error, writers*each)
				for writer := range writers {
					wait.Go(func() {
						for i := range each {
							_, err := desk.Take(kvtest.Current).Upsert(ctx, func(g *kvtest.Game) error {
								g.White = "all"
								g.Moves = append(g.Moves, fmt.Sprint(writer, "-", i))
								return nil
							})
							failures <- err
						}
					})
				}
				wait.Wait()
				close(failures)
				for err := range failures {
					Expect(err).NotTo(HaveOccurred())
				}
				Expect(desk.Take(kvtest.Current).Read(ctx)).To(HaveField("Moves", HaveLen(writers*each)))
			})
		})

		Describe("of a set", func() {
			It("knows its members", func(ctx context.Context) {
				tags := desk.Take(kvtest.Tags)
				Expect(tags.Read(ctx)).To(Equal([]string{}))
				Expect(tags.Add(ctx, "red", "green", "red")).To(Equal(2))
				Expect(tags.Add(ctx, "green", "blue", "")).To(Equal(2))
				Expect(tags.Add(ctx)).To(Equal(0))
				Expect(tags.Read(ctx)).To(ConsistOf("red", "green", "blue", ""))
				Expect(tags.Has(ctx, "red")).To(BeTrue())
				Expect(tags.Has(ctx, "pink")).To(BeFalse())
				Expect(tags.Len(ctx)).To(Equal(4))
				Expect(tags.Remove(ctx, "red", "pink")).To(Equal(1))
				Expect(tags.Remove(ctx, "green", "blue", "")).To(Equal(3))
				Expect(tags.Exists(ctx)).To(BeFalse(), "a set without members is absent")
			})
			It("is replaced in one step and one round trip", func(ctx context.Context) {
				tags := desk.Take(kvtest.Tags)
				members := make([]string, 1000)
				for i := range members {
					members[i] = fmt.Sprint("member-", i)
				}
				Expect(tags.Add(ctx, "old")).To(Equal(1))
				Expect(tags.Expire(ctx, time.Hour)).To(BeTrue())
				store.Trips.Reset()
				Expect(tags.Write(ctx, members)).To(Succeed())
				Expect(store.Trips.Taken()).To(Equal(1))
				stored, err := tags.Read(ctx)
				Expect(err).NotTo(HaveOccurred())
				Expect(slices.Sorted(slices.Values(stored))).To(Equal(slices.Sorted(slices.Values(members))))
				Expect(tags.TTL(ctx)).To(about(time.Hour), "Write keeps a TTL")
				Expect(tags.Write(ctx, []string{"x"}, kv.IfAbsent)).To(MatchError(kv.ErrConditionFailed))
				Expect(tags.Write(ctx, nil)).To(Succeed())
				Expect(tags.Exists(ctx)).To(BeFalse())
				Expect(tags.Write(ctx, []string{"x"}, kv.IfExists)).To(MatchError(kv.ErrConditionFailed))
				Expect(tags.Write(ctx, []string{"x"}, kv.IfAbsent, kv.ExpireIn(time.Minute))).To(Succeed())
				Expect(tags.TTL(ctx)).To(about(time.Minute))
			})
			It("is gone through page by page, and left at any time", func(ctx context.Context) {
				tags := desk.Take(kvtest.Tags)
				members := make([]string, 2000)
				for i := range members {
					members[i] = fmt.Sprint("member-", i)
				}
				Expect(tags.Write(ctx, members)).To(Succeed())
				var seen []string
				for member, err := range tags.All(ctx) {
					Expect(err).NotTo(HaveOccurred())
					seen = append(seen, member)
				}
				Expect(slices.Sorted(slices.Values(seen))).To(Equal(slices.Sorted(slices.Values(members))))
				store.Trips.Reset()
				for range tags.All(ctx) {
					break
				}
				Expect(store.Trips.Taken()).To(Equal(1))
			})
			It("is combined with others of its driver", func(ctx context.Context) {
				tags, online := desk.Take(kvtest.Tags), desk.Take(kvtest.Online)
				_, _ = tags.Add(ctx, "a", "b", "c")
				_, _ = online.Add(ctx, "b", "c", "d")
				Expect(tags.Intersect(ctx, online)).To(ConsistOf("b", "c"))
				Expect(tags.Union(ctx, online)).To(ConsistOf("a", "b", "c", "d"))
				Expect(tags.Difference(ctx, online)).To(ConsistOf("a"))
				Expect(tags.Intersect(ctx)).To(ConsistOf("a", "b", "c"))

				other := kv.MustOpen(kvtest.Desk, memory.New()).Take(kvtest.Tags)
				_, err := tags.Intersect(ctx, other)
				Expect(err).To(MatchError(And(ContainSubstring("another driver"), ContainSubstring("desk:tags"))))
				Expect(err).To(MatchError(kv.ErrInvalid))
				_, err = tags.Move(ctx, other, "a")
				Expect(err).To(MatchError(kv.ErrInvalid))
			})
			It("gives members away", func(ctx context.Context) {
				tags, online := desk.Take(kvtest.Tags), desk.Take(kvtest.Online)
				_, _ = tags.Add(ctx, "a", "b", "c")
				Expect(tags.Random(ctx, 2)).To(HaveLen(2))
				Expect(tags.Random(ctx, 9)).To(ConsistOf("a", "b", "c"))
				Expect(tags.Move(ctx, online, "a")).To(BeTrue())
				Expect(tags.Move(ctx, online, "a")).To(BeFalse())
				Expect(online.Read(ctx)).To(ConsistOf("a"))
				Expect(tags.Pop(ctx, 0)).To(BeEmpty())
				Expect(tags.Pop(ctx, 9)).To(ConsistOf("b", "c"))
				Expect(tags.Pop(ctx, 1)).To(BeEmpty())
				for _, err := range []error{kvtest.ErrorOf(tags.Pop(ctx, -1)), kvtest.ErrorOf(tags.Random(ctx, -1))} {
					Expect(err).To(MatchError(kv.ErrInvalid))
				}
			})
		})

		Describe("of a bitset", func() {
			It("is a row of zeros before it is written", func(ctx context.Context) {
				counts := desk.Take(kvtest.Counts)
				Expect(counts.Get(ctx, 7)).To(BeEquivalentTo(0))
				Expect(counts.Range(ctx, 0, 3)).To(Equal([]int64{0, 0, 0}))
				Expect(counts.Sum(ctx, 0, 100)).To(BeEquivalentTo(0))
				Expect(counts.Exists(ctx)).To(BeFalse())
			})
			It("keeps numbers of its whole width", func(ctx context.Context) {
				counts := desk.Take(kvtest.Counts)
				Expect(counts.Put(ctx, 0, math.MinInt64)).To(Succeed())
				Expect(counts.Put(ctx, 2, math.MaxInt64)).To(Succeed())
				Expect(counts.Range(ctx, 0, 4)).To(Equal([]int64{math.MinInt64, 0, math.MaxInt64, 0}))
				Expect(counts.Increment(ctx, 1, -5)).To(BeEquivalentTo(-5))
				Expect(counts.Increment(ctx, 1, 3)).To(BeEquivalentTo(-2))
				Expect(counts.Sum(ctx, 1, 3)).To(BeEquivalentTo(math.MaxInt64 - 2))
				Expect(counts.Increment(ctx, 2, 1)).To(BeEquivalentTo(math.MinInt64), "it wraps")
				_, err := counts.Sum(ctx, 0, 3)
				Expect(err).To(MatchError(kv.ErrOverflow))
			})
			It("saturates or refuses where the schema says so", func(ctx context.Context) {
				levels, votes := desk.Take(kvtest.Levels), desk.Take(kvtest.Votes)
				Expect(levels.Increment(ctx, 0, 300)).To(BeEquivalentTo(255))
				Expect(levels.Increment(ctx, 0, -300)).To(BeEquivalentTo(0))
				Expect(levels.Put(ctx, 1, 999)).To(Succeed())
				Expect(levels.Get(ctx, 1)).To(BeEquivalentTo(255))
				Expect(votes.Put(ctx, 3, 15)).To(Succeed())
				Expect(votes.Put(ctx, 3, 16)).To(MatchError(kv.ErrOverflow))
				_, err := votes.Increment(ctx, 3, 1)
				Expect(err).To(MatchError(kv.ErrOverflow))
				Expect(err).To(MatchError(HaveSuffix("it has to be at least -16 and at most 15")))
				Expect(votes.Get(ctx, 3)).To(BeEquivalentTo(15))
				Expect(votes.Put(ctx, 3, -16)).To(Succeed())
				Expect(votes.Get(ctx, 3)).To(BeEquivalentTo(-16))
				Expect(votes.Get(ctx, 2)).To(BeEquivalentTo(0))
				Expect(votes.Get(ctx, 4)).To(BeEquivalentTo(0))
			})
			It("sums a thousand slots in one round trip", func(ctx context.Context) {
				counts := desk.Take(kvtest.Counts)
				for slot := range int64(1000) {
					Expect(counts.Put(ctx, slot, slot)).To(Succeed())
				}
				store.Trips.Reset()
				Expect(counts.Sum(ctx, 0, 1000)).To(BeEquivalentTo(499500))
				Expect(counts.Sum(ctx, 10, 20)).To(BeEquivalentTo(145))
				Expect(counts.Sum(ctx, 999, 5000)).To(BeEquivalentTo(999))
				Expect(store.Trips.Taken()).To(Equal(3))
			})
			It("refuses slots that are none", func(ctx context.Context) {
				counts := desk.Take(kvtest.Counts)
				for _, slot := range []int64{-1, math.MinInt64, 1<<26 + 1, math.MaxInt64} {
					for _, err := range []error{
						kvtest.ErrorOf(counts.Get(ctx, slot)), counts.Put(ctx, slot, 1), kvtest.ErrorOf(counts.Increment(ctx, slot, 1)),
						kvtest.ErrorOf(counts.Range(ctx, slot, slot)), kvtest.ErrorOf(counts.Sum(ctx, 5, slot)),
					} {
						Expect(err).To(MatchError(kv.ErrInvalid), fmt.Sprint(slot))
					}
				}
				_, err := counts.Sum(ctx, 5, 4)
				Expect(err).To(MatchError(kv.ErrInvalid))
				Expect(counts.Exists(ctx)).To(BeFalse())
			})
		})
	})
})
