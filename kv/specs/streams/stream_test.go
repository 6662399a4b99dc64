package streams_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"iter"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"github.com/onsi/gomega/gleak"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/drivers/memory"
	"github.com/kvstore-go/kvstore/kv"
	"github.com/kvstore-go/kvstore/kv/internal/kvtest"
)

type streamJob struct {
	Task string `json:"task" jsonschema:"minLength=1"`
}

const (
	streamJobs   kv.Key[kv.StreamField[streamJob]] = "jobs"
	streamLog    kv.Key[kv.StreamField[string]]    = "log"
	streamRecent kv.Key[kv.StreamField[int]]       = "recent"
	streamBrief  kv.Key[kv.StreamField[string]]    = "brief"
)

var streamPlant = kv.Static("plant").
	Stream(streamJobs).
	Stream(streamLog).
	Stream(streamRecent, kv.Capped(3)).
	Stream(streamBrief, kv.ExpireIn(time.Minute), kv.Capped(2))

// streamAppend adds values and returns their ids.
func streamAppend[T any](ctx context.Context, stream kv.StreamField[T], values ...T) (ids []string) {
	GinkgoHelper()
	for _, value := range values {
		id, err := stream.Append(ctx, value)
		Expect(err).NotTo(HaveOccurred())
		ids = append(ids, id)
	}
	return ids
}

// streamRaw adds an entry as another program would.
func streamRaw(ctx context.Context, driver drivers.Driver, key, id string, fields ...string) {
	GinkgoHelper()
	_, err := driver.Do(ctx, drivers.Command{Op: drivers.OpXAdd, Key: key, Value: id, Values: fields})
	Expect(err).NotTo(HaveOccurred())
}

// streamValues are the values of a loop, with ErrCorrupt as an entry of its own.
func streamValues[T any](entries iter.Seq2[kv.StreamEntry[T], error]) (values []string) {
	GinkgoHelper()
	for entry, err := range entries {
		values = append(values, streamPrint(entry.ID, entry.Value, err))
	}
	return values
}

func streamDelivered[T any](deliveries iter.Seq2[kv.Delivery[T], error]) (values []string) {
	GinkgoHelper()
	for delivery, err := range deliveries {
		values = append(values, streamPrint(delivery.ID, delivery.Value, err))
	}
	return values
}

func streamPrint(id string, value any, err error) string {
	GinkgoHelper()
	if errors.Is(err, kv.ErrCorrupt) {
		return "corrupt " + id
	}
	Expect(err).NotTo(HaveOccurred())
	Expect(id).To(MatchRegexp(`^\d+-\d+$`))
	return fmt.Sprint(value)
}

var _ = Describe("A stream", func() {
	kvtest.OnAllDrivers(func(open func(context.Context) kvtest.Backend) {
		var (
			store kvtest.Backend
			plant kv.StaticStore
			log   kv.StreamField[string]
		)
		BeforeEach(func(ctx context.Context) {
			store = open(ctx)
			plant = kv.MustOpen(streamPlant, store.Driver)
			log = plant.Take(streamLog)
			store.Trips.Reset()
		})

		It("keeps what is added, in one round trip each", func(ctx context.Context) {
			ids := streamAppend(ctx, log, "a", "", "\xff\x00")
			Expect(store.Trips.Taken()).To(Equal(3))
			Expect(streamValues(log.Range("", "").All(ctx))).To(Equal([]string{"a", "", "\xff\x00"}))
			Expect(log.Len(ctx)).To(Equal(3))
			Expect(log.LastID(ctx)).To(Equal(ids[2]))
			Expect(log.Exists(ctx)).To(BeTrue())
		})

		It("keeps values of any type, and refuses those that do not fit", func(ctx context.Context) {
			jobs := plant.Take(streamJobs)
			streamAppend(ctx, jobs, streamJob{"sweep"}, streamJob{"dust"})
			page, err := jobs.Range("", "").Page(ctx, 10)
			Expect(err).NotTo(HaveOccurred())
			Expect(page).To(HaveExactElements(HaveField("Value", streamJob{"sweep"}), HaveField("Value", streamJob{"dust"})))
			_, err = jobs.Append(ctx, streamJob{})
			Expect(err).To(MatchError(kv.ErrInvalid))
			Expect(err).NotTo(MatchError(kv.ErrCorrupt))
			Expect(jobs.Len(ctx)).To(Equal(2))
		})

		It("is empty where there is none", func(ctx context.Context) {
			Expect(log.Range("", "").Page(ctx, 10)).To(BeEmpty())
			Expect(streamValues(log.Range("", "").All(ctx))).To(BeEmpty())
			Expect(log.Len(ctx)).To(BeZero())
			Expect(log.LastID(ctx)).To(Equal("0-0"))
			Expect(log.Trim(ctx, 0)).To(BeZero())
			Expect(log.Remove(ctx, "1-1")).To(BeZero())
			Expect(log.Exists(ctx)).To(BeFalse())
		})

		It("is read between ids, in both directions and in pages", func(ctx context.Context) {
			for i := range 600 {
				streamRaw(ctx, store.Raw, log.Path(), fmt.Sprintf("%d-1", i+1), "value", fmt.Sprint(i+1))
			}
			store.Trips.Reset()
			all := streamValues(log.Range("", "").All(ctx))
			Expect(all).To(HaveLen(600))
			Expect(all[599]).To(Equal("600"))
			Expect(store.Trips.Taken()).To(Equal(3))
			back := streamValues(log.Range("", "(600-1").Backwards().All(ctx))
			Expect(back).To(HaveLen(599))
			Expect(back[:2]).To(Equal([]string{"599", "598"}))
			Expect(streamValues(log.Range("17", "(19-1").All(ctx))).To(Equal([]string{"17", "18"}))
			Expect(log.Range("17", "").Backwards().Backwards().Page(ctx, 1)).To(Equal([]kv.StreamEntry[string]{{ID: "17-1", Value: "17"}}))
			for range log.Range("", "").All(ctx) {
				break
			}
		})

		It("tells of entries that do not fit, and goes on", func(ctx context.Context) {
			numbers := plant.Take(streamRecent)
			streamRaw(ctx, store.Raw, numbers.Path(), "1-1", "value", "one")
			streamRaw(ctx, store.Raw, numbers.Path(), "1-2", "other", "2")
			streamRaw(ctx, store.Raw, numbers.Path(), "1-3", "first", "1", "value", "3", "value", "4")
			Expect(streamValues(numbers.Range("", "").All(ctx))).To(Equal([]string{"corrupt 1-1", "corrupt 1-2", "3"}))
			_, err := numbers.Range("", "").Page(ctx, 10)
			Expect(err).To(MatchError(kv.ErrCorrupt))
			Expect(err).To(MatchError(And(ContainSubstring("1-1"), ContainSubstring("kv: Page plant:recent"))))
			Expect(numbers.Range("1-3", "").Page(ctx, 10)).To(HaveLen(1))
		})

		It("drops the oldest entries on demand", func(ctx context.Context) {
			for i := range 10 {
				streamRaw(ctx, store.Raw, log.Path(), fmt.Sprintf("%d-0", i+1), "value", fmt.Sprint(i+1))
			}
			Expect(log.Remove(ctx, "3-0", "4-0", "44-0")).To(Equal(2))
			Expect(log.Trim(ctx, 6)).To(Equal(2))
			Expect(log.TrimBefore(ctx, "7")).To(Equal(2))
			Expect(streamValues(log.Range("", "").All(ctx))).To(Equal([]string{"7", "8", "9", "10"}))
			Expect(log.Trim(ctx, 0)).To(Equal(4))
			Expect(log.Exists(ctx)).To(BeTrue(), "an empty stream stays")
			Expect(log.LastID(ctx)).To(Equal("10-0"))
		})

		It("keeps to the cap of its schema", func(ctx context.Context) {
			streamAppend(ctx, plant.Take(streamRecent), 1, 2, 3, 4, 5)
			Expect(streamValues(plant.Take(streamRecent).Range("", "").All(ctx))).To(Equal([]string{"3", "4", "5"}))
		})

		It("starts the TTL of its schema and leaves one that is running", func(ctx context.Context) {
			brief := plant.Take(streamBrief)
			streamAppend(ctx, brief, "a")
			Expect(brief.TTL(ctx)).To(BeNumerically("~", time.Minute, 10*time.Second))
			Expect(brief.Expire(ctx, time.Hour)).To(BeTrue())
			streamAppend(ctx, brief, "b", "c")
			Expect(brief.TTL(ctx)).To(BeNumerically("~", time.Hour, 10*time.Second))
			Expect(streamValues(brief.Range("", "").All(ctx))).To(Equal([]string{"b", "c"}))
		})

		It("refuses what makes no sense", func(ctx context.Context) {
			for _, id := range []string{"x", "1-", "$"} {
				_, err := log.Range(id, "").Page(ctx, 1)
				Expect(err).To(MatchError(kv.ErrInvalid), id)
				_, err = log.TrimBefore(ctx, id)
				Expect(err).To(MatchError(kv.ErrInvalid), id)
				_, err = log.Remove(ctx, id)
				Expect(err).To(MatchError(kv.ErrInvalid), id)
			}
			_, err := log.TrimBefore(ctx, "")
			Expect(err).To(MatchError(kv.ErrInvalid))
			_, err = log.Trim(ctx, -1)
			Expect(err).To(MatchError(kv.ErrInvalid))
			for _, size := range []int{0, -1} {
				_, err = log.Range("", "").Page(ctx, size)
				Expect(err).To(MatchError(kv.ErrInvalid))
			}
			for _, err := range log.Follow(ctx, "x") {
				Expect(err).To(MatchError(kv.ErrInvalid))
			}
			Expect(log.Remove(ctx)).To(BeZero())
			Expect(plant.Take[kv.StringField]("note").Path()).To(Equal("plant:note"))
			_, err = plant.Take[kv.StreamField[bool]]("log").Append(ctx, true)
			Expect(err).To(MatchError(kv.ErrTypeMismatch))
			for _, err := range plant.Take[kv.StreamField[string]]("logs").Group("g").Consume(ctx, "c") {
				Expect(err).To(MatchError(kv.ErrUndeclared))
			}
		})

		It("is ErrWrongType for another type", func(ctx context.Context) {
			_, err := store.Raw.Do(ctx, drivers.Command{Op: drivers.OpSet, Key: log.Path(), Value: "text"})
			Expect(err).NotTo(HaveOccurred())
			_, err = log.Append(ctx, "a")
			Expect(err).To(MatchError(kv.ErrWrongType))
			for _, err := range log.Follow(ctx, "") {
				Expect(err).To(MatchError(kv.ErrWrongType))
			}
			_, err = log.Group("g").Create(ctx, "")
			Expect(err).To(MatchError(kv.ErrWrongType))
		})

		It("is read in batches, and added to", func(ctx context.Context) {
			b := new(kv.Batch)
			bound := b.Bind(log)
			first := b.Do(func(ctx context.Context) (string, error) { return bound.Append(ctx, "a") })
			second := b.Do(func(ctx context.Context) (string, error) { return bound.Append(ctx, "b") })
			read := b.Do(func(ctx context.Context) ([]kv.StreamEntry[string], error) { return bound.Range("", "").Page(ctx, 10) })
			Expect(b.Run(ctx)).To(Succeed())
			Expect(store.Trips.Taken()).To(Equal(1))
			one, err := first.Get()
			Expect(err).NotTo(HaveOccurred())
			two, err := second.Get()
			Expect(err).NotTo(HaveOccurred())
			Expect(read.Get()).To(Equal([]kv.StreamEntry[string]{{ID: one, Value: "a"}, {ID: two, Value: "b"}}))
		})

		It("is written in transactions, which know the ids and the counts", func(ctx context.Context) {
			before := streamAppend(ctx, log, "a", "b", "c")
			var id string
			err := kv.Atomic(ctx, plant, func(ctx context.Context, tx kv.StaticStore) (err error) {
				id, err = tx.Take(streamLog).Append(ctx, "d")
				return err
			})
			Expect(err).NotTo(HaveOccurred())
			Expect(log.LastID(ctx)).To(Equal(id))
			Expect(streamValues(log.Range("("+before[2], "").All(ctx))).To(Equal([]string{"d"}))
			for _, change := range []struct {
				count int
				of    func(log kv.StreamField[string]) (int, error)
			}{
				{1, func(log kv.StreamField[string]) (int, error) { return log.Remove(ctx, before[0], before[0], "1-1") }},
				{1, func(log kv.StreamField[string]) (int, error) { return log.TrimBefore(ctx, before[2]) }},
				{0, func(log kv.StreamField[string]) (int, error) { return log.TrimBefore(ctx, "0") }},
				{1, func(log kv.StreamField[string]) (int, error) { return log.Trim(ctx, 1) }},
			} {
				count := -1
				Expect(kv.Atomic(ctx, log, func(ctx context.Context, tx kv.StreamField[string]) (err error) {
					count, err = change.of(tx)
					return err
				})).To(Succeed())
				Expect(count).To(Equal(change.count))
			}
			Expect(streamValues(log.Range("", "").All(ctx))).To(Equal([]string{"d"}))
		})

		It("adds in transactions behind whoever adds meanwhile", func(ctx context.Context) {
			tries := 0
			Expect(kv.Atomic(ctx, plant, func(_ context.Context, tx kv.StaticStore) error {
				if _, err := tx.Take(streamLog).Append(ctx, "mine"); err != nil {
					return err
				}
				if tries++; tries == 1 {
					streamAppend(ctx, log, "theirs")
				}
				return nil
			})).To(Succeed())
			Expect(tries).To(Equal(2))
			Expect(streamValues(log.Range("", "").All(ctx))).To(Equal([]string{"theirs", "mine"}))
		})

		It("is read by many keys at once", func(ctx context.Context) {
			feeds := kv.MustOpen(kv.Dynamic(kv.Stream[int]()), store.Driver, kv.At("feeds"))
			streamAppend(ctx, feeds.Take("a"), 1, 2)
			var seen []string
			for entry, err := range kv.ReadMany(ctx, feeds, "a", "b") {
				Expect(err).NotTo(HaveOccurred())
				seen = append(seen, fmt.Sprint(entry.Key, len(entry.Value)))
			}
			Expect(seen).To(Equal([]string{"a2", "b0"}))
		})

		It("travels with its ids and all its fields, and without its groups", func(ctx context.Context) {
			ids := streamAppend(ctx, log, "a", "b")
			for i := range 300 {
				streamRaw(ctx, store.Raw, log.Path(), "9999999999999-"+fmt.Sprint(i), "x", "\xff", "value", fmt.Sprint(i), "x", "")
			}
			_, err := log.Group("g").Create(ctx, "")
			Expect(err).NotTo(HaveOccurred())
			streamAppend(ctx, plant.Take(streamBrief), "short")
			target := kv.MustOpen(streamPlant, memory.New())
			streamAppend(ctx, target.Take(streamLog), "is replaced")

			var file bytes.Buffer
			Expect(plant.Export(ctx, &file)).To(HaveField("Values", 2))
			lines := strings.Count(file.String(), "\n") - 2
			Expect(target.Import(ctx, &file)).To(HaveField("Records", lines))
			raw := func(driver drivers.Driver) []string {
				reply, err := driver.Do(ctx, drivers.Command{Op: drivers.OpXRange, Key: log.Path()})
				Expect(err).NotTo(HaveOccurred())
				return reply.Values
			}
			elsewhere := memory.New()
			Expect(kv.Copy(ctx, plant, kv.MustOpen(streamPlant, elsewhere))).To(HaveField("Values", 2))
			Expect(raw(elsewhere)).To(HaveLen(2*3 + 300*7))
			Expect(raw(elsewhere)).To(Equal(raw(store.Raw)))
			Expect(target.Take(streamLog).Range("", "").Page(ctx, 2)).To(Equal([]kv.StreamEntry[string]{{ID: ids[0], Value: "a"}, {ID: ids[1], Value: "b"}}))
			Expect(target.Take(streamLog).Len(ctx)).To(Equal(302))
			Expect(target.Take(streamBrief).TTL(ctx)).To(BeNumerically("~", time.Minute, 10*time.Second))
			for _, err := range target.Take(streamLog).Group("g").Deliver(ctx, "c", 1) {
				Expect(err).To(MatchError(kv.ErrNotFound))
			}
		})

		It("is listed by a store that keeps the keys", func(ctx context.Context) {
			feeds := kv.MustOpen(kv.Colocated(kv.IndexKeys(kv.Dynamic(kv.Stream[int]()))), store.Driver, kv.At("feeds"))
			a := feeds.Take("a")
			streamAppend(ctx, a, 1)
			Expect(feeds.Take("b").Group("g").Create(ctx, "")).To(BeTrue())
			Expect(feeds.Take("b").Group("g").Create(ctx, "")).To(BeFalse())
			for _, err := range feeds.Take("c").Group("g").Deliver(ctx, "ann", 1) {
				Expect(err).To(MatchError(kv.ErrNotFound))
			}
			Expect(feeds.Take("c").Group("g").Erase(ctx)).To(BeFalse())
			Expect(feeds.Len(ctx)).To(Equal(2))
		})

		Describe("that is followed", func() {
			It("is read from any place, and waited for", func(ctx context.Context) {
				ids := streamAppend(ctx, log, "a", "b", "c")
				seen := make(chan string, 10)
				following, cancel := context.WithCancel(ctx)
				defer cancel()
				ended := make(chan error, 1)
				go func() {
					for entry, err := range log.Follow(following, ids[0]) {
						if err != nil {
							ended <- err
							return
						}
						seen <- entry.Value
					}
				}()
				Eventually(seen).Should(Receive(Equal("b")))
				Eventually(seen).Should(Receive(Equal("c")))
				Consistently(seen).WithTimeout(50 * time.Millisecond).ShouldNot(Receive())
				streamAppend(ctx, log, "d")
				Eventually(seen).Should(Receive(Equal("d")))
				cancel()
				var err error
				Eventually(ended).Should(Receive(&err))
				Expect(err).To(MatchError(context.Canceled))
			})

			It("is read from its end, and where it is absent yet", func(ctx context.Context) {
				streamAppend(ctx, log, "old")
				for after, stream := range map[string]kv.StreamField[string]{kv.Newest: log, "": plant.Take(streamBrief)} {
					seen := make(chan string, 10)
					following, cancel := context.WithCancel(ctx)
					store.Trips.Reset()
					go func() {
						for entry, err := range stream.Follow(following, after) {
							if err == nil {
								seen <- entry.Value
							}
						}
						close(seen)
					}()
					Eventually(store.Trips.Of).WithArguments(drivers.OpXRead).Should(Equal(1), "it has found the end")
					Consistently(seen).WithTimeout(50 * time.Millisecond).ShouldNot(Receive())
					streamAppend(ctx, stream, "new")
					Eventually(seen).Should(Receive(Equal("new")))
					cancel()
					Eventually(seen).Should(BeClosed())
				}
			})

			It("is not waited for in batches and transactions", func(ctx context.Context) {
				streamAppend(ctx, log, "a")
				Expect(kv.Atomic(ctx, log, func(ctx context.Context, tx kv.StreamField[string]) error {
					for _, err := range tx.Follow(ctx, "") {
						return err
					}
					return nil
				})).To(MatchError(errors.ErrUnsupported))
			})
		})
	})

	It("has to be of a type that has a text, and its cap positive", func() {
		_, err := kv.Open(kv.Static("x").Stream[func()]("f").Stream[int]("n", kv.Capped(0)), memory.New())
		Expect(err).To(MatchError(And(ContainSubstring("func()"), ContainSubstring("cap"))))
	})

	It("leaves nothing behind when it is no longer followed", func(ctx context.Context) {
		before := gleak.Goroutines()
		log := kv.MustOpen(kv.Stream[string](), memory.New(), kv.At("log"))
		streamAppend(ctx, log, "a", "b")
		for range log.Follow(ctx, "") {
			break
		}
		Eventually(gleak.Goroutines).ShouldNot(gleak.HaveLeaked(before))
	})
})
