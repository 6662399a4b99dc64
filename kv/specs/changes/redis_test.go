package changes_test

import (
	"context"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kvstore-go/kvstore/kv"
	"github.com/kvstore-go/kvstore/kv/internal/kvtest"
	"github.com/kvstore-go/kvstore/spec/suite"
)

var _ = Describe("What is followed on Redis", Label(suite.Redis), func() {
	var (
		note kv.StringField
		all  kv.CollectionStore[player]

		value loop[string]
		keys  loop[kv.Entry[string, kv.JSONField[player]]]
		found loop[playerChange]
	)
	follow := func(ctx context.Context) {
		GinkgoHelper()
		driver := kvtest.Redis(ctx)
		note, all = kv.MustOpen(kv.String(), driver, kv.At("note")), kv.MustOpen(players, driver, kv.At("players"))
		Expect(note.Write(ctx, "a")).To(Succeed())
		Expect(all.Take("ann").Write(ctx, player{Rating: 2000})).To(Succeed())
		Expect(all.Take("bob").Write(ctx, player{Rating: 1000})).To(Succeed())
		value, keys, found = begin(ctx, note.Follow), begin(ctx, all.Follow), begin(ctx, all.Find(byRating.AtLeast(1500)).Follow)
		Expect(value.value()).To(Equal("a"))
		Expect([]string{keys.value().Key, keys.value().Key}).To(ConsistOf("ann", "bob"))
		Expect(found.value()).To(Equal(enters("ann", 2000)))
	}

	It("is stated anew when the connection was lost", func(ctx context.Context) {
		follow(ctx)
		commands := kvtest.Servers.Client.TxPipeline()
		list, err := kvtest.Servers.Client.ClientList(ctx).Result()
		Expect(err).NotTo(HaveOccurred())
		for line := range strings.Lines(list) {
			var id, flags string
			for _, fact := range strings.Fields(line) {
				switch name, text, _ := strings.Cut(fact, "="); name {
				case "id":
					id = text
				case "flags":
					flags = text
				}
			}
			if strings.ContainsAny(flags, "tB") { // it tracks keys
				commands.ClientKillByFilter(ctx, "ID", id)
			}
		}
		Expect(commands.Len()).To(Equal(1), "one connection for all who follow: %s", list)
		_, err = commands.Exec(ctx)
		Expect(err).NotTo(HaveOccurred())
		Expect(value.failure()).To(MatchError(kv.ErrMissed))
		Expect(value.value()).To(Equal("a"))
		Expect(keys.failure()).To(MatchError(kv.ErrMissed))
		Expect([]string{keys.value().Key, keys.value().Key}).To(ConsistOf("ann", "bob"))
		Expect(found.failure()).To(MatchError(kv.ErrMissed))
		Expect(all.Take("bob").Write(ctx, player{Rating: 1600})).To(Succeed())
		Expect(found.value()).To(Equal(enters("bob", 1600)), "nothing else is different")
	})

	It("is gone when the database is emptied", func(ctx context.Context) {
		follow(ctx)
		Expect(kvtest.Servers.Client.FlushAll(ctx).Err()).To(Succeed())
		Expect(value.failure()).To(MatchError(kv.ErrMissed))
		Expect(value.failure()).To(MatchError(kv.ErrNotFound))
		Expect(keys.failure()).To(MatchError(kv.ErrMissed))
		Expect(all.Take("cat").Write(ctx, player{Rating: 2000})).To(Succeed())
		Expect(keys.value().Key).To(Equal("cat"))
		Expect(found.failure()).To(MatchError(kv.ErrMissed))
		Expect([]playerChange{found.value(), found.value()}).To(ConsistOf(leaves("ann"), enters("cat", 2000)))
	})
})
