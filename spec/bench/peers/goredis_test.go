package peers

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/redis/go-redis/v9"

	"github.com/kvstore-go/kvstore/spec/bench/fixture"
)

// goRedis is bare go-redis.
type goRedis struct{ redis.Cmdable }

func (c goRedis) get(key string) (string, error) { return c.Get(ctx, key).Result() }

func (c goRedis) set(key, value string) error {
	return c.Set(ctx, key, value, redis.KeepTTL).Err()
}

// bareGoRedis is go-redis on a server, under a name of its own.
func bareGoRedis(name, addr string) side {
	return side{
		name: name,
		open: func(b *testing.B) operations {
			client, own := fixture.ClientOf(b, addr), "bare:"+name
			seed(b, client, own)
			c := goRedis{client}
			return textTasks(b, c, own).
				with(documentTasks(b, c, own)).
				with(goRedisTasks(client, own))
		},
		fill: func(b *testing.B, count int) any {
			client := fixture.ClientOf(b, addr)
			fillPiped(b, client, count)
			return client
		},
	}
}

// fillPiped is fillTexts in few round trips.
func fillPiped(b *testing.B, client *redis.Client, count int) {
	b.Helper()
	pipe := client.Pipeline()
	for i := range count {
		key, value := entry16(i)
		pipe.Set(ctx, key, value, 0)
		if pipe.Len() == 1000 || i == count-1 {
			_, err := pipe.Exec(ctx)
			must(b, err)
		}
	}
}

// seed stores what bare commands work on.
func seed(b *testing.B, client *redis.Client, name string) {
	b.Helper()
	_, packed, _ := slots()
	pipe := client.Pipeline()
	pipe.SAdd(ctx, name+":tags", members[0])
	pipe.SAdd(ctx, name+":held", members)
	for i := range boardSize {
		pipe.ZAdd(ctx, name+":board", redis.Z{Member: fmt.Sprint(i), Score: float64(i)})
	}
	pipe.Set(ctx, name+":votes", packed, 0)
	for i := range childCount {
		pipe.Set(ctx, fmt.Sprintf("%s:children:%d", name, i), text, 0)
	}
	for i := range manyDocuments {
		encoded, err := marshal(fixture.GameOf(i))
		must(b, err)
		pipe.Set(ctx, documentKey(name, i), encoded, 0)
	}
	_, err := pipe.Exec(ctx)
	must(b, err)
}

func documentKey(name string, i int) string { return fmt.Sprintf("%s:games:%d", name, i) }

func documentKeys(name string) []string {
	keys := make([]string, manyDocuments)
	for i := range keys {
		keys[i] = documentKey(name, i)
	}
	return keys
}

func goRedisTasks(client *redis.Client, name string) operations {
	tags, held, board, votes := name+":tags", name+":held", name+":board", name+":votes"
	_, _, sum := slots()
	games, children := documentKeys(name), name+":children:*"
	var first []redis.Z
	for i := range 10 {
		first = append(first, redis.Z{Member: fmt.Sprint(i), Score: float64(i)})
	}
	list := reads(childCount, func() (int, error) { return goRedisList(client, children) })
	return operations{
		addMember: writes(true, func() error { return client.SAdd(ctx, tags, member).Err() },
			func() (bool, error) { return client.SIsMember(ctx, tags, member).Result() }),
		hasMember: reads(true, func() (bool, error) { return client.SIsMember(ctx, held, member).Result() }),
		addScored: writes(score, func() error { return client.ZAdd(ctx, board, redis.Z{Member: member, Score: score}).Err() },
			func() (float64, error) { return client.ZScore(ctx, board, member).Result() }),
		rangeScored: reads(first, func() ([]redis.Z, error) { return client.ZRangeWithScores(ctx, board, 0, 9).Result() }),
		sumSlots: reads(sum, func() (int64, error) {
			packed, err := client.GetRange(ctx, votes, 0, 2*slotCount-1).Result()
			return sumOf(packed), err
		}),
		batch:        reads(2, func() (int64, error) { return goRedisBatch(client, name) }),
		readMany:     reads(ratings(), func() (int, error) { return goRedisMany(client, games) }),
		listChildren: list,
		listIndexed:  list,
	}
}

func goRedisBatch(client *redis.Client, name string) (size int64, err error) {
	pipe := client.Pipeline()
	var last *redis.IntCmd
	for i, id := range batchNames {
		key := name + ":texts:" + id
		pipe.Set(ctx, key, text, redis.KeepTTL)
		pipe.Get(ctx, key)
		pipe.SAdd(ctx, name+":batched", members[i%2])
		last = pipe.SCard(ctx, name+":batched")
	}
	_, err = pipe.Exec(ctx)
	return last.Val(), err
}

func goRedisMany(client *redis.Client, keys []string) (sum int, err error) {
	for keys := range slices.Chunk(keys, page) {
		values, err := client.MGet(ctx, keys...).Result()
		if err != nil {
			return 0, err
		}
		for _, value := range values {
			encoded, found := value.(string)
			if !found {
				return 0, errors.New("a document is missing")
			}
			game, err := unmarshal(encoded)
			if err != nil {
				return 0, err
			}
			sum += game.Rating
		}
	}
	return sum, nil
}

func goRedisList(client *redis.Client, pattern string) (count int, err error) {
	seen := map[string]bool{} // SCAN may show a key twice
	keys := client.Scan(ctx, 0, pattern, scanCount).Iterator()
	for keys.Next(ctx) {
		seen[keys.Val()] = true
	}
	return len(seen), keys.Err()
}
