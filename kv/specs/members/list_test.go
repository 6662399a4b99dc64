package members_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/drivers/memory"
	"github.com/kvstore-go/kvstore/dsl"
	"github.com/kvstore-go/kvstore/kv"
	"github.com/kvstore-go/kvstore/kv/internal/kvtest"
)

type ListJob struct {
	Name string `json:"name"`
	Size int    `json:"size"`
}

const (
	ListLines  kv.Key[kv.ListField]            = "lines"
	ListOthers kv.Key[kv.ListField]            = "others"
	ListLatest kv.Key[kv.ListField]            = "latest"
	ListJobs   kv.Key[kv.ListFieldOf[ListJob]] = "jobs"
	ListNights kv.Key[kv.ListFieldOf[int]]     = "nights"
)

var Lists = kv.Static("lists").
	List(ListLines).
	List(ListOthers).
	List(ListLatest, kv.Capped(3), kv.ExpireIn(time.Hour)).
	ListOf(ListJobs).
	ListOf(ListNights)

var _ = Describe("Lists", func() {
	kvtest.OnBothDrivers(func(open func(context.Context) kvtest.Backend) {
		var (
			store  kvtest.Backend
			root   kv.StaticStore
			lines  kv.ListField
			others kv.ListField
			latest kv.ListField
			jobs   kv.ListFieldOf[ListJob]
		)
		BeforeEach(func(ctx context.Context) {
			store = open(ctx)
			root = kv.MustOpen(Lists, store.Driver)
			lines, others, latest, jobs = root.Take(ListLines), root.Take(ListOthers), root.Take(ListLatest), root.Take(ListJobs)
			store.Trips.Reset()
		})
		has := func(ctx context.Context, list kv.ListField, elements ...string) {
			GinkgoHelper()
			if elements == nil {
				elements = []string{}
			}
			Expect(list.Read(ctx)).To(Equal(elements))
		}
		fill := func(ctx context.Context, list kv.ListField, elements ...string) {
			GinkgoHelper()
			Expect(list.Write(ctx, elements)).To(Succeed())
			store.Trips.Reset()
		}

		It("are pushed to and popped from at both ends, in one round trip each", func(ctx SpecContext) {
			Expect(lines.PushRight(ctx, "b", "c")).To(Equal(2))
			Expect(lines.PushLeft(ctx, "a", "0")).To(Equal(4))
			Expect(lines.PopLeft(ctx, 1)).To(Equal([]string{"0"}))
			Expect(lines.PopRight(ctx, 2)).To(Equal([]string{"c", "b"}))
			Expect(lines.Len(ctx)).To(Equal(1))
			Expect(store.Trips.Taken()).To(Equal(5))
			Expect(lines.PopLeft(ctx, 5)).To(Equal([]string{"a"}))
			Expect(lines.PopLeft(ctx, 5)).To(Equal([]string{}))
			Expect(lines.Exists(ctx)).To(BeFalse())
			_, err := lines.PopLeft(ctx, -1)
			Expect(err).To(MatchError(kv.ErrInvalid))
		})

		It("take no round trip to push nothing", func(ctx SpecContext) {
			Expect(lines.PushLeft(ctx)).To(Equal(0))
			Expect(lines.PushRight(ctx)).To(Equal(0))
			Expect(store.Trips.Taken()).To(BeZero())
		})

		It("are read by places", func(ctx SpecContext) {
			fill(ctx, lines, "a", "b", "c", "b")
			Expect(lines.Get(ctx, 0)).To(Equal("a"))
			Expect(lines.Get(ctx, -1)).To(Equal("b"))
			Expect(lines.Range(ctx, 1, 2)).To(Equal([]string{"b", "c"}))
			Expect(lines.Range(ctx, -2, 9)).To(Equal([]string{"c", "b"}))
			Expect(lines.Range(ctx, 3, 1)).To(Equal([]string{}))
			Expect(lines.IndexOf(ctx, "b")).To(Equal(1))
			Expect(store.Trips.Taken()).To(Equal(6))
			_, err := lines.Get(ctx, 4)
			Expect(err).To(MatchError(kv.ErrNotFound))
			Expect(err).To(MatchError(HaveSuffix(": not found: 4")))
			_, err = lines.IndexOf(ctx, "z")
			Expect(err).To(MatchError(kv.ErrNotFound))
			Expect(err).To(MatchError(HaveSuffix(": not found: z")))
			has(ctx, others)
		})

		It("are changed in the middle", func(ctx SpecContext) {
			fill(ctx, lines, "a", "b", "a")
			Expect(lines.Put(ctx, -1, "c")).To(Succeed())
			Expect(lines.InsertBefore(ctx, "b", "x")).To(Equal(4))
			Expect(lines.InsertAfter(ctx, "b", "y")).To(Equal(5))
			has(ctx, lines, "a", "x", "b", "y", "c")
			Expect(lines.Trim(ctx, 1, -2)).To(Succeed())
			has(ctx, lines, "x", "b", "y")
			Expect(lines.Remove(ctx, "b", 0)).To(Equal(1))
			has(ctx, lines, "x", "y")

			Expect(lines.Put(ctx, 2, "z")).To(MatchError(kv.ErrNotFound))
			Expect(others.Put(ctx, 0, "z")).To(MatchError(kv.ErrNotFound))
			_, err := lines.InsertBefore(ctx, "z", "a")
			Expect(err).To(MatchError(kv.ErrNotFound))
			Expect(err).To(MatchError(HaveSuffix(": not found: z")))
			_, err = others.InsertAfter(ctx, "z", "a")
			Expect(err).To(MatchError(kv.ErrNotFound))
		})

		It("lose equal elements from the left, from the right, or all", func(ctx SpecContext) {
			fill(ctx, lines, "a", "b", "a", "c", "a")
			Expect(lines.Remove(ctx, "a", -1)).To(Equal(1))
			has(ctx, lines, "a", "b", "a", "c")
			Expect(lines.Remove(ctx, "a", 1)).To(Equal(1))
			has(ctx, lines, "b", "a", "c")
		})

		It("are replaced as a whole", func(ctx SpecContext) {
			fill(ctx, lines, "a")
			Expect(lines.Write(ctx, []string{"c", "b", "c"}, kv.IfExists)).To(Succeed())
			has(ctx, lines, "c", "b", "c")
			Expect(lines.Write(ctx, nil, kv.IfAbsent)).To(MatchError(kv.ErrConditionFailed))
			Expect(lines.Write(ctx, nil)).To(Succeed())
			Expect(lines.Exists(ctx)).To(BeFalse())
		})

		It("are gone through page by page", func(ctx SpecContext) {
			many := make([]string, 1300)
			for i := range many {
				many[i] = fmt.Sprint(i)
			}
			fill(ctx, lines, many...)
			var seen []string
			for line, err := range lines.All(ctx) {
				Expect(err).NotTo(HaveOccurred())
				seen = append(seen, line)
			}
			Expect(seen).To(Equal(many))
			Expect(store.Trips.Taken()).To(Equal(3))
			for range lines.All(ctx) {
				break
			}
			Expect(store.Trips.Taken()).To(Equal(4))
		})

		It("keep no more than a cap, and start the TTL of the schema, in one step", func(ctx SpecContext) {
			Expect(latest.PushLeft(ctx, "a", "b", "c", "d")).To(Equal(3))
			has(ctx, latest, "d", "c", "b")
			Expect(latest.TTL(ctx)).To(BeNumerically("~", time.Hour, time.Minute))
			Expect(latest.PushRight(ctx, "e")).To(Equal(3))
			has(ctx, latest, "c", "b", "e")
			Expect(latest.InsertAfter(ctx, "b", "x")).To(Equal(3))
			has(ctx, latest, "b", "x", "e")
			Expect(latest.Write(ctx, []string{"1", "2", "3", "4"})).To(MatchError(kv.ErrInvalid))
			has(ctx, latest, "b", "x", "e")
		})

		It("hand elements on to each other", func(ctx SpecContext) {
			fill(ctx, lines, "a", "b")
			Expect(latest.Write(ctx, []string{"1", "2", "3"}, kv.NoExpiry)).To(Succeed())
			Expect(lines.Move(ctx, latest, kv.Right, kv.Left)).To(Equal("b"))
			has(ctx, latest, "b", "1", "2")
			Expect(latest.TTL(ctx)).To(BeNumerically("~", time.Hour, time.Minute))
			Expect(lines.Move(ctx, lines, kv.Left, kv.Right)).To(Equal("a"))
			_, err := others.Move(ctx, lines, kv.Left, kv.Left)
			Expect(err).To(MatchError(kv.ErrNotFound))
			_, err = lines.Move(ctx, others, kv.ListEnd(3), kv.Left)
			Expect(err).To(MatchError(kv.ErrInvalid))
			_, err = lines.Move(ctx, kv.MustOpen(Lists, memory.New()).Take(ListOthers), kv.Left, kv.Left)
			Expect(err).To(MatchError(kv.ErrInvalid))
		})

		It("hold values of a type", func(ctx SpecContext) {
			Expect(jobs.PushRight(ctx, ListJob{"a", 1}, ListJob{"b", 2})).To(Equal(2))
			Expect(jobs.IndexOf(ctx, ListJob{"b", 2})).To(Equal(1))
			Expect(jobs.PopRight(ctx, 1)).To(Equal([]ListJob{{"b", 2}}))
			nights := root.Take(ListNights)
			Expect(nights.PushLeft(ctx, 7, -7)).To(Equal(2))
			Expect(nights.Read(ctx)).To(Equal([]int{-7, 7}))
		})

		It("tell the text of an element that was taken out and is no T", func(ctx SpecContext) {
			nights := root.Take(ListNights)
			push := func(elements ...string) {
				GinkgoHelper()
				_, err := store.Raw.Do(ctx, drivers.Command{Op: drivers.OpRPush, Key: nights.Path(), Values: elements})
				Expect(err).NotTo(HaveOccurred())
			}
			push("1", "one", "2", "two")
			_, err := nights.Read(ctx)
			Expect(err).To(MatchError(kv.ErrCorrupt))
			taken, err := nights.PopLeft(ctx, 3)
			Expect(taken).To(Equal([]int{1, 2}))
			var corrupt *kv.CorruptElementError
			Expect(errors.As(err, &corrupt)).To(BeTrue())
			Expect(corrupt.Text).To(Equal("one"))
			Expect(err).To(MatchError(kv.ErrCorrupt))

			_, err = nights.PopLeftWait(ctx)
			Expect(errors.As(err, &corrupt)).To(BeTrue())
			Expect(corrupt.Text).To(Equal("two"))
			Expect(nights.Len(ctx)).To(BeZero())

			push("1", "one", "2")
			var all []int
			failed := 0
			for night, err := range nights.All(ctx) {
				if err != nil {
					Expect(err).To(MatchError(kv.ErrCorrupt))
					failed++
					continue
				}
				all = append(all, night)
			}
			Expect(all).To(Equal([]int{1, 2}))
			Expect(failed).To(Equal(1))
		})

		It("are waited for", func(ctx SpecContext) {
			asked := func(op drivers.Op, times int) {
				GinkgoHelper()
				Eventually(store.Trips.Of).WithArguments(op).Should(Equal(times))
			}
			store.Trips.Reset()
			var wait sync.WaitGroup
			wait.Go(func() {
				defer GinkgoRecover()
				Expect(lines.PopLeftWait(ctx)).To(Equal("a"))
				Expect(lines.PopRightWait(ctx)).To(Equal("c"))
				Expect(lines.MoveWait(ctx, latest, kv.Left, kv.Left)).To(Equal("b"))
				Expect(lines.MoveWait(ctx, latest, kv.Left, kv.Left)).To(Equal("d"))
			})
			asked(drivers.OpLPop, 1)
			Expect(lines.PushRight(ctx, "a", "b", "c")).To(Equal(3))
			asked(drivers.OpLMove, 2) // so that what was there has been taken
			Expect(lines.PushRight(ctx, "d")).To(BeNumerically(">=", 1))
			wait.Wait()
			has(ctx, lines)
			has(ctx, latest, "d", "b")
			Expect(latest.TTL(ctx)).To(BeNumerically("~", time.Hour, time.Minute))
		})

		It("are waited for no longer than a context lasts", func(ctx SpecContext) {
			short, cancel := context.WithTimeout(ctx, 50*time.Millisecond)
			defer cancel()
			_, err := lines.PopLeftWait(short)
			Expect(err).To(MatchError(context.DeadlineExceeded))
			_, err = lines.MoveWait(short, others, kv.Left, kv.Left)
			Expect(err).To(MatchError(context.DeadlineExceeded))
		})

		It("take part in batches", func(ctx SpecContext) {
			fill(ctx, lines, "a", "b")
			store.Trips.Reset()
			var batch kv.Batch
			bound := batch.Bind(lines)
			size := batch.Do(func(ctx context.Context) (int, error) { return bound.PushRight(ctx, "c") })
			popped := batch.Do(func(ctx context.Context) ([]string, error) { return bound.PopLeft(ctx, 1) })
			all := batch.Do(bound.Read)
			waited := batch.Do(bound.PopLeftWait)
			Expect(batch.Run(ctx)).To(MatchError(errors.ErrUnsupported))
			Expect(size.Get()).To(Equal(3))
			Expect(popped.Get()).To(Equal([]string{"a"}))
			Expect(all.Get()).To(Equal([]string{"b", "c"}))
			_, err := waited.Get()
			Expect(err).To(MatchError(errors.ErrUnsupported))
			Expect(store.Trips.Taken()).To(Equal(1))
		})

		It("take part in transactions, which know what they are going to answer", func(ctx SpecContext) {
			type outcome struct {
				value any
				err   error
			}
			operations := map[string]func(ctx context.Context, lines, latest kv.ListField) (any, error){
				"PushLeft":         func(ctx context.Context, l, _ kv.ListField) (any, error) { return l.PushLeft(ctx, "x", "y") },
				"PushRight capped": func(ctx context.Context, _, l kv.ListField) (any, error) { return l.PushRight(ctx, "x", "y") },
				"PopLeft":          func(ctx context.Context, l, _ kv.ListField) (any, error) { return l.PopLeft(ctx, 2) },
				"PopRight":         func(ctx context.Context, l, _ kv.ListField) (any, error) { return l.PopRight(ctx, 2) },
				"PopRight of 0":    func(ctx context.Context, l, _ kv.ListField) (any, error) { return l.PopRight(ctx, 0) },
				"Put":              func(ctx context.Context, l, _ kv.ListField) (any, error) { return nil, l.Put(ctx, -4, "x") },
				"Put beyond":       func(ctx context.Context, l, _ kv.ListField) (any, error) { return nil, l.Put(ctx, 4, "x") },
				"InsertAfter":      func(ctx context.Context, l, _ kv.ListField) (any, error) { return l.InsertAfter(ctx, "b", "x") },
				"InsertBefore":     func(ctx context.Context, _, l kv.ListField) (any, error) { return l.InsertBefore(ctx, "2", "x") },
				"InsertAfter none": func(ctx context.Context, l, _ kv.ListField) (any, error) { return l.InsertAfter(ctx, "z", "x") },
				"Remove":           func(ctx context.Context, l, _ kv.ListField) (any, error) { return l.Remove(ctx, "a", 0) },
				"Remove right":     func(ctx context.Context, l, _ kv.ListField) (any, error) { return l.Remove(ctx, "a", -1) },
				"Trim":             func(ctx context.Context, l, _ kv.ListField) (any, error) { return nil, l.Trim(ctx, 1, 2) },
				"Write":            func(ctx context.Context, l, _ kv.ListField) (any, error) { return nil, l.Write(ctx, []string{"x"}) },
				"Write refused":    func(ctx context.Context, l, _ kv.ListField) (any, error) { return nil, l.Write(ctx, nil, kv.IfAbsent) },
				"Move":             func(ctx context.Context, l, to kv.ListField) (any, error) { return l.Move(ctx, to, kv.Right, kv.Right) },
			}
			for name, operation := range operations {
				for _, empty := range []bool{false, true} {
					run := func(atomically bool) (got outcome, left [2][]string) {
						_, _ = lines.Erase(ctx)
						_, _ = latest.Erase(ctx)
						if !empty {
							Expect(lines.Write(ctx, []string{"a", "b", "a", "c"})).To(Succeed())
							Expect(latest.Write(ctx, []string{"1", "2", "3"})).To(Succeed())
						}
						if !atomically {
							got.value, got.err = operation(ctx, lines, latest)
						} else {
							err := kv.Atomic(ctx, root, func(ctx context.Context, root kv.StaticStore) error {
								got.value, got.err = operation(ctx, root.Take(ListLines), root.Take(ListLatest))
								return nil
							})
							Expect(err).NotTo(HaveOccurred(), name)
						}
						left[0], _ = lines.Read(ctx)
						left[1], _ = latest.Read(ctx)
						return got, left
					}
					want, left := run(false)
					got, leftAtomic := run(true)
					Expect(fmt.Sprint(got.value, got.err)).To(Equal(fmt.Sprint(want.value, want.err)), "%s, empty: %t", name, empty)
					Expect(leftAtomic).To(Equal(left), "%s, empty: %t", name, empty)
				}
			}
			Expect(kv.Atomic(ctx, root, func(ctx context.Context, root kv.StaticStore) error {
				_, err := root.Take(ListLines).PopLeftWait(ctx)
				return err
			})).To(MatchError(errors.ErrUnsupported))
		})

		It("are copied as they are", func(ctx SpecContext) {
			many := make([]string, 1300)
			for i := range many {
				many[i] = fmt.Sprint(i)
			}
			fill(ctx, lines, many...)
			Expect(latest.PushRight(ctx, "a")).To(Equal(1))
			there := kv.MustOpen(Lists, memory.New())
			Expect(kv.Copy(ctx, root, there)).To(HaveField("Values", 2))
			has(ctx, there.Take(ListLines), many...)
			Expect(there.Take(ListLatest).TTL(ctx)).To(BeNumerically("~", time.Hour, time.Minute))
		})

		It("are ErrWrongType where something else is stored", func(ctx SpecContext) {
			_, err := store.Raw.Do(ctx, drivers.Command{Op: drivers.OpSet, Key: lines.Path(), Value: "v"})
			Expect(err).NotTo(HaveOccurred())
			_, err = lines.Read(ctx)
			Expect(err).To(MatchError(kv.ErrWrongType))
			_, err = lines.PopLeftWait(ctx)
			Expect(err).To(MatchError(kv.ErrWrongType))
		})
	})

	It("with a cap that is not positive, or elements without a text, are mistakes", func() {
		for _, schema := range []kv.StaticSchema{
			kv.Static("x").List("a", kv.Capped(0)),
			kv.Static("x").List("a", kv.Capped(-1)),
			kv.Static("x").ListOf[func()]("a"),
		} {
			_, err := kv.Open(schema, memory.New())
			var mistakes *dsl.SchemaError
			Expect(errors.As(err, &mistakes)).To(BeTrue())
		}
	})

	It("that are zero values answer with an error", func(ctx SpecContext) {
		var list kv.ListField
		_, err := list.PushLeft(ctx, "a")
		Expect(err).To(MatchError(kv.ErrUndeclared))
		_, err = list.PopLeftWait(ctx)
		Expect(err).To(MatchError(kv.ErrUndeclared))
		_, err = list.Move(ctx, list, kv.Left, kv.Left)
		Expect(err).To(MatchError(kv.ErrUndeclared))
	})
})
