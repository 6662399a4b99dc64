package values_test

import (
	"context"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/kv"
	"github.com/kvstore-go/kvstore/kv/internal/kvtest"
)

const (
	slidingToken kv.Key[kv.StringField]           = "token"
	slidingCount kv.Key[kv.IntField]              = "count"
	slidingCart  kv.Key[kv.JSONField[kvtest.Msg]] = "cart"
)

var slidingStore = kv.Static("session").
	String(slidingToken, kv.Sliding(time.Hour)).
	Int(slidingCount, kv.Sliding(time.Hour), kv.AtLeast(0)).
	JSON(slidingCart, kv.Sliding(time.Hour))

var _ = Describe("A sliding time to live", func() {
	kvtest.OnAllDrivers(func(open func(context.Context) kvtest.Backend) {
		var (
			store          kvtest.Backend
			session        kv.StaticStore
			token          kv.StringField
			about, shorter func(ctx context.Context)
		)
		BeforeEach(func(ctx context.Context) {
			store = open(ctx)
			session = kv.MustOpen(slidingStore, store.Driver)
			token = session.Take(slidingToken)
			Expect(token.Write(ctx, "ann")).To(Succeed())
			shorter = func(ctx context.Context) {
				GinkgoHelper()
				Expect(token.Expire(ctx, time.Minute)).To(BeTrue())
			}
			about = func(ctx context.Context) {
				GinkgoHelper()
				Expect(token.TTL(ctx)).To(BeNumerically("~", time.Hour, time.Minute))
			}
			store.Trips.Reset()
		})

		It("starts anew with each Read, in one round trip", func(ctx context.Context) {
			shorter(ctx)
			store.Trips.Reset()
			Expect(token.Read(ctx)).To(Equal("ann"))
			Expect(store.Trips.Taken()).To(Equal(1))
			Expect(store.Trips.Of(drivers.OpGetEx)).To(Equal(1))
			about(ctx)
			shorter(ctx)
			Expect(token.ReadOr(ctx, "nobody")).To(Equal("ann"))
			about(ctx)
			Expect(token.Write(ctx, "ann", kv.NoExpiry)).To(Succeed())
			Expect(token.Read(ctx)).To(Equal("ann"))
			about(ctx)

			count, cart := session.Take(slidingCount), session.Take(slidingCart)
			Expect(count.Write(ctx, 3, kv.ExpireIn(time.Minute))).To(Succeed())
			Expect(count.Read(ctx)).To(Equal(int64(3)))
			Expect(count.TTL(ctx)).To(BeNumerically("~", time.Hour, time.Minute))
			Expect(cart.Write(ctx, kvtest.Msg{}, kv.ExpireIn(time.Minute))).To(Succeed())
			Expect(cart.Read(ctx)).To(Equal(kvtest.Msg{}))
			Expect(cart.TTL(ctx)).To(BeNumerically("~", time.Hour, time.Minute))
		})
		It("makes nothing where there is nothing", func(ctx context.Context) {
			_, err := session.Take(slidingCount).Read(ctx)
			Expect(err).To(MatchError(kv.ErrNotFound))
			Expect(session.Take(slidingCount).ReadOr(ctx, 7)).To(Equal(int64(7)))
			Expect(session.Take(slidingCount).Exists(ctx)).To(BeFalse())
		})
		It("stays as it is where one only looks, and where one changes a part", func(ctx context.Context) {
			shorter(ctx)
			Expect(token.Exists(ctx)).To(BeTrue())
			Expect(token.Append(ctx, "a")).To(Equal(4))
			Expect(token.Update(ctx, func(text string) (string, error) { return text + "!", nil })).To(Equal("anna!"))
			Expect(token.TTL(ctx)).To(BeNumerically("<=", time.Minute))
		})
		It("starts anew in batches and, once they are committed, in transactions", func(ctx context.Context) {
			shorter(ctx)
			var batch kv.Batch
			read := batch.Do(batch.Bind(token).Read)
			Expect(batch.Run(ctx)).To(Succeed())
			Expect(read.Get()).To(Equal("ann"))
			about(ctx)
			shorter(ctx)
			Expect(kv.Atomic(ctx, session, func(ctx context.Context, tx kv.StaticStore) error {
				inside := tx.Take(slidingToken)
				Expect(inside.Read(ctx)).To(Equal("ann"))
				Expect(inside.TTL(ctx)).To(BeNumerically("~", time.Hour, time.Minute))
				Expect(inside.Append(ctx, "a")).To(Equal(4))
				Expect(inside.Read(ctx)).To(Equal("anna"))
				return nil
			})).To(Succeed())
			about(ctx)
			Expect(token.Read(ctx)).To(Equal("anna"))
		})
		It("keeps the registry of the store around", func(ctx context.Context) {
			sessions := kv.MustOpen(kv.Colocated(kv.IndexKeys(kv.Dynamic(kv.String(kv.Sliding(time.Hour))))), store.Driver, kv.At("sessions"))
			Expect(sessions.Take("a").Write(ctx, "ann")).To(Succeed())
			store.Trips.Reset()
			Expect(sessions.Take("a").Read(ctx)).To(Equal("ann"))
			_, err := sessions.Take("b").Read(ctx)
			Expect(err).To(MatchError(kv.ErrNotFound))
			Expect(store.Trips.Taken()).To(Equal(2))
			Expect(sessions.Len(ctx)).To(Equal(1))
		})
	})

	It("is a mistake of the schema where it is no time", func() {
		Expect(kvtest.Opening(kv.String(kv.Sliding(5)))).To(MatchError(ContainSubstring("a millisecond at least")))
	})
})
