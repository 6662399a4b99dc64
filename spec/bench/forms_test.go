package bench

import (
	"context"
	"encoding/json"
	"os"
	"slices"
	"strconv"
	"testing"

	"github.com/redis/go-redis/v9"

	"github.com/kvstore-go/kvstore/drivers/memory"
	"github.com/kvstore-go/kvstore/drivers/redisdriver"
	"github.com/kvstore-go/kvstore/kv"
	"github.com/kvstore-go/kvstore/spec/bench/fixture"
	"github.com/kvstore-go/kvstore/spec/bench/interleave"
)

// What the game was before: it had a result once, and a level instead of a rating.
type (
	gameV3 struct {
		ID      string           `json:"id" jsonschema:"minLength=1"`
		Level   int              `json:"level" jsonschema:"minimum=0,maximum=40"`
		Players []fixture.Player `json:"players" jsonschema:"minItems=2,maxItems=2"`
		Events  []fixture.Event  `json:"events"`
		Moves   []fixture.Move   `json:"moves"`
	}
	gameV2 struct {
		ID      string           `json:"id" jsonschema:"minLength=1"`
		Players []fixture.Player `json:"players" jsonschema:"minItems=2,maxItems=2"`
		Moves   []fixture.Move   `json:"moves"`
	}
	gameV1 struct {
		ID    string         `json:"id" jsonschema:"minLength=1"`
		Moves []fixture.Move `json:"moves"`
	}
)

func gameOfV3(old gameV3) (fixture.Game, error) {
	return fixture.Game{ID: old.ID, Rating: old.Level * 100, Players: old.Players, Events: old.Events, Moves: old.Moves}, nil
}

func gameAsV3(game fixture.Game) (gameV3, error) {
	return gameV3{game.ID, game.Rating / 100, game.Players, game.Events, game.Moves}, nil
}

// upgradedGame has three older forms.
func upgradedGame() kv.Schema[kv.JSONField[fixture.Game]] {
	return kv.JSON[fixture.Game](
		kv.Upgrade(gameOfV3),
		kv.Upgrade(func(old gameV2) (gameV3, error) {
			return gameV3{ID: old.ID, Players: old.Players, Moves: old.Moves}, nil
		}),
		kv.Upgrade(func(old gameV1) (gameV2, error) { return gameV2{ID: old.ID, Moves: old.Moves}, nil }),
	)
}

// BenchmarkForms reads documents of a type that has older forms.
func BenchmarkForms(b *testing.B) {
	driver := memory.New()
	b.Cleanup(func() { must(b, driver.Close()) })
	current := kv.MustOpen(upgradedGame(), driver, kv.At("current"))
	plain := kv.MustOpen(kv.JSON[fixture.Game](), driver, kv.At("current"))
	must(b, plain.Write(ctx, fixture.GameOf(7)))
	old, err := gameAsV3(fixture.GameOf(7))
	must(b, err)
	must(b, kv.MustOpen(kv.JSON[gameV3](), driver, kv.At("old")).Write(ctx, old))
	older := kv.MustOpen(upgradedGame(), driver, kv.At("old"))
	oldText, err := json.Marshal(old)
	must(b, err)
	text, err := json.Marshal(fixture.GameOf(7))
	must(b, err)

	read := func(at kv.JSONField[fixture.Game]) op {
		return func() error { _, err := at.Read(ctx); return err }
	}
	unmarshalBoth := func() error {
		var old gameV3
		var now fixture.Game
		if err := json.Unmarshal(oldText, &old); err != nil {
			return err
		}
		return json.Unmarshal(text, &now)
	}
	for _, row := range []struct {
		name        string
		ours, other op
		bar         bar
	}{
		{"JSONField.Read of a type with three upgrades, against one without", read(current), read(plain), atMost(1.05)},
		{"JSONField.Read of an older form, against json.Unmarshal of it and of the newest", read(older), unmarshalBoth, atMost(2.5)},
	} {
		b.Run(row.name, func(b *testing.B) {
			measurement{
				group: inMemory, name: row.name, pace: interleave.Fine,
				ours: interleave.Repeat(b, row.ours), other: interleave.Repeat(b, row.other), bar: row.bar,
			}.run(b, nil)
		})
	}
}

// migrated is how many documents BenchmarkMigrate migrates, if KVSTORE_MIGRATED does not say.
const migrated = 20_000

// BenchmarkMigrate rewrites documents to and fro: what is the newest form to one program is an older one to
// the other.
func BenchmarkMigrate(b *testing.B) {
	count := migrated
	if text := os.Getenv("KVSTORE_MIGRATED"); text != "" {
		var err error
		count, err = strconv.Atoi(text)
		must(b, err)
	}
	client := clientOf(b, startRedis(b))
	driver := redisdriver.New(client)
	b.Cleanup(func() { must(b, driver.Close()) })
	to := kv.Dynamic(kv.JSON[fixture.Game](kv.Upgrade(gameOfV3)))
	fro := kv.Dynamic(kv.JSON[gameV3](kv.Upgrade(gameAsV3)))
	fill := func(at string) (texts [2][]string, ids, keys []string) {
		store := kv.MustOpen(kv.Dynamic(kv.String()), driver, kv.At(at))
		var write kv.Batch
		bound := write.Bind(store)
		for i := range count {
			game := fixture.GameOf(i)
			game.Rating = i % 30 * 100
			old, err := gameAsV3(game)
			must(b, err)
			for form, value := range []any{old, game} {
				text, err := json.Marshal(value)
				must(b, err)
				texts[form] = append(texts[form], string(text))
			}
			id := strconv.Itoa(i)
			ids, keys = append(ids, id), append(keys, store.Take(id).Path())
			write.Exec(func(ctx context.Context) error { return bound.Take(id).Write(ctx, texts[0][i]) })
		}
		must(b, write.Run(ctx))
		return texts, ids, keys
	}
	fill("ours")
	texts, ids, keys := fill("other")

	turn := 0
	migrate := func() error {
		turn++
		var done kv.Migration
		var err error
		if turn%2 == 1 {
			done, err = kv.Migrate(ctx, kv.MustOpen(to, driver, kv.At("ours")))
		} else {
			done, err = kv.Migrate(ctx, kv.MustOpen(fro, driver, kv.At("ours")))
		}
		if err == nil && done.Rewritten != count {
			b.Errorf("%+v", done)
		}
		return err
	}
	otherTurn := 0
	readToo := [2]op{
		readMany(kv.MustOpen(kv.Dynamic(kv.JSON[gameV3]()), driver, kv.At("other")), ids),
		readMany(kv.MustOpen(kv.Dynamic(kv.JSON[fixture.Game]()), driver, kv.At("other")), ids),
	}
	swap := redis.NewScript(`if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end redis.call('SET', KEYS[1], ARGV[2], 'KEEPTTL') return 1`)
	must(b, swap.Load(ctx, client).Err())
	readAndSwap := func() error {
		form := otherTurn % 2
		otherTurn++
		if err := readToo[form](); err != nil {
			return err
		}
		next := 0
		for page := range slices.Chunk(keys, 256) {
			_, err := client.Pipelined(ctx, func(pipe redis.Pipeliner) error {
				for _, key := range page {
					swap.EvalSha(ctx, pipe, []string{key}, texts[form][next], texts[1-form][next])
					next++
				}
				return nil
			})
			if err != nil {
				return err
			}
		}
		return nil
	}
	name := "Migrate of " + strconv.Itoa(count) + " documents, against ReadMany and a bare pipeline of as many compare-and-swap scripts"
	b.Run(name, func(b *testing.B) {
		measurement{
			group: documents, name: name, pace: interleave.Pace{Block: 1, Rounds: 6},
			ours: interleave.Repeat(b, migrate), other: interleave.Repeat(b, readAndSwap), bar: atMost(1.5),
		}.run(b, nil)
	})
}
