package fetch_test

import (
	"context"
	"errors"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/jsonval"
	"github.com/kvstore-go/kvstore/kv"
	"github.com/kvstore-go/kvstore/kv/internal/kvtest"
)

var errSource = errors.New("the source is out of order")

// loads expects a handle to load what is missing, store it, and load it no more.
func loads[T any](ctx context.Context, handle fetched[T], value T, ttl time.Duration) {
	GinkgoHelper()
	count := 0
	for range 3 {
		Expect(handle.Fetch(ctx, func(context.Context) (T, error) { count++; return value, nil })).To(BeComparableTo(value))
	}
	Expect(count).To(Equal(1))
	Expect(handle.Read(ctx)).To(BeComparableTo(value))
	Expect(handle.TTL(ctx)).To(BeNumerically("~", ttl, time.Minute))
	Expect(handle.Forget(ctx)).To(BeTrue())
	Expect(handle.Forget(ctx)).To(BeFalse())
	Expect(handle.Fetch(ctx, fails[T](errSource))).Error().To(MatchError(errSource), "it is loaded again")
	Expect(handle.Read(ctx)).Error().To(MatchError(kv.ErrNotFound), "an error is not stored")
}

var _ = Describe("Fetch", func() {
	kvtest.OnAllDrivers(func(open func(context.Context) kvtest.Backend) {
		var (
			store kvtest.Backend
			one   page
		)
		BeforeEach(func(ctx context.Context) {
			store = open(ctx)
			one = openPages(store).Take("1")
		})

		It("loads what is missing, once, and stores it with the TTL of the schema, whatever the kind of value", func(ctx context.Context) {
			loads(ctx, one.Title, "Foo", kept)
			loads(ctx, one.Text, []byte("bar\x00"), kept)
			loads(ctx, one.Views, 7, kept)
			loads(ctx, one.Rank, 1.5, kv.NoTTL)
			loads(ctx, one.Open, true, kv.NoTTL)
			loads(ctx, one.Since, time.Date(2026, 1, 2, 3, 4, 5, 6, time.UTC), kv.NoTTL)
			loads(ctx, one.Game, kvtest.Game{White: "ann", Moves: []string{"e4"}}, kept)
			loads(ctx, one.Room, room{"hall", 3}, kept)
			loads(ctx, one.Visit, "now", kept)
		})

		It("is one round trip where there is a value, which is that of Read", func(ctx context.Context) {
			Expect(one.Title.Write(ctx, "Foo")).To(Succeed())
			Expect(one.Room.Write(ctx, room{"hall", 3})).To(Succeed())
			Expect(one.Visit.Write(ctx, "now")).To(Succeed())
			for _, read := range []struct {
				fetch func() error
				ops   []drivers.Op
			}{
				{func() error { return kvtest.ErrorOf(one.Title.Fetch(ctx, never)) }, []drivers.Op{drivers.OpGet}},
				{func() error { return kvtest.ErrorOf(one.Room.Fetch(ctx, never)) }, []drivers.Op{drivers.OpHGetAll}},
				{func() error { return kvtest.ErrorOf(one.Visit.Fetch(ctx, never)) }, []drivers.Op{drivers.OpGetEx}},
				{func() error { return kvtest.ErrorOf(one.Title.Fetch(ctx, never, kv.RememberNone(time.Minute))) }, []drivers.Op{drivers.OpGet}},
				{func() error { return kvtest.ErrorOf(one.Title.Fetch(ctx, never, kv.FreshFor(time.Minute))) }, []drivers.Op{drivers.OpGet, drivers.OpTTL}},
				{func() error { return kvtest.ErrorOf(one.Room.Fetch(ctx, never, kv.RefreshAhead(time.Minute))) }, []drivers.Op{drivers.OpHGetAll, drivers.OpTTL}},
			} {
				store.Trips.Reset()
				Expect(read.fetch()).To(Succeed())
				Expect(store.Trips.Sent()).To(HaveLen(1))
				var ops []drivers.Op
				for _, item := range store.Trips.Sent()[0].Items {
					ops = append(ops, item.Command.Op)
				}
				Expect(ops).To(Equal(read.ops))
			}
		})

		It("is four round trips where there is none, and two where it is remembered that there is none", func(ctx context.Context) {
			Expect(one.Title.Fetch(ctx, has("Foo"))).To(Equal("Foo"))
			Expect(store.Trips.Taken()).To(Equal(4))
			none := kv.RememberNone(time.Minute)
			Expect(one.Text.Fetch(ctx, fails[[]byte](kv.ErrNotFound), none)).Error().To(MatchError(kv.ErrNotFound))
			store.Trips.Reset()
			Expect(one.Text.Fetch(ctx, never, none)).Error().To(MatchError(kv.ErrNotFound))
			Expect(store.Trips.Taken()).To(Equal(2))
		})

		It("keeps nothing where a listing, an export or the predecessor would meet it, and in the slot of the value", func(ctx context.Context) {
			all := openPages(store)
			before := kvtest.Exported(ctx, all)
			load := func(ctx context.Context) (string, error) {
				Expect(kvtest.Collect(all.Keys(ctx))).To(BeEmpty())
				Expect(all.Count(ctx)).To(BeZero())
				Expect(kvtest.Exported(ctx, all)).To(Equal(before))
				Expect(kvtest.Collect(drivers.Scan(ctx, store.Raw, drivers.Command{Op: drivers.OpScanKeys, Key: "pages"}))).To(BeEmpty())
				Expect(kvtest.Collect(drivers.Scan(ctx, store.Raw, drivers.Command{Op: drivers.OpScanKeys, Key: "%fetch"}))).To(HaveLen(1))
				return "", kv.ErrNotFound
			}
			Expect(one.Title.Fetch(ctx, load, kv.RememberNone(time.Minute))).Error().To(MatchError(kv.ErrNotFound))
			Expect(kvtest.Collect(all.Keys(ctx))).To(BeEmpty())
			Expect(kvtest.Collect(drivers.Scan(ctx, store.Raw, drivers.Command{Op: drivers.OpScanKeys, Key: "%fetch"}))).
				To(ConsistOf("%fetch::{pages:1:title}"))
		})

		It("leaves no bookkeeping behind a load", func(ctx context.Context) {
			Expect(one.Title.Fetch(ctx, has("Foo"))).To(Equal("Foo"))
			Expect(one.Text.Fetch(ctx, fails[[]byte](errSource))).Error().To(MatchError(errSource))
			Expect(kvtest.Collect(drivers.Scan(ctx, store.Raw, drivers.Command{Op: drivers.OpScanKeys, Key: "%fetch"}))).To(BeEmpty())
		})

		It("keeps to the hash tag of a value that has one", func(ctx context.Context) {
			tagged := kv.MustOpen(kv.Colocated(kv.Static("hall").String("motto")), store.Driver, kv.At("hall")).Take[kv.StringField]("motto")
			Expect(tagged.Fetch(ctx, fails[string](kv.ErrNotFound), kv.RememberNone(time.Minute))).Error().To(MatchError(kv.ErrNotFound))
			Expect(kvtest.Collect(drivers.Scan(ctx, store.Raw, drivers.Command{Op: drivers.OpScanKeys, Key: "%fetch"}))).
				To(ConsistOf("%fetch:" + tagged.Path()))
			Expect(tagged.Forget(ctx)).To(BeFalse())
			Expect(tagged.Fetch(ctx, has("all for one"))).To(Equal("all for one"))
		})

		It("stores nothing that the schema refuses, and says why", func(ctx context.Context) {
			_, err := one.Game.Fetch(ctx, has(kvtest.Game{}))
			Expect(err).To(MatchError(kv.ErrInvalid))
			var violations *jsonval.ValidationError
			Expect(errors.As(err, &violations)).To(BeTrue())
			Expect(one.Views.Fetch(ctx, has(int64(11)))).Error().To(MatchError(kv.ErrInvalid))
			Expect(one.Game.Exists(ctx)).To(BeFalse())
			Expect(one.Views.Exists(ctx)).To(BeFalse())
			Expect(one.Views.Fetch(ctx, has(int64(10)))).To(BeEquivalentTo(10))
		})

		It("returns a struct of which nothing is stored, and loads it again", func(ctx context.Context) {
			Expect(one.Room.Fetch(ctx, has(room{}))).To(Equal(room{}))
			Expect(one.Room.Fetch(ctx, has(room{Seats: 1}))).To(Equal(room{Seats: 1}))
			Expect(one.Room.Fetch(ctx, never)).To(Equal(room{Seats: 1}))
		})

		It("keeps the registry and the indexes of what is around", func(ctx context.Context) {
			bank := kv.MustOpen(kvtest.Bank, store.Driver)
			users := bank.Take(kvtest.Users)
			Expect(users.Take("ann").Fetch(ctx, has(kvtest.User{Email: "a@b"}))).To(Equal(kvtest.User{Email: "a@b"}))
			Expect(kvtest.Collect(users.Keys(ctx))).To(Equal([]string{"ann"}))
			Expect(users.Find(kvtest.ByEmail.Is("a@b")).Count(ctx)).To(Equal(1))
			user, err := users.Take("bob").Fetch(ctx, has(kvtest.User{Email: "a@b"}))
			Expect(err).To(And(MatchError(kv.ErrNotStored), MatchError(kv.ErrDuplicate)))
			Expect(user.Email).To(Equal("a@b"), "it was loaded all the same")
			Expect(users.Take("bob").Exists(ctx)).To(BeFalse())
		})

		It("is not to be had within a batch or a transaction, and loads nothing there", func(ctx context.Context) {
			Expect(one.Title.Write(ctx, "Foo")).To(Succeed())
			var batch kv.Batch
			bound := batch.Bind(one)
			result := batch.Do(func(ctx context.Context) (string, error) { return bound.Title.Fetch(ctx, never) })
			Expect(batch.Run(ctx)).To(MatchError(errors.ErrUnsupported))
			Expect(kvtest.ErrorOf(result.Get())).To(MatchError(errors.ErrUnsupported))
			Expect(kv.Atomic(ctx, one, func(ctx context.Context, tx page) error {
				return kvtest.ErrorOf(tx.Title.Fetch(ctx, never))
			})).To(MatchError(errors.ErrUnsupported))
		})

		It("returns the error of its handle, and what cannot be read, and loads nothing", func(ctx context.Context) {
			Expect(kv.StringField{}.Fetch(ctx, never)).Error().To(MatchError(kv.ErrUndeclared))
			Expect(kv.StringField{}.Forget(ctx)).Error().To(MatchError(kv.ErrUndeclared))
			wrong := one.Take[kv.StringField]("game")
			Expect(wrong.Fetch(ctx, never)).Error().To(MatchError(kv.ErrTypeMismatch))
			kvtest.Plant(ctx, store.Raw, one.Game.Path(), one.Room.Path())
			Expect(one.Game.Fetch(ctx, never)).Error().To(MatchError(kv.ErrCorrupt))
			Expect(one.Room.Fetch(ctx, never)).Error().To(MatchError(kv.ErrWrongType))
		})

		It("refuses options that make no sense before anything is read or loaded", func(ctx context.Context) {
			for _, options := range [][]kv.FetchOption{
				{kv.FreshFor(kept)}, {kv.FreshFor(2 * kept)}, {kv.FreshFor(0)}, {kv.FreshFor(-time.Second)}, {kv.FreshFor(5)},
				{kv.RefreshAhead(kept)}, {kv.RefreshAhead(0)}, {kv.FreshFor(time.Minute), kv.RefreshAhead(time.Minute)},
				{kv.Jitter(kept)}, {kv.Jitter(0)}, {kv.FreshFor(time.Minute), kv.Jitter(time.Minute)},
				{kv.FreshFor(time.Minute), kv.Jitter(30 * time.Second), kv.RefreshAhead(30 * time.Second)},
				{kv.RememberNone(0)}, {kv.LoadWithin(0)}, {kv.KeepStale},
			} {
				store.Trips.Reset()
				Expect(one.Title.Fetch(ctx, never, options...)).Error().To(MatchError(kv.ErrInvalid))
				Expect(store.Trips.Taken()).To(BeZero())
			}
			for _, option := range []kv.FetchOption{kv.FreshFor(time.Minute), kv.RefreshAhead(time.Minute), kv.Jitter(time.Minute)} {
				Expect(one.Rank.Fetch(ctx, never, option)).Error().To(MatchError(kv.ErrInvalid), "there is no TTL")
				Expect(one.Visit.Fetch(ctx, never, option)).Error().To(MatchError(kv.ErrInvalid), "reading starts it anew")
			}
			Expect(one.Rank.Fetch(ctx, has(2.5), kv.RememberNone(time.Minute), kv.LoadWithin(time.Hour))).To(Equal(2.5))
		})

		It("shortens the TTL by chance where it is told to", func(ctx context.Context) {
			ttls := map[time.Duration]bool{}
			for range 20 {
				Expect(one.Title.Fetch(ctx, has("Foo"), kv.Jitter(30*time.Minute))).To(Equal("Foo"))
				ttl, err := one.Title.TTL(ctx)
				Expect(err).NotTo(HaveOccurred())
				Expect(ttl).To(And(BeNumerically("<=", kept), BeNumerically(">", 29*time.Minute)))
				ttls[ttl.Truncate(time.Minute)] = true
				Expect(one.Title.Forget(ctx)).To(BeTrue())
			}
			Expect(len(ttls)).To(BeNumerically(">", 3))
		})

		It("remembers that there is none, for all programs, until there is a value, or it is told to forget", func(ctx context.Context) {
			none := kv.RememberNone(time.Minute)
			Expect(one.Game.Fetch(ctx, fails[kvtest.Game](kv.ErrNotFound), none)).Error().To(MatchError(kv.ErrNotFound))
			other := openPages(kvtest.New(store.Raw)).Take("1")
			Expect(other.Game.Fetch(ctx, never, none)).Error().To(MatchError(kv.ErrNotFound), "without a load")
			Expect(other.Game.Forget(ctx)).To(BeFalse())
			game := kvtest.Game{White: "ann", Moves: []string{}}
			Expect(one.Game.Fetch(ctx, has(game), none)).To(Equal(game))
			Expect(one.Game.Forget(ctx)).To(BeTrue())
			Expect(one.Game.Fetch(ctx, fails[kvtest.Game](kv.ErrNotFound), none)).Error().To(MatchError(kv.ErrNotFound))
			Expect(one.Game.Write(ctx, game)).To(Succeed())
			Expect(one.Game.Fetch(ctx, never, none)).To(Equal(game))
			Expect(one.Room.Fetch(ctx, fails[room](kv.ErrNotFound))).Error().To(MatchError(kv.ErrNotFound))
			Expect(one.Room.Fetch(ctx, has(room{Seats: 2}))).To(Equal(room{Seats: 2}), "nothing is remembered unasked")
		})

		It("forgets in a batch and in a transaction, too", func(ctx context.Context) {
			none := kv.RememberNone(time.Minute)
			forget := []func() error{
				func() error {
					var batch kv.Batch
					batch.Do(batch.Bind(one).Title.Forget)
					return batch.Run(ctx)
				},
				func() error {
					return kv.Atomic(ctx, one.Title, func(ctx context.Context, tx kv.StringField) error { return kvtest.ErrorOf(tx.Forget(ctx)) })
				},
			}
			for _, forget := range forget {
				Expect(one.Title.Fetch(ctx, fails[string](kv.ErrNotFound), none)).Error().To(MatchError(kv.ErrNotFound))
				Expect(forget()).To(Succeed())
				Expect(one.Title.Fetch(ctx, has("Foo"), none)).To(Equal("Foo"))
				Expect(forget()).To(Succeed())
				Expect(one.Title.Exists(ctx)).To(BeFalse())
			}
		})

		It("names the operation and the path in its errors, once", func(ctx context.Context) {
			_, err := one.Title.Fetch(ctx, fails[string](errSource))
			var failure *kv.Error
			Expect(errors.As(err, &failure)).To(BeTrue())
			Expect(failure).To(And(HaveField("Op", "Fetch"), HaveField("Path", "pages:1:title")))
			Expect(strings.Count(err.Error(), "kv: ")).To(Equal(1))
		})
	})
})
