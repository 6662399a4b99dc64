package forms_test

import (
	"context"
	"errors"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kvstore-go/kvstore/drivers/memory"
	"github.com/kvstore-go/kvstore/kv"
	"github.com/kvstore-go/kvstore/kv/internal/kvtest"
)

// A player had a name and wins, and has a rank besides.

type playerV1 struct {
	Name string `json:"name"`
	Wins int    `json:"wins"`
	Town string `json:"town"` // which is in the address now
}

type player struct {
	Name    string `json:"name" jsonschema:"minLength=2"`
	Wins    int64  `json:"wins" jsonschema:"minimum=0"`
	Rank    string `json:"rank"`
	Address string `json:"address,omitempty"`
}

const (
	playerName kv.HashKey[player, string] = "name"
	playerWins kv.HashKey[player, int64]  = "wins"
	playerRank kv.HashKey[player, string] = "rank"
	playerHome kv.HashKey[player, string] = "address"
)

func playerOf(old playerV1) (player, error) {
	if old.Name == "nobody" {
		return player{}, errUnnamed
	}
	return player{Name: old.Name, Wins: int64(old.Wins), Rank: "new", Address: old.Town}, nil
}

func playerAsV1(now player) (playerV1, error) {
	return playerV1{now.Name, int(now.Wins), now.Address}, nil
}

var _ = Describe("A struct in a hash that had another form", func() {
	kvtest.OnAllDrivers(func(open func(context.Context) kvtest.Backend) {
		var (
			store  kvtest.Backend
			at     kv.HashField[player]
			before kv.HashField[playerV1]
			raw    kv.MapField[string, string]
		)
		old := map[string]string{"name": "Ada", "wins": "3", "town": "London"}
		today := player{"Ada", 3, "new", "London"}
		BeforeEach(func(ctx context.Context) {
			store = open(ctx)
			at = kv.MustOpen(kv.Hash[player](kv.Upgrade(playerOf)), store.Driver, kv.At("player"))
			before = kv.MustOpen(kv.Hash[playerV1](), store.Driver, kv.At("player"))
			raw = kv.MustOpen(kv.Map[string](), store.Raw, kv.At("player"))
			Expect(raw.Write(ctx, old, kv.ExpireIn(hour))).To(Succeed())
			store.Trips.Reset()
		})

		It("is read in each, and left as it is", func(ctx context.Context) {
			Expect(at.Read(ctx)).To(Equal(today))
			Expect(at.Get(ctx, playerRank)).To(Equal("new"))
			Expect(at.Get(ctx, playerWins)).To(Equal(int64(3)))
			Expect(store.Trips.Taken()).To(Equal(3))
			Expect(raw.Read(ctx)).To(Equal(old))
			Expect(at.Write(ctx, today)).To(Succeed())
			Expect(at.Read(ctx)).To(Equal(today))
			Expect(raw.Read(ctx)).To(HaveKeyWithValue("rank", "new"))
		})

		It("becomes the newest where it is changed, without what only the older has, and with what others put there", func(ctx context.Context) {
			Expect(raw.Put(ctx, "foreign", "x")).To(Succeed())
			Expect(at.Update(ctx, func(p *player) error { p.Wins++; return nil })).To(HaveField("Wins", int64(4)))
			Expect(raw.Read(ctx)).To(Equal(map[string]string{"name": "Ada", "wins": "4", "rank": "new", "address": "London", "foreign": "x"}))
			Expect(raw.TTL(ctx)).To(BeNumerically("~", hour, hour/2))
		})

		DescribeTable("becomes the newest before a single field of it is changed",
			func(ctx context.Context, change func(context.Context, kv.HashField[player]) error, is player) {
				Expect(change(ctx, at)).To(Succeed())
				if store.Remote() {
					Expect(store.Trips.Taken()).To(Equal(3))
				}
				Expect(at.Read(ctx)).To(Equal(is))
				Expect(raw.Has(ctx, "town")).To(BeFalse())
				Expect(raw.TTL(ctx)).To(BeNumerically("~", hour, hour/2))
			},
			Entry("Put", func(ctx context.Context, at kv.HashField[player]) error { return at.Put(ctx, playerRank, "king") }, player{"Ada", 3, "king", "London"}),
			Entry("PutMany", func(ctx context.Context, at kv.HashField[player]) error {
				return at.PutMany(ctx, playerRank.To("king"), playerHome.To("Paris"))
			}, player{"Ada", 3, "king", "Paris"}),
			Entry("Increment", func(ctx context.Context, at kv.HashField[player]) error {
				_, err := at.Increment(ctx, playerWins, 2)
				return err
			}, player{"Ada", 5, "new", "London"}),
		)

		It("may lack fields, as one that never had another form", func(ctx context.Context) {
			Expect(raw.Write(ctx, map[string]string{"rank": "king"})).To(Succeed())
			Expect(at.Get(ctx, playerRank)).To(Equal("king"))
			_, err := at.Get(ctx, playerName)
			Expect(err).To(MatchError(kv.ErrNotFound))
			Expect(at.Increment(ctx, playerWins, 1)).To(Equal(int64(1)))
			_, err = at.Read(ctx)
			Expect(err).To(MatchError(And(ContainSubstring("without name"), ContainSubstring("older form: forms_test.playerV1"))))
			Expect(at.Update(ctx, func(p *player) error { p.Name = "Ada"; return nil })).To(Equal(player{Name: "Ada", Wins: 1, Rank: "king"}))
			Expect(at.Read(ctx)).To(Equal(player{Name: "Ada", Wins: 1, Rank: "king"}))
		})

		It("is corrupt, and stays, if the upgrade makes nothing of it", func(ctx context.Context) {
			for _, name := range []string{"nobody", "x"} {
				Expect(raw.Put(ctx, "name", name)).To(Succeed())
				_, readErr := at.Read(ctx)
				_, updateErr := at.Update(ctx, func(*player) error { return nil })
				_, getErr := at.Get(ctx, playerRank)
				for _, err := range []error{readErr, updateErr, getErr, at.Put(ctx, playerRank, "king")} {
					Expect(err).To(MatchError(kv.ErrCorrupt))
					var failed *kv.UpgradeError
					Expect(errors.As(err, &failed)).To(BeTrue())
				}
				Expect(raw.Read(ctx)).To(Equal(map[string]string{"name": name, "wins": "3", "town": "London"}))
			}
		})

		It("is not there if there is none", func(ctx context.Context) {
			Expect(raw.Erase(ctx)).To(BeTrue())
			_, readErr := at.Read(ctx)
			_, updateErr := at.Update(ctx, func(*player) error { return nil })
			_, getErr := at.Get(ctx, playerName)
			for _, err := range []error{readErr, updateErr, getErr} {
				Expect(err).To(MatchError(kv.ErrNotFound))
			}
		})

		It("is stored in the older where StoreAs says so", func(ctx context.Context) {
			bridge := kv.MustOpen(kv.Hash[player](kv.Upgrade(playerOf), kv.StoreAs(playerAsV1)), store.Driver, kv.At("player"))
			Expect(bridge.Update(ctx, func(p *player) error { p.Wins++; return nil })).To(HaveField("Wins", int64(4)))
			Expect(before.Read(ctx)).To(Equal(playerV1{"Ada", 4, "London"}))
			Expect(bridge.Write(ctx, player{"Bob", 1, "king", "Paris"})).To(Succeed())
			Expect(before.Read(ctx)).To(Equal(playerV1{"Bob", 1, "Paris"}))
			Expect(bridge.Put(ctx, playerName, "Eve")).To(Succeed())
			Expect(before.Read(ctx)).To(HaveField("Name", "Eve"))
			Expect(bridge.Get(ctx, playerRank)).To(Equal("new"))

			Expect(bridge.Put(ctx, playerRank, "king")).To(MatchError(errors.ErrUnsupported), "which the older has not")
			_, err := bridge.Increment(ctx, playerWins, 1)
			Expect(err).To(MatchError(errors.ErrUnsupported), "which is of another type in the older")
			Expect(before.Read(ctx)).To(Equal(playerV1{"Eve", 1, "Paris"}))

			Expect(at.Write(ctx, today)).To(Succeed())
			Expect(bridge.Update(ctx, func(p *player) error { p.Rank = "king"; return nil })).To(HaveField("Rank", "king"))
			Expect(at.Read(ctx)).To(Equal(player{"Ada", 3, "king", "London"}), "it was the newest before")
		})

		It("works in batches and transactions", func(ctx context.Context) {
			var batch kv.Batch
			bound := batch.Bind(at)
			rank := batch.Do(func(ctx context.Context) (string, error) { return bound.Get(ctx, playerRank) })
			Expect(batch.Run(ctx)).To(Succeed())
			Expect(rank.Get()).To(Equal("new"))
			Expect(kv.Atomic(ctx, at, func(ctx context.Context, at kv.HashField[player]) error {
				if err := at.Put(ctx, playerRank, "king"); err != nil {
					return err
				}
				_, err := at.Increment(ctx, playerWins, 1)
				return err
			})).To(Succeed())
			Expect(at.Read(ctx)).To(Equal(player{"Ada", 4, "king", "London"}))
		})
	})

	It("has no validation but that of tags", func() {
		_, err := kv.Open(kv.Hash[player](kv.Upgrade(playerOf, nil)), memory.New(), kv.At("player"))
		Expect(err).To(MatchError(ContainSubstring("a hash has that of its jsonschema tags alone")))
	})
})
