package values_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"net/netip"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/drivers/memory"
	"github.com/kvstore-go/kvstore/kv"
	"github.com/kvstore-go/kvstore/kv/internal/kvtest"
)

type ScalarMood string

const (
	ScalarCalm  ScalarMood = "calm"
	ScalarAngry ScalarMood = "angry"
)

const (
	ScalarOn      kv.Key[kv.BoolField]                 = "on"
	ScalarSince   kv.Key[kv.TimeField]                 = "since"
	ScalarWait    kv.Key[kv.DurationField]             = "wait"
	ScalarMoods   kv.Key[kv.EnumField[ScalarMood]]     = "mood"
	ScalarAddress kv.Key[kv.TextField[netip.AddrPort]] = "address"
	ScalarPicture kv.Key[kv.BytesField]                = "picture"
	ScalarVisits  kv.Key[kv.IntField]                  = "visits"
	ScalarSeats   kv.Key[kv.IntField]                  = "seats"
	ScalarBalance kv.Key[kv.FloatField]                = "balance"
	ScalarLoad    kv.Key[kv.FloatField]                = "load"
	ScalarOnce    kv.Key[kv.IntField]                  = "once"
)

var Scalars = kv.Static("scalars").
	Bool(ScalarOn).
	Time(ScalarSince).
	Duration(ScalarWait).
	Enum(ScalarMoods, []ScalarMood{ScalarCalm, ScalarAngry}).
	Text(ScalarAddress).
	Bytes(ScalarPicture).
	Int(ScalarVisits).
	Int(ScalarSeats, kv.AtLeast(0), kv.AtMost(10)).
	Float(ScalarBalance).
	Float(ScalarLoad, kv.AtLeast(0.0), kv.AtMost(0.3)).
	Int(ScalarOnce, kv.ExpireIn(time.Minute))

var _ = Describe("A scalar", func() {
	kvtest.OnBothDrivers(func(open func(context.Context) kvtest.Backend) {
		var (
			store kvtest.Backend
			root  kv.StaticStore
		)
		BeforeEach(func(ctx context.Context) {
			store = open(ctx)
			root = kv.MustOpen(Scalars, store.Driver)
			store.Trips.Reset()
		})
		plant := func(ctx context.Context, path, text string) {
			GinkgoHelper()
			_, err := store.Raw.Do(ctx, drivers.Command{Op: drivers.OpSet, Key: path, Value: text})
			Expect(err).NotTo(HaveOccurred())
		}
		stored := func(ctx context.Context, path string) string {
			GinkgoHelper()
			reply, err := store.Raw.Do(ctx, drivers.Command{Op: drivers.OpGet, Key: path})
			Expect(err).NotTo(HaveOccurred())
			return reply.Value
		}

		It("reads what was written, as what it was", func(ctx context.Context) {
			moment := time.Date(2026, 11, 23, 9, 30, 0, 123456789, time.FixedZone("here", 3600))
			Expect(root.Take(ScalarOn).Write(ctx, true)).To(Succeed())
			Expect(root.Take(ScalarOn).Read(ctx)).To(BeTrue())
			Expect(root.Take(ScalarSince).Write(ctx, moment)).To(Succeed())
			Expect(root.Take(ScalarSince).Read(ctx)).To(Equal(moment.UTC()))
			Expect(root.Take(ScalarWait).Write(ctx, 90*time.Second+time.Nanosecond)).To(Succeed())
			Expect(root.Take(ScalarWait).Read(ctx)).To(Equal(90*time.Second + time.Nanosecond))
			Expect(root.Take(ScalarMoods).Write(ctx, ScalarAngry)).To(Succeed())
			Expect(root.Take(ScalarMoods).Read(ctx)).To(Equal(ScalarAngry))
			Expect(root.Take(ScalarAddress).Write(ctx, netip.MustParseAddrPort("[::1]:80"))).To(Succeed())
			Expect(root.Take(ScalarAddress).Read(ctx)).To(Equal(netip.MustParseAddrPort("[::1]:80")))
			Expect(root.Take(ScalarPicture).Write(ctx, []byte{0, 255})).To(Succeed())
			Expect(root.Take(ScalarPicture).Read(ctx)).To(Equal([]byte{0, 255}))
			Expect(root.Take(ScalarVisits).Write(ctx, math.MinInt64)).To(Succeed())
			Expect(root.Take(ScalarVisits).Read(ctx)).To(BeEquivalentTo(math.MinInt64))
			Expect(root.Take(ScalarBalance).Write(ctx, math.SmallestNonzeroFloat64)).To(Succeed())
			Expect(root.Take(ScalarBalance).Read(ctx)).To(Equal(math.SmallestNonzeroFloat64))
		})
		It("is stored as text that other programs read", func(ctx context.Context) {
			_ = root.Take(ScalarOn).Write(ctx, false)
			_ = root.Take(ScalarSince).Write(ctx, time.Unix(1, 5).UTC())
			_ = root.Take(ScalarWait).Write(ctx, 90*time.Second)
			_ = root.Take(ScalarBalance).Write(ctx, 1e21)
			Expect(stored(ctx, "scalars:on")).To(Equal("false"))
			Expect(stored(ctx, "scalars:since")).To(Equal("1970-01-01T00:00:01.000000005Z"))
			Expect(stored(ctx, "scalars:wait")).To(Equal("1m30s"))
			Expect(stored(ctx, "scalars:balance")).To(Equal("1e+21"))
		})
		It("refuses to write what is not allowed, and changes nothing", func(ctx context.Context) {
			Expect(root.Take(ScalarMoods).Write(ctx, ScalarCalm)).To(Succeed())
			Expect(root.Take(ScalarMoods).Write(ctx, "sleepy")).To(MatchError(kv.ErrInvalid))
			Expect(root.Take(ScalarMoods).Write(ctx, "sleepy")).NotTo(MatchError(kv.ErrCorrupt))
			_, err := root.Take(ScalarMoods).Swap(ctx, "sleepy")
			Expect(err).To(MatchError(kv.ErrInvalid))
			_, err = root.Take(ScalarMoods).Update(ctx, func(ScalarMood) (ScalarMood, error) { return "sleepy", nil })
			Expect(err).To(MatchError(ContainSubstring(`"sleepy" is none of ["calm" "angry"]`)))
			Expect(root.Take(ScalarMoods).Read(ctx)).To(Equal(ScalarCalm))
			Expect(root.Take(ScalarSince).Write(ctx, time.Date(10_000, 1, 1, 0, 0, 0, 0, time.UTC))).To(MatchError(kv.ErrInvalid))
			Expect(root.Take(ScalarBalance).Write(ctx, math.NaN())).To(MatchError(kv.ErrInvalid))
			Expect(root.Take(ScalarBalance).Write(ctx, math.Inf(1))).To(MatchError(kv.ErrInvalid))
			Expect(root.Take(ScalarSeats).Write(ctx, 11)).To(MatchError(ContainSubstring("11 is more than 10")))
			Expect(root.Take(ScalarSeats).Write(ctx, -1)).To(MatchError(kv.ErrInvalid))
		})
		DescribeTable("says so if what is stored is not allowed, and keeps it",
			func(ctx context.Context, path, text string, read, swap, update func(ctx context.Context, root kv.StaticStore) error) {
				plant(ctx, path, text)
				for _, operation := range []func(context.Context, kv.StaticStore) error{read, swap, update} {
					err := operation(ctx, root)
					Expect(err).To(MatchError(kv.ErrCorrupt))
					Expect(err).To(MatchError(kv.ErrInvalid))
				}
				Expect(stored(ctx, path)).To(Equal(text))
			},
			scalarCorruption(ScalarOn, "scalars:on", "1"),
			scalarCorruption(ScalarOn, "scalars:on", "TRUE"),
			scalarCorruption(ScalarSince, "scalars:since", "yesterday"),
			scalarCorruption(ScalarWait, "scalars:wait", "90"),
			scalarCorruption(ScalarMoods, "scalars:mood", "sleepy"),
			scalarCorruption(ScalarAddress, "scalars:address", "::1"),
			scalarIntCorruption(ScalarVisits, "scalars:visits", "07"),
			scalarIntCorruption(ScalarVisits, "scalars:visits", "9223372036854775808"),
			scalarIntCorruption(ScalarSeats, "scalars:seats", "11"),
		)
		It("swaps in one step, under a condition or not", func(ctx context.Context) {
			mood := root.Take(ScalarMoods)
			Expect(mood.Swap(ctx, ScalarCalm)).To(Equal(kv.Previous[ScalarMood]{}))
			Expect(mood.Swap(ctx, ScalarAngry)).To(Equal(kv.Previous[ScalarMood]{Value: ScalarCalm, Exists: true}))
			_, err := mood.Swap(ctx, ScalarCalm, kv.IfAbsent)
			Expect(err).To(MatchError(kv.ErrConditionFailed))
			Expect(mood.Swap(ctx, ScalarCalm, kv.IfExists, kv.ExpireIn(time.Hour))).To(Equal(kv.Previous[ScalarMood]{Value: ScalarAngry, Exists: true}))
			Expect(mood.TTL(ctx)).To(BeNumerically("~", time.Hour, time.Minute))
			Expect(root.Take(ScalarPicture).Swap(ctx, []byte("a"))).To(Equal(kv.Previous[[]byte]{}))
			Expect(root.Take(ScalarPicture).Swap(ctx, []byte("b"))).To(Equal(kv.Previous[[]byte]{Value: []byte("a"), Exists: true}))
		})
		It("updates what is there, and says what is not", func(ctx context.Context) {
			wait := root.Take(ScalarWait)
			double := func(d time.Duration) (time.Duration, error) { return 2 * d, nil }
			_, err := wait.Update(ctx, double)
			Expect(err).To(MatchError(kv.ErrNotFound))
			_, err = wait.Read(ctx)
			Expect(err).To(MatchError("kv: Read scalars:wait: not found"))
			Expect(wait.ReadOr(ctx, time.Second)).To(Equal(time.Second))
			Expect(wait.Write(ctx, time.Minute)).To(Succeed())
			Expect(wait.Update(ctx, double)).To(Equal(2 * time.Minute))
			refusal := errors.New("no")
			_, err = wait.Update(ctx, func(time.Duration) (time.Duration, error) { return 0, refusal })
			Expect(err).To(MatchError(refusal))
			Expect(wait.Read(ctx)).To(Equal(2 * time.Minute))
		})

		Describe("that is an integer", func() {
			It("counts, from 0", func(ctx context.Context) {
				visits := root.Take(ScalarVisits)
				Expect(visits.Increment(ctx, 5)).To(BeEquivalentTo(5))
				Expect(visits.Decrement(ctx, 7)).To(BeEquivalentTo(-2))
				Expect(visits.Increment(ctx, math.MinInt64+2)).To(BeEquivalentTo(math.MinInt64))
				_, err := visits.Decrement(ctx, 1)
				Expect(err).To(MatchError(kv.ErrOverflow))
				_, err = visits.Decrement(ctx, math.MinInt64)
				Expect(err).To(MatchError(kv.ErrOverflow))
				Expect(visits.Read(ctx)).To(BeEquivalentTo(math.MinInt64))
				Expect(store.Trips.Taken()).To(Equal(5))
			})
			It("stays within the bounds of its schema", func(ctx context.Context) {
				seats := root.Take(ScalarSeats)
				Expect(seats.Increment(ctx, 10)).To(BeEquivalentTo(10))
				_, err := seats.Increment(ctx, 1)
				Expect(err).To(MatchError(kv.ErrOverflow))
				Expect(seats.Decrement(ctx, 10)).To(BeEquivalentTo(0))
				_, err = seats.Decrement(ctx, 1)
				Expect(err).To(MatchError("kv: Decrement scalars:seats: the number does not fit: it has to be at least 0 and at most 10"))
				Expect(seats.Read(ctx)).To(BeEquivalentTo(0))
			})
			It("starts its time to live when it starts to count", func(ctx context.Context) {
				once := root.Take(ScalarOnce)
				Expect(once.Increment(ctx, 1)).To(BeEquivalentTo(1))
				Expect(once.TTL(ctx)).To(BeNumerically("~", time.Minute, 10*time.Second))
				Expect(once.Expire(ctx, time.Hour)).To(BeTrue())
				Expect(once.Increment(ctx, 1)).To(BeEquivalentTo(2))
				Expect(once.TTL(ctx)).To(BeNumerically("~", time.Hour, 10*time.Second))
			})
			It("counts no text", func(ctx context.Context) {
				plant(ctx, "scalars:visits", "many")
				_, err := root.Take(ScalarVisits).Increment(ctx, 1)
				Expect(err).To(MatchError(kv.ErrInvalid))
				Expect(stored(ctx, "scalars:visits")).To(Equal("many"))
			})
			It("is counted several times in a transaction", func(ctx context.Context) {
				Expect(kv.Atomic(ctx, root, func(ctx context.Context, root kv.StaticStore) error {
					for range 3 {
						if _, err := root.Take(ScalarVisits).Increment(ctx, 2); err != nil {
							return err
						}
						if _, err := root.Take(ScalarBalance).Increment(ctx, 0.5); err != nil {
							return err
						}
					}
					return nil
				})).To(Succeed())
				Expect(root.Take(ScalarVisits).Read(ctx)).To(BeEquivalentTo(6))
				Expect(root.Take(ScalarBalance).Read(ctx)).To(Equal(1.5))
			})
			It("is counted in transactions, as a whole or not at all", func(ctx context.Context) {
				var sum int64
				Expect(kv.Atomic(ctx, root, func(ctx context.Context, root kv.StaticStore) (err error) {
					if _, err = root.Take(ScalarSeats).Increment(ctx, 3); err != nil {
						return err
					}
					sum, err = root.Take(ScalarVisits).Increment(ctx, 4)
					return err
				})).To(Succeed())
				Expect(sum).To(BeEquivalentTo(4))
				err := kv.Atomic(ctx, root, func(ctx context.Context, root kv.StaticStore) error {
					if err := root.Take(ScalarVisits).Write(ctx, 100); err != nil {
						return err
					}
					_, err := root.Take(ScalarSeats).Increment(ctx, 8)
					return err
				})
				Expect(err).To(MatchError(kv.ErrOverflow))
				Expect(root.Take(ScalarVisits).Read(ctx)).To(BeEquivalentTo(4), "nothing of it was applied")
				Expect(root.Take(ScalarSeats).Read(ctx)).To(BeEquivalentTo(3))
			})
		})

		Describe("that is a float", func() {
			It("adds as Redis does", func(ctx context.Context) {
				balance := root.Take(ScalarBalance)
				Expect(balance.Increment(ctx, 0.1)).To(Equal(0.1))
				Expect(balance.Increment(ctx, 0.2)).To(Equal(0.3))
				Expect(stored(ctx, "scalars:balance")).To(Equal("0.3"))
				Expect(balance.Decrement(ctx, 0.3)).To(Equal(0.0))
				_, err := balance.Increment(ctx, math.Inf(1))
				Expect(err).To(MatchError(kv.ErrInvalid))
				_, err = balance.Increment(ctx, math.NaN())
				Expect(err).To(MatchError(kv.ErrInvalid))
			})
			It("stays within the bounds of its schema", func(ctx context.Context) {
				load := root.Take(ScalarLoad)
				Expect(load.Increment(ctx, 0.1)).To(Equal(0.1))
				Expect(load.Increment(ctx, 0.2)).To(Equal(0.3))
				_, err := load.Increment(ctx, 0.01)
				Expect(err).To(MatchError(kv.ErrOverflow))
				Expect(load.Read(ctx)).To(Equal(0.3))
			})
		})

		Describe("of bytes", func() {
			It("is read and written in parts", func(ctx context.Context) {
				picture := root.Take(ScalarPicture)
				Expect(picture.PutRange(ctx, 2, []byte("cd"))).To(Equal(4))
				Expect(picture.Read(ctx)).To(Equal([]byte("\x00\x00cd")))
				Expect(picture.Range(ctx, 1, 3)).To(Equal([]byte("\x00c")))
				Expect(picture.Range(ctx, 3, 100)).To(Equal([]byte("d")))
				Expect(picture.Range(ctx, 3, 3)).To(BeEmpty())
				Expect(picture.Range(ctx, 100, 200)).To(BeEmpty())
				Expect(picture.Append(ctx, []byte("e"))).To(Equal(5))
				Expect(picture.Len(ctx)).To(Equal(5))
				for _, wrong := range [][2]int64{{-1, 2}, {2, 1}} {
					_, err := picture.Range(ctx, wrong[0], wrong[1])
					Expect(err).To(MatchError(kv.ErrInvalid))
				}
				_, err := picture.PutRange(ctx, -1, []byte("x"))
				Expect(err).To(MatchError(kv.ErrInvalid))
				_, err = picture.PutRange(ctx, 512<<20, []byte("x"))
				Expect(err).To(MatchError(kv.ErrInvalid))
			})
		})
	})

	It("is a mistake of the schema if it allows nothing", func() {
		_, err := kv.Open(kv.Static("s").
			Enum[ScalarMood]("none", nil).
			Enum("twice", []ScalarMood{ScalarCalm, ScalarCalm}).
			Int("crossed", kv.AtLeast(2), kv.AtMost(1)).
			Int("half", kv.AtLeast(0.5)), memory.New())
		for _, mistake := range []string{"no values", `"calm" twice`, "at least 2 and at most 1", "0.5 is no bound of a int64"} {
			Expect(err).To(MatchError(ContainSubstring(mistake)))
		}
	})
})

// scalarCorruption is an entry for a text that is not allowed under a key.
func scalarCorruption[T any](key kv.Key[kv.ScalarField[T]], path, text string) TableEntry {
	return scalarEntry(path, text, func(root kv.StaticStore) scalarHandle[T] { return root.Take(key) })
}

func scalarIntCorruption(key kv.Key[kv.IntField], path, text string) TableEntry {
	return scalarEntry(path, text, func(root kv.StaticStore) scalarHandle[int64] { return root.Take(key) })
}

// scalarHandle is what the handles of all scalars have in common.
type scalarHandle[T any] interface {
	Read(ctx context.Context) (T, error)
	Swap(ctx context.Context, value T, options ...kv.WriteOption) (kv.Previous[T], error)
	Update(ctx context.Context, change func(T) (T, error)) (T, error)
}

func scalarEntry[T any](path, text string, take func(kv.StaticStore) scalarHandle[T]) TableEntry {
	var zero T
	return Entry(fmt.Sprintf("%q under %s", text, path), path, text,
		func(ctx context.Context, root kv.StaticStore) error { _, err := take(root).Read(ctx); return err },
		func(ctx context.Context, root kv.StaticStore) error { return scalarSwap(ctx, take(root), zero) },
		func(ctx context.Context, root kv.StaticStore) error {
			_, err := take(root).Update(ctx, func(value T) (T, error) { return value, nil })
			return err
		})
}

// scalarSwap swaps in something that is allowed.
func scalarSwap[T any](ctx context.Context, field scalarHandle[T], value T) error {
	if mood, ok := any(&value).(*ScalarMood); ok {
		*mood = ScalarCalm
	}
	if address, ok := any(&value).(*netip.AddrPort); ok {
		*address = netip.MustParseAddrPort("[::1]:80")
	}
	_, err := field.Swap(ctx, value)
	return err
}
