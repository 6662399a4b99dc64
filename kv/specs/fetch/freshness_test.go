package fetch_test

import (
	"context"
	"sync/atomic"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/kv"
	"github.com/kvstore-go/kvstore/kv/internal/kvtest"
)

var _ = Describe("Fetch of what is not fresh for as long as it is kept", func() {
	const fresh = 10 * time.Minute
	freshFor := kv.FreshFor(fresh)

	kvtest.OnAllDrivers(func(open func(context.Context) kvtest.Backend) {
		var (
			store kvtest.Backend
			one   page
		)
		BeforeEach(func(ctx context.Context) {
			store = open(ctx)
			one = openPages(store).Take("1")
		})

		// passes makes a value as old as it is after a while.
		passes := func(ctx context.Context, of kv.Field, age time.Duration) {
			GinkgoHelper()
			Expect(of.Expire(ctx, kept-age)).To(BeTrue())
		}
		lease := func(ctx context.Context) []string {
			return kvtest.Collect(drivers.Scan(ctx, store.Raw, drivers.Command{Op: drivers.OpScanKeys, Key: "%fetch"}))
		}

		It("does not load as long as it is fresh", func(ctx context.Context) {
			Expect(one.Title.Fetch(ctx, has("old"), freshFor)).To(Equal("old"))
			passes(ctx, one.Title.Field, fresh-time.Minute)
			Expect(one.Title.Fetch(ctx, never, freshFor)).To(Equal("old"))
			Expect(one.Title.Persist(ctx)).To(BeTrue())
			Expect(one.Title.Fetch(ctx, never, freshFor)).To(Equal("old"), "what stays for ever is fresh for ever")
		})

		It("serves what is stale while one caller, of all programs, loads it in the background", func(ctx context.Context) {
			Expect(one.Title.Fetch(ctx, has("old"), freshFor)).To(Equal("old"))
			Expect(one.Room.Fetch(ctx, has(room{Seats: 1}), freshFor)).To(Equal(room{Seats: 1}))
			passes(ctx, one.Title.Field, fresh+time.Minute)
			passes(ctx, one.Room.Field, fresh+time.Minute)
			other := openPages(kvtest.New(store.Raw)).Take("1")
			var loads atomic.Int64
			gate := make(chan struct{})
			load := func(context.Context) (string, error) { loads.Add(1); <-gate; return "new", nil }
			loadRoom := func(context.Context) (room, error) { loads.Add(1); <-gate; return room{Seats: 2}, nil }
			for range 10 {
				for _, program := range []page{one, other} {
					Expect(program.Title.Fetch(ctx, load, freshFor)).To(Equal("old"))
					Expect(program.Room.Fetch(ctx, loadRoom, freshFor)).To(Equal(room{Seats: 1}))
				}
			}
			Eventually(loads.Load).Should(BeEquivalentTo(2))
			close(gate)
			for _, program := range []page{one, other} {
				Eventually(func() (string, error) { return program.Title.Fetch(ctx, load, freshFor) }).Should(Equal("new"))
				Eventually(func() (room, error) { return program.Room.Fetch(ctx, loadRoom, freshFor) }).Should(Equal(room{Seats: 2}))
			}
			Expect(loads.Load()).To(BeEquivalentTo(2))
			Expect(one.Title.TTL(ctx)).To(BeNumerically("~", kept, time.Minute))
			Expect(one.Room.TTL(ctx)).To(BeNumerically("~", kept, time.Minute))
			Eventually(lease).WithContext(ctx).Should(BeEmpty())
		})

		It("refreshes even though the caller is gone", func(ctx context.Context) {
			Expect(one.Title.Fetch(ctx, has("old"), freshFor)).To(Equal("old"))
			passes(ctx, one.Title.Field, fresh+time.Minute)
			calling, hangUp := context.WithCancel(ctx)
			Expect(one.Title.Fetch(calling, has("new"), freshFor)).To(Equal("old"))
			hangUp()
			Eventually(one.Title.Read).WithContext(ctx).Should(Equal("new"))
		})

		It("refreshes ahead of the end, by chance, and not before that", func(ctx context.Context) {
			ahead := kv.RefreshAhead(time.Minute)
			Expect(one.Title.Fetch(ctx, has("old"), ahead)).To(Equal("old"))
			passes(ctx, one.Title.Field, kept-2*time.Minute)
			for range 200 {
				Expect(one.Title.Fetch(ctx, never, ahead)).To(Equal("old"))
			}
			passes(ctx, one.Title.Field, kept-30*time.Second)
			Eventually(func() (string, error) { return one.Title.Fetch(ctx, has("new"), ahead) }).WithPolling(time.Millisecond).Should(Equal("new"))
			passes(ctx, one.Title.Field, fresh-2*time.Minute)
			for range 200 {
				Expect(one.Title.Fetch(ctx, never, ahead, freshFor)).To(Equal("new"))
			}
			passes(ctx, one.Title.Field, fresh-time.Second)
			Eventually(func() (string, error) { return one.Title.Fetch(ctx, has("newest"), ahead, freshFor) }).WithPolling(time.Millisecond).Should(Equal("newest"))
		})

		It("serves what is stale while load fails: until it ends, or for as long as it is told to", func(ctx context.Context) {
			for _, options := range [][]kv.FetchOption{{freshFor}, {freshFor, kv.KeepStale}} {
				Expect(one.Title.Write(ctx, "old")).To(Succeed())
				passes(ctx, one.Title.Field, kept-time.Minute)
				began := time.Now()
				var failures atomic.Int64
				failing := func(context.Context) (string, error) { failures.Add(1); return "", errSource }
				Expect(one.Title.Fetch(ctx, failing, options...)).To(Equal("old"))
				left := time.Minute
				if len(options) == 2 {
					left = kept - fresh
				}
				Eventually(failures.Load).Should(BeEquivalentTo(1))
				Eventually(one.Title.TTL).WithContext(ctx).Should(BeNumerically("~", left, 10*time.Second))
				for range 10 {
					Expect(one.Title.Fetch(ctx, failing, options...)).To(Equal("old"))
				}
				Expect(failures.Load()).To(BeNumerically("<=", 2+time.Since(began)/time.Second), "it is not tried again at once")
				Eventually(func() (string, error) { return one.Title.Fetch(ctx, has("new"), options...) }).Should(Equal("new"))
			}
		})

		It("removes what is no more, and may remember that", func(ctx context.Context) {
			Expect(one.Title.Write(ctx, "old")).To(Succeed())
			passes(ctx, one.Title.Field, fresh+time.Minute)
			none := kv.RememberNone(time.Minute)
			Expect(one.Title.Fetch(ctx, fails[string](kv.ErrNotFound), freshFor, none)).To(Equal("old"))
			Eventually(one.Title.Exists).WithContext(ctx).Should(BeFalse())
			Expect(one.Title.Fetch(ctx, never, freshFor, none)).Error().To(MatchError(kv.ErrNotFound))
		})

		It("never overwrites what was written while it was loaded anew, nor brings back what was erased", func(ctx context.Context) {
			for name, change := range map[string]func(page){
				"written": func(p page) { Expect(p.Title.Write(ctx, "written")).To(Succeed()) },
				"":        func(p page) { Expect(p.Title.Erase(ctx)).To(BeTrue()) },
			} {
				Expect(one.Title.Write(ctx, "old")).To(Succeed())
				passes(ctx, one.Title.Field, fresh+time.Minute)
				loading, gate := make(chan struct{}), make(chan struct{})
				load := func(context.Context) (string, error) { close(loading); <-gate; return "loaded", nil }
				Expect(one.Title.Fetch(ctx, load, freshFor)).To(Equal("old"))
				Eventually(loading).Should(BeClosed())
				change(openPages(kvtest.New(store.Raw)).Take("1"))
				close(gate)
				Eventually(lease).WithContext(ctx).Should(BeEmpty())
				Expect(one.Title.ReadOr(ctx, "")).To(Equal(name))
			}
		})
	})
})
