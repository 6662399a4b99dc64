package members_test

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/drivers/memory"
	"github.com/kvstore-go/kvstore/kv"
	"github.com/kvstore-go/kvstore/kv/internal/kvtest"
)

const (
	SortedSetWins    kv.Key[kv.SortedSetField]                                = "wins"
	SortedSetLosses  kv.Key[kv.SortedSetField]                                = "losses"
	SortedSetTotal   kv.Key[kv.SortedSetField]                                = "total"
	SortedSetNumbers kv.Key[kv.SortedSetFieldOf[int]]                         = "numbers"
	SortedSetBrief   kv.Key[kv.SortedSetField]                                = "brief"
	SortedSetRooms   kv.Key[kv.DynamicStore[kv.SortedSetFieldOf[SetOfPoint]]] = "rooms"
)

var SortedSetSchema = kv.Static("sorted").
	SortedSet(SortedSetWins).
	SortedSet(SortedSetLosses).
	SortedSet(SortedSetTotal, kv.ExpireIn(time.Hour)).
	SortedSetOf(SortedSetNumbers).
	SortedSet(SortedSetBrief, kv.ExpireIn(time.Hour)).
	Field(SortedSetRooms, kv.Dynamic(kv.SortedSetOf[SetOfPoint]()))

func sortedSetScored(member string, score float64) kv.Scored[string] {
	return kv.Scored[string]{Member: member, Score: score}
}

// sortedSetOf makes members with the scores 0, 1, 2 and so on.
func sortedSetOf(members ...string) []kv.Scored[string] {
	all := []kv.Scored[string]{}
	for i, member := range members {
		all = append(all, sortedSetScored(member, float64(i)))
	}
	return all
}

var _ = Describe("Sorted sets", func() {
	kvtest.OnBothDrivers(func(open func(context.Context) kvtest.Backend) {
		var (
			store kvtest.Backend
			root  kv.StaticStore
			wins  kv.SortedSetField
		)
		BeforeEach(func(ctx context.Context) {
			store = open(ctx)
			root = kv.MustOpen(SortedSetSchema, store.Driver)
			wins = root.Take(SortedSetWins)
			store.Trips.Reset()
		})
		abc := sortedSetOf("a", "b", "c")

		It("are empty where there are none", func(ctx context.Context) {
			Expect(wins.Read(ctx)).To(Equal([]kv.Scored[string]{}))
			Expect(wins.Range(ctx, 0, -1)).To(Equal([]kv.Scored[string]{}))
			Expect(wins.RangeByMember(ctx, kv.Members())).To(Equal([]string{}))
			Expect(wins.Scores(ctx, "a")).To(Equal([]kv.Scored[string]{}))
			Expect(wins.PopMin(ctx, 3)).To(Equal([]kv.Scored[string]{}))
			Expect(wins.Union(ctx)).To(Equal([]kv.Scored[string]{}))
			Expect(wins.Len(ctx)).To(Equal(0))
			_, err := wins.Score(ctx, "a")
			Expect(err).To(MatchError(kv.ErrNotFound))
			Expect(err).To(MatchError(HaveSuffix(": not found: a")))
			_, err = wins.Rank(ctx, "a")
			Expect(err).To(MatchError(kv.ErrNotFound))
			Expect(err).To(MatchError(HaveSuffix(": not found: a")))
			_, err = wins.RankBackwards(ctx, "a")
			Expect(err).To(MatchError(kv.ErrNotFound))
			for range wins.All(ctx) {
				Fail("there is nothing")
			}
			Expect(store.Trips.Taken()).To(Equal(11))
		})
		It("keep members in the order of their scores, and of their bytes", func(ctx context.Context) {
			Expect(wins.Add(ctx, sortedSetScored("b", 1), sortedSetScored("a", 1), sortedSetScored("z", -1), sortedSetScored("ü", 1))).To(Equal(4))
			Expect(wins.Add(ctx, sortedSetScored("z", 2), sortedSetScored("y", math.Inf(-1)))).To(Equal(1))
			Expect(wins.Read(ctx)).To(HaveExactElements(
				sortedSetScored("y", math.Inf(-1)), sortedSetScored("a", 1), sortedSetScored("b", 1), sortedSetScored("ü", 1), sortedSetScored("z", 2)))
			Expect(wins.Rank(ctx, "b")).To(Equal(2))
			Expect(wins.RankBackwards(ctx, "b")).To(Equal(2))
			Expect(wins.Score(ctx, "z")).To(Equal(2.0))
			Expect(wins.Scores(ctx, "z", "nobody", "a")).To(HaveExactElements(sortedSetScored("z", 2), sortedSetScored("a", 1)))
			Expect(wins.Remove(ctx, "a", "nobody")).To(Equal(1))
			Expect(wins.Len(ctx)).To(Equal(4))
			Expect(store.Trips.Taken()).To(Equal(9))
		})
		It("change scores where a condition allows it", func(ctx context.Context) {
			Expect(wins.Write(ctx, abc)).To(Succeed())
			Expect(wins.AddIf(ctx, kv.ScoreAbsent, sortedSetScored("a", 9), sortedSetScored("d", 9))).To(Equal(1))
			Expect(wins.AddIf(ctx, kv.ScoreExists, sortedSetScored("a", 0.5), sortedSetScored("e", 9))).To(Equal(1))
			Expect(wins.AddIf(ctx, kv.ScoreGreater, sortedSetScored("b", 0), sortedSetScored("c", 5), sortedSetScored("f", 1))).To(Equal(2))
			Expect(wins.AddIf(ctx, kv.ScoreLess, sortedSetScored("b", -1), sortedSetScored("c", 7))).To(Equal(1))
			Expect(wins.Read(ctx)).To(HaveExactElements(
				sortedSetScored("b", -1), sortedSetScored("a", 0.5), sortedSetScored("f", 1), sortedSetScored("c", 5), sortedSetScored("d", 9)))
			Expect(wins.Increment(ctx, "a", 2)).To(Equal(2.5))
			Expect(wins.Increment(ctx, "g", -2)).To(Equal(-2.0))
			_, err := wins.AddIf(ctx, 99, abc...)
			Expect(err).To(MatchError(kv.ErrInvalid))
		})
		It("refuse what is no score, and change nothing", func(ctx context.Context) {
			nan := sortedSetScored("a", math.NaN())
			_, err := wins.Add(ctx, sortedSetScored("b", 1), nan)
			Expect(err).To(MatchError(kv.ErrInvalid))
			Expect(err).To(MatchError(HavePrefix("kv: Add sorted:wins: ")))
			Expect(wins.Write(ctx, []kv.Scored[string]{nan})).To(MatchError(kv.ErrInvalid))
			_, err = wins.Increment(ctx, "a", math.NaN())
			Expect(err).To(MatchError(kv.ErrInvalid))
			_, err = wins.Count(ctx, kv.Scores().AtLeast(math.NaN()))
			Expect(err).To(MatchError(kv.ErrInvalid))
			Expect(wins.Exists(ctx)).To(BeFalse())
			Expect(wins.Increment(ctx, "a", math.Inf(1))).To(Equal(math.Inf(1)))
			_, err = wins.Increment(ctx, "a", math.Inf(-1))
			Expect(err).To(MatchError(kv.ErrInvalid))
		})
		It("do nothing without members", func(ctx context.Context) {
			Expect(wins.Add(ctx)).To(Equal(0))
			Expect(wins.AddIf(ctx, kv.ScoreExists)).To(Equal(0))
			Expect(wins.Remove(ctx)).To(Equal(0))
			Expect(wins.Scores(ctx)).To(Equal([]kv.Scored[string]{}))
			Expect(store.Trips.Taken()).To(BeZero())
		})
		It("read, count and remove ranges", func(ctx context.Context) {
			Expect(wins.Write(ctx, sortedSetOf("a", "b", "c", "d", "e"))).To(Succeed())
			store.Trips.Reset()
			Expect(wins.Range(ctx, 1, 2)).To(HaveExactElements(sortedSetScored("b", 1), sortedSetScored("c", 2)))
			Expect(wins.Range(ctx, 0, 1, kv.Backwards())).To(HaveExactElements(sortedSetScored("e", 4), sortedSetScored("d", 3)))
			Expect(wins.RangeByScore(ctx, kv.Scores().Above(1).AtMost(3))).To(HaveExactElements(sortedSetScored("c", 2), sortedSetScored("d", 3)))
			Expect(wins.RangeByScore(ctx, kv.Scores().AtLeast(1).Below(3))).To(HaveExactElements(sortedSetScored("b", 1), sortedSetScored("c", 2)))
			Expect(wins.RangeByScore(ctx, kv.Scores(), kv.Skip(1), kv.Limit(2))).To(HaveExactElements(sortedSetScored("b", 1), sortedSetScored("c", 2)))
			Expect(wins.RangeByScore(ctx, kv.Scores().Below(3), kv.Backwards(), kv.Limit(1))).To(HaveExactElements(sortedSetScored("c", 2)))
			Expect(wins.Count(ctx, kv.Scores().Above(0))).To(Equal(4))
			Expect(wins.Count(ctx, kv.ScoreRange{})).To(Equal(5))
			_, err := wins.RangeByScore(ctx, kv.Scores(), kv.Skip(-1))
			Expect(err).To(MatchError(kv.ErrInvalid))
			Expect(wins.RemoveByScore(ctx, kv.Scores().AtMost(0))).To(Equal(1))
			Expect(wins.RemoveRange(ctx, -1, -1)).To(Equal(1))
			Expect(wins.Read(ctx)).To(HaveExactElements(sortedSetScored("b", 1), sortedSetScored("c", 2), sortedSetScored("d", 3)))
			Expect(store.Trips.Taken()).To(Equal(12))
		})
		It("read, count and remove ranges of members that have one score", func(ctx context.Context) {
			for _, member := range []string{"anna", "ben", "carl", "dora"} {
				Expect(wins.Add(ctx, sortedSetScored(member, 0))).To(Equal(1))
			}
			Expect(wins.RangeByMember(ctx, kv.Members().AtLeast("b").Below("d"))).To(HaveExactElements("ben", "carl"))
			Expect(wins.RangeByMember(ctx, kv.Members().Above("ben").AtMost("dora"), kv.Backwards(), kv.Limit(1))).To(HaveExactElements("dora"))
			Expect(wins.CountByMember(ctx, kv.Members().Below("carl"))).To(Equal(2))
			Expect(wins.RemoveByMember(ctx, kv.Members().Above("carl"))).To(Equal(1))
			Expect(wins.Len(ctx)).To(Equal(3))
			_, err := root.Take(SortedSetNumbers).RangeByMember(ctx, kv.Members())
			Expect(err).To(MatchError(kv.ErrInvalid), "10 comes before 9")
			_, err = root.Take(SortedSetNumbers).CountByMember(ctx, kv.Members())
			Expect(err).To(MatchError(kv.ErrInvalid))
			_, err = root.Take(SortedSetNumbers).RemoveByMember(ctx, kv.Members())
			Expect(err).To(MatchError(kv.ErrInvalid))
			for _, err := range root.Take(SortedSetNumbers).AllByMember(ctx, kv.Members()) {
				Expect(err).To(MatchError(kv.ErrInvalid))
			}
		})
		It("take members out at both ends", func(ctx context.Context) {
			Expect(wins.Write(ctx, sortedSetOf("a", "b", "c", "d"))).To(Succeed())
			Expect(wins.PopMin(ctx, 2)).To(HaveExactElements(sortedSetScored("a", 0), sortedSetScored("b", 1)))
			Expect(wins.PopMax(ctx, 1)).To(HaveExactElements(sortedSetScored("d", 3)))
			Expect(wins.PopMax(ctx, 0)).To(BeEmpty())
			_, err := wins.PopMin(ctx, -1)
			Expect(err).To(MatchError(kv.ErrInvalid))
			Expect(wins.PopMinWait(ctx)).To(Equal(sortedSetScored("c", 2)))
			Expect(wins.Exists(ctx)).To(BeFalse())
		})
		It("wait for a member, no longer than the context lasts", func(ctx context.Context) {
			brief, cancel := context.WithTimeout(ctx, 50*time.Millisecond)
			defer cancel()
			_, err := wins.PopMaxWait(brief)
			Expect(err).To(MatchError(context.DeadlineExceeded))
			time.AfterFunc(20*time.Millisecond, func() { _, _ = wins.Add(context.WithoutCancel(ctx), sortedSetOf("a", "b")...) })
			Expect(wins.PopMaxWait(ctx)).To(Equal(sortedSetScored("b", 1)))
		})
		It("are combined", func(ctx context.Context) {
			losses, total := root.Take(SortedSetLosses), root.Take(SortedSetTotal)
			Expect(wins.Write(ctx, []kv.Scored[string]{sortedSetScored("a", 3), sortedSetScored("b", 1)})).To(Succeed())
			Expect(losses.Write(ctx, []kv.Scored[string]{sortedSetScored("b", 1), sortedSetScored("c", 1)})).To(Succeed())
			store.Trips.Reset()
			Expect(wins.Union(ctx, losses)).To(HaveExactElements(sortedSetScored("c", 1), sortedSetScored("b", 2), sortedSetScored("a", 3)))
			Expect(wins.Union(ctx, losses.Weighted(-2))).To(HaveExactElements(sortedSetScored("c", -2), sortedSetScored("b", -1), sortedSetScored("a", 3)))
			Expect(wins.Weighted(10).Aggregating(kv.HighestScore).Intersect(ctx, losses)).To(HaveExactElements(sortedSetScored("b", 10)))
			Expect(wins.Aggregating(kv.LowestScore).Union(ctx, losses.Weighted(5))).To(HaveExactElements(sortedSetScored("b", 1), sortedSetScored("a", 3), sortedSetScored("c", 5)))
			Expect(wins.Difference(ctx, losses)).To(HaveExactElements(sortedSetScored("a", 3)))
			Expect(total.StoreUnion(ctx, wins, losses.Weighted(100))).To(Equal(3))
			Expect(total.Read(ctx)).To(HaveExactElements(sortedSetScored("a", 3), sortedSetScored("c", 100), sortedSetScored("b", 101)))
			Expect(total.TTL(ctx)).To(BeNumerically("~", time.Hour, time.Minute))
			Expect(total.StoreIntersection(ctx, wins, losses)).To(Equal(1))
			Expect(total.StoreDifference(ctx, wins, losses)).To(Equal(1))
			Expect(total.Read(ctx)).To(HaveExactElements(sortedSetScored("a", 3)))
			Expect(total.StoreDifference(ctx, wins, wins)).To(Equal(0))
			Expect(total.Exists(ctx)).To(BeFalse())
			Expect(store.Trips.Taken()).To(Equal(13))

			_, err := total.StoreUnion(ctx)
			Expect(err).To(MatchError(kv.ErrInvalid))
			_, err = wins.Weighted(math.NaN()).Union(ctx, losses)
			Expect(err).To(MatchError(kv.ErrInvalid))
			_, err = wins.Aggregating("AVERAGE").Union(ctx, losses)
			Expect(err).To(MatchError(kv.ErrInvalid))
			_, err = wins.Union(ctx, kv.MustOpen(kv.SortedSet(), memory.New(), kv.At("elsewhere")))
			Expect(err).To(MatchError(kv.ErrInvalid))
		})
		It("are replaced as a whole, on conditions, with a TTL", func(ctx context.Context) {
			brief := root.Take(SortedSetBrief)
			Expect(brief.Write(ctx, abc, kv.IfExists)).To(MatchError(kv.ErrConditionFailed))
			Expect(brief.Write(ctx, abc)).To(Succeed())
			Expect(brief.TTL(ctx)).To(BeNumerically("~", time.Hour, time.Minute))
			Expect(brief.Write(ctx, abc, kv.IfAbsent)).To(MatchError(kv.ErrConditionFailed))
			Expect(brief.Write(ctx, sortedSetOf("x"), kv.NoExpiry)).To(Succeed())
			Expect(brief.TTL(ctx)).To(Equal(kv.NoTTL))
			Expect(brief.Read(ctx)).To(Equal(sortedSetOf("x")))
			Expect(brief.Increment(ctx, "x", 1)).To(Equal(1.0))
			Expect(brief.TTL(ctx)).To(BeNumerically("~", time.Hour, time.Minute), "where none was running")
			Expect(brief.Write(ctx, nil)).To(Succeed())
			Expect(brief.Exists(ctx)).To(BeFalse())
			Expect(brief.Add(ctx, abc...)).To(Equal(3))
			Expect(brief.TTL(ctx)).To(BeNumerically("~", time.Hour, time.Minute))
		})
		It("go through their members, be they many of one score", func(ctx context.Context) {
			members := make([]kv.Scored[string], 3000)
			for i := range members {
				members[i] = sortedSetScored(fmt.Sprintf("%04d", i), float64(i/1500))
			}
			Expect(wins.Write(ctx, members)).To(Succeed())
			store.Trips.Reset()
			Expect(sortedSetAll(wins.AllByScore(ctx, kv.Scores()))).To(Equal(members))
			Expect(store.Trips.Taken()).To(Equal(6))
			Expect(sortedSetAll(wins.AllByScore(ctx, kv.Scores().Above(0)))).To(Equal(members[1500:]))
			Expect(sortedSetAll(wins.AllByScore(ctx, kv.Scores().Below(1)))).To(Equal(members[:1500]))
			all := sortedSetAll(wins.All(ctx))
			slices.SortFunc(all, func(a, b kv.Scored[string]) int { return cmp.Compare(a.Member, b.Member) })
			Expect(all).To(Equal(members))
			Expect(wins.RemoveByScore(ctx, kv.Scores().AtLeast(1))).To(Equal(1500))
			var names []string
			for name, err := range wins.AllByMember(ctx, kv.Members().AtLeast("0001").Below("1400")) {
				Expect(err).NotTo(HaveOccurred())
				names = append(names, name)
			}
			Expect(names).To(HaveLen(1399))
			Expect(names[0] + names[1398]).To(Equal("00011399"))
		})
		It("neither pass over nor repeat members that stay, whatever comes and goes", func(ctx context.Context) {
			var members []kv.Scored[string]
			for i := range 4000 {
				members = append(members, sortedSetScored(fmt.Sprintf("%04d", i), float64(i/2000)))
			}
			Expect(wins.Write(ctx, members)).To(Succeed())
			var seen []string
			count := 0
			for scored, err := range wins.AllByScore(ctx, kv.Scores()) {
				Expect(err).NotTo(HaveOccurred())
				if scored.Member[3] == '0' { // those that stay
					seen = append(seen, scored.Member)
				}
				if count++; count%500 == 0 { // everything before is taken out, and others come in
					var gone []string
					for i := range count {
						if i%10 != 0 {
							gone = append(gone, fmt.Sprintf("%04d", i))
						}
					}
					_, err := wins.Remove(ctx, gone...)
					Expect(err).NotTo(HaveOccurred())
				} else if count%700 == 0 {
					var come []kv.Scored[string]
					for i := range 1000 {
						come = append(come, sortedSetScored(fmt.Sprintf("%04d-%d", i%7, count+i), 0))
					}
					_, err := wins.Add(ctx, come...)
					Expect(err).NotTo(HaveOccurred())
				}
			}
			var stayed []string
			for i := 0; i < 4000; i += 10 {
				stayed = append(stayed, fmt.Sprintf("%04d", i))
			}
			Expect(seen).To(Equal(stayed))
		})
		It("have members of any type that has a text", func(ctx context.Context) {
			numbers := root.Take(SortedSetNumbers)
			Expect(numbers.Add(ctx, kv.Scored[int]{Member: 10, Score: 1}, kv.Scored[int]{Member: 9, Score: 1})).To(Equal(2))
			Expect(numbers.Read(ctx)).To(HaveExactElements(kv.Scored[int]{Member: 10, Score: 1}, kv.Scored[int]{Member: 9, Score: 1}))
			Expect(numbers.Rank(ctx, 9)).To(Equal(1))
			room := root.Take(SortedSetRooms).Take("7")
			Expect(room.Add(ctx, kv.Scored[SetOfPoint]{Member: SetOfPoint{X: 1}, Score: 2})).To(Equal(1))
			Expect(room.Score(ctx, SetOfPoint{X: 1})).To(Equal(2.0))
			_, err := room.Add(ctx, kv.Scored[SetOfPoint]{Member: SetOfPoint{X: -1}})
			Expect(err).To(MatchError(kv.ErrInvalid))
			_, err = room.Score(ctx, SetOfPoint{X: -1})
			Expect(err).To(MatchError(kv.ErrInvalid))
		})
		It("say so if what is stored does not fit", func(ctx context.Context) {
			numbers := root.Take(SortedSetNumbers)
			Expect(numbers.Add(ctx, kv.Scored[int]{Member: 1}, kv.Scored[int]{Member: 2, Score: 2})).To(Equal(2))
			_, err := store.Raw.Do(ctx, drivers.Command{Op: drivers.OpZAdd, Key: numbers.Path(), Values: []string{"one"}, Extra: &drivers.Extra{Scores: []float64{1}}})
			Expect(err).NotTo(HaveOccurred())
			_, err = numbers.Read(ctx)
			Expect(err).To(MatchError(kv.ErrCorrupt))
			good, bad := 0, 0
			for _, each := range []func(func(kv.Scored[int], error) bool){numbers.All(ctx), numbers.AllByScore(ctx, kv.Scores())} {
				for _, err := range each {
					if err != nil {
						Expect(err).To(MatchError(kv.ErrCorrupt))
						bad++
					} else {
						good++
					}
				}
			}
			Expect([]int{good, bad}).To(Equal([]int{4, 2}))
			taken, err := numbers.PopMin(ctx, 3)
			Expect(taken).To(Equal([]kv.Scored[int]{{Member: 1}, {Member: 2, Score: 2}}), "what can be read is not lost with the other")
			var lost *kv.CorruptElementError
			Expect(errors.As(err, &lost)).To(BeTrue())
			Expect(lost.Text).To(Equal("one"))
			_, err = kv.MustOpen(kv.String(), store.Driver, kv.At("sorted", "wins")).Append(ctx, "text")
			Expect(err).NotTo(HaveOccurred())
			_, err = wins.Read(ctx)
			Expect(err).To(MatchError(kv.ErrWrongType))
			for _, err := range wins.AllByScore(ctx, kv.Scores()) {
				Expect(err).To(MatchError(kv.ErrWrongType))
			}
		})
		It("take part in batches", func(ctx context.Context) {
			var batch kv.Batch
			bound := batch.Bind(root)
			added := batch.Do(func(ctx context.Context) (int, error) { return bound.Take(SortedSetWins).Add(ctx, abc...) })
			score := batch.Do(func(ctx context.Context) (float64, error) { return bound.Take(SortedSetWins).Increment(ctx, "a", 9) })
			union := batch.Do(func(ctx context.Context) ([]kv.Scored[string], error) {
				return bound.Take(SortedSetWins).Weighted(2).Union(ctx, bound.Take(SortedSetLosses))
			})
			_ = batch.Do(func(ctx context.Context) (kv.Scored[string], error) { return bound.Take(SortedSetWins).PopMinWait(ctx) })
			_ = batch.Run(ctx)
			Expect(added.Get()).To(Equal(3))
			Expect(score.Get()).To(Equal(9.0))
			Expect(union.Get()).To(HaveExactElements(sortedSetScored("b", 2), sortedSetScored("c", 4), sortedSetScored("a", 18)))
		})
		It("take part in transactions", func(ctx context.Context) {
			Expect(wins.Write(ctx, abc)).To(Succeed())
			Expect(kv.Atomic(ctx, root, func(ctx context.Context, root kv.StaticStore) error {
				losses, total := root.Take(SortedSetLosses), root.Take(SortedSetTotal)
				popped, err := root.Take(SortedSetWins).PopMax(ctx, 2)
				if err != nil {
					return err
				}
				added, err := losses.Add(ctx, popped...)
				Expect(added).To(Equal(2))
				Expect(total.StoreUnion(ctx, root.Take(SortedSetBrief))).To(Equal(0))
				return err
			})).To(Succeed())
			Expect(wins.Read(ctx)).To(Equal(abc[:1]))
			Expect(root.Take(SortedSetLosses).Read(ctx)).To(Equal(abc[1:]))
			Expect(kv.Atomic(ctx, root, func(ctx context.Context, root kv.StaticStore) error {
				_, err := root.Take(SortedSetWins).PopMinWait(ctx)
				return err
			})).To(MatchError(errors.ErrUnsupported))
		})
		It("are copied, exported and imported with their scores", func(ctx context.Context) {
			Expect(wins.Write(ctx, []kv.Scored[string]{sortedSetScored("a", math.Inf(-1)), sortedSetScored("b", 0.1), sortedSetScored("", 1e300)})).To(Succeed())
			elsewhere := kv.MustOpen(SortedSetSchema, memory.New())
			Expect(kv.Copy(ctx, root, elsewhere)).To(HaveField("Values", 1))
			Expect(elsewhere.Take(SortedSetWins).Read(ctx)).To(HaveExactElements(sortedSetScored("a", math.Inf(-1)), sortedSetScored("b", 0.1), sortedSetScored("", 1e300)))
			var file bytes.Buffer
			Expect(root.Export(ctx, &file)).To(HaveField("Values", 1))
			again := kv.MustOpen(SortedSetSchema, memory.New())
			Expect(again.Import(ctx, bytes.NewReader(file.Bytes()))).To(HaveField("Records", 1))
			Expect(again.Take(SortedSetWins).Len(ctx)).To(Equal(3))
			broken := bytes.ReplaceAll(file.Bytes(), []byte(`"0.1"`), []byte(`"NaN"`))
			_, err := kv.MustOpen(SortedSetSchema, memory.New()).Import(ctx, bytes.NewReader(broken))
			Expect(err).To(MatchError(kv.ErrInvalid))
		})
		It("are read many at a time", func(ctx context.Context) {
			rooms := root.Take(SortedSetRooms)
			Expect(rooms.Take("7").Add(ctx, kv.Scored[SetOfPoint]{Member: SetOfPoint{X: 1}, Score: 2}, kv.Scored[SetOfPoint]{Member: SetOfPoint{X: 2}, Score: 1})).To(Equal(2))
			for entry, err := range kv.All(ctx, rooms) {
				Expect(err).NotTo(HaveOccurred())
				Expect(entry.Key).To(Equal("7"))
				Expect(entry.Value).To(HaveExactElements(kv.Scored[SetOfPoint]{Member: SetOfPoint{X: 2}, Score: 1}, kv.Scored[SetOfPoint]{Member: SetOfPoint{X: 1}, Score: 2}))
			}
		})
		It("keep the error of a wrong Take", func(ctx context.Context) {
			lost := root.Take[kv.SortedSetField]("lost")
			_, err := lost.Add(ctx, abc...)
			Expect(err).To(MatchError(kv.ErrUndeclared))
			_, err = lost.Read(ctx)
			Expect(err).To(MatchError(kv.ErrUndeclared))
			_, err = lost.RangeByMember(ctx, kv.Members())
			Expect(err).To(MatchError(kv.ErrUndeclared))
			_, err = lost.PopMinWait(ctx)
			Expect(err).To(MatchError(kv.ErrUndeclared))
			_, err = lost.StoreUnion(ctx, wins)
			Expect(err).To(MatchError(kv.ErrUndeclared))
			_, err = wins.Union(ctx, lost)
			Expect(err).To(MatchError(kv.ErrUndeclared))
			var zero kv.SortedSetField
			_, err = zero.Rank(ctx, "a")
			Expect(err).To(HaveOccurred())
		})
	})
	It("have members of a type that has a text", func() {
		_, err := kv.Open(kv.SortedSetOf[func()](), memory.New(), kv.At("broken"))
		Expect(err).To(HaveOccurred())
	})
})

// sortedSetAll is all that an iterator yields, without an error.
func sortedSetAll(each func(func(kv.Scored[string], error) bool)) []kv.Scored[string] {
	GinkgoHelper()
	var all []kv.Scored[string]
	for scored, err := range each {
		Expect(err).NotTo(HaveOccurred())
		all = append(all, scored)
	}
	return all
}
