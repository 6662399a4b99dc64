package near_test

import (
	"context"
	"regexp"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/drivers/redisdriver"
	"github.com/kvstore-go/kvstore/kv"
	"github.com/kvstore-go/kvstore/kv/internal/kvtest"
	"github.com/kvstore-go/kvstore/spec/suite"
)

var _ = Describe("What is kept near of a Redis", Label(suite.Redis), func() {
	var (
		p         process
		s, others shop
	)
	BeforeEach(func(ctx context.Context) {
		kvtest.Redis(ctx)
		p = around(opened(redisdriver.New(kvtest.Servers.Client)), opened(redisdriver.New(kvtest.Servers.Client)), kvtest.NewClock())
		s, others = kv.MustOpen(shops, p.Driver), kv.MustOpen(shops, p.others)
		p.hears("shop:name")
		Expect(others.Name.Write(ctx, "old")).To(Succeed())
		p.settles(ctx)
		Expect(s.Name.Read(ctx)).To(Equal("old"))
		p.Trips.Reset()
		Expect(s.Name.Read(ctx)).To(Equal("old"))
		p.costs(0, "what is near")
	})

	It("is dropped when the connection is lost that tells of changes, and kept again once there is another", func(ctx context.Context) {
		client := kvtest.Servers.Client
		list, err := client.ClientList(ctx).Result()
		Expect(err).NotTo(HaveOccurred())
		tracking := regexp.MustCompile(`(?m)^id=(\d+) .* flags=\w*B\w* `).FindAllStringSubmatch(list, -1)
		Expect(tracking).NotTo(BeEmpty())
		for _, connection := range tracking {
			Expect(client.ClientKillByFilter(ctx, "ID", connection[1]).Err()).To(Succeed())
		}
		Expect(others.Name.Write(ctx, "new")).To(Succeed())
		Eventually(func() int64 { return p.near.Stats().Missed }).Should(BeNumerically(">", 0))
		Expect(s.Name.Read(ctx)).To(Equal("new"))
		p.hears("shop:name")
		Expect(s.Name.Read(ctx)).To(Equal("new"))
		p.Trips.Reset()
		Expect(s.Name.Read(ctx)).To(Equal("new"))
		p.costs(0, "what is near again")
	})
	It("is dropped when all is flushed", func(ctx context.Context) {
		Expect(kvtest.Servers.Client.FlushAll(ctx).Err()).To(Succeed())
		Eventually(func() error { return kvtest.ErrorOf(s.Name.Read(ctx)) }).Should(MatchError(kv.ErrNotFound))
	})
	It("is read with the time that it has left, in one round trip", func(ctx context.Context) {
		p.Trips.Reset()
		Expect(s.Best.Read(ctx)).Error().To(MatchError(kv.ErrNotFound))
		sent := p.Trips.Sent()
		Expect(sent).To(HaveLen(1))
		Expect(sent[0].Items).To(HaveLen(2))
		Expect([]drivers.Op{sent[0].Items[0].Command.Op, sent[0].Items[1].Command.Op}).To(Equal([]drivers.Op{drivers.OpGet, drivers.OpTTL}))
	})
	It("is of one type alone, as the store says", func(ctx context.Context) {
		Expect(kvtest.Servers.Client.SAdd(ctx, "shop:best", "a").Err()).To(Succeed())
		for range 2 {
			Expect(s.Best.Read(ctx)).Error().To(MatchError(kv.ErrWrongType))
		}
	})
	It("ends with the time of a value, which the process counts itself: the server may tell of it late", func(ctx context.Context) {
		Expect(others.Name.Expire(ctx, time.Minute)).To(BeTrue())
		p.settles(ctx)
		Expect(s.Name.Read(ctx)).To(Equal("old"))
		p.clock.Advance(time.Minute)
		Expect(p.near.Near().Kept("shop:name", drivers.NearRead{Op: drivers.OpGet})).To(BeNil())
	})
})
