package peers

import (
	"fmt"
	"slices"
	"testing"

	"github.com/redis/rueidis"

	"github.com/kvstore-go/kvstore/spec/bench/fixture"
)

// rueidisClient is rueidis with its defaults, but for client-side caching: no other side
// answers from a cache. Commands of many goroutines are pipelined without being asked, on
// one to four connections, by the number of CPUs, with rings of 1,024 commands. The
// command of a lone goroutine is sent at once, as AlwaysPipelining is off.
type rueidisClient struct{ rueidis.Client }

func newRueidis(b *testing.B, addr string) rueidisClient {
	b.Helper()
	client, err := rueidis.NewClient(rueidis.ClientOption{InitAddress: []string{addr}, DisableCache: true})
	must(b, err)
	b.Cleanup(client.Close)
	return rueidisClient{client}
}

func (c rueidisClient) get(key string) (string, error) {
	return c.Do(ctx, c.B().Get().Key(key).Build()).ToString()
}

func (c rueidisClient) set(key, value string) error {
	return c.Do(ctx, c.B().Set().Key(key).Value(value).Keepttl().Build()).Error()
}

func bareRueidis(addr string) side {
	return side{
		name: "rueidis",
		open: func(b *testing.B) operations {
			const own = "bare:rueidis"
			seed(b, fixture.ClientOf(b, addr), own)
			c := newRueidis(b, addr)
			return textTasks(b, c, own).
				with(documentTasks(b, c, own)).
				with(c.tasks(own))
		},
		fill: func(b *testing.B, count int) any {
			c := newRueidis(b, addr)
			fillTexts(b, c, count)
			return c
		},
	}
}

func (c rueidisClient) tasks(name string) operations {
	tags, held, board, votes := name+":tags", name+":held", name+":board", name+":votes"
	_, _, sum := slots()
	games, children := documentKeys(name), name+":children:*"
	var first []rueidis.ZScore
	for i := range 10 {
		first = append(first, rueidis.ZScore{Member: fmt.Sprint(i), Score: float64(i)})
	}
	list := reads(childCount, func() (int, error) { return c.list(children) })
	return operations{
		addMember: writes(true, func() error { return c.Do(ctx, c.B().Sadd().Key(tags).Member(member).Build()).Error() },
			func() (bool, error) { return c.Do(ctx, c.B().Sismember().Key(tags).Member(member).Build()).AsBool() }),
		hasMember: reads(true, func() (bool, error) {
			return c.Do(ctx, c.B().Sismember().Key(held).Member(member).Build()).AsBool()
		}),
		addScored: writes(score, func() error {
			return c.Do(ctx, c.B().Zadd().Key(board).ScoreMember().ScoreMember(score, member).Build()).Error()
		}, func() (float64, error) {
			return c.Do(ctx, c.B().Zscore().Key(board).Member(member).Build()).AsFloat64()
		}),
		rangeScored: reads(first, func() ([]rueidis.ZScore, error) {
			return c.Do(ctx, c.B().Zrange().Key(board).Min("0").Max("9").Withscores().Build()).AsZScores()
		}),
		sumSlots: reads(sum, func() (int64, error) {
			packed, err := c.Do(ctx, c.B().Getrange().Key(votes).Start(0).End(2*slotCount-1).Build()).ToString()
			return sumOf(packed), err
		}),
		batch:        reads(2, func() (int64, error) { return c.batch(name) }),
		readMany:     reads(ratings(), func() (int, error) { return c.many(games) }),
		listChildren: list,
		listIndexed:  list,
	}
}

func (c rueidisClient) batch(name string) (size int64, err error) {
	commands := make(rueidis.Commands, 0, batchSize)
	for i, id := range batchNames {
		key := name + ":texts:" + id
		commands = append(commands,
			c.B().Set().Key(key).Value(text).Keepttl().Build(),
			c.B().Get().Key(key).Build(),
			c.B().Sadd().Key(name+":batched").Member(members[i%2]).Build(),
			c.B().Scard().Key(name+":batched").Build())
	}
	for _, result := range c.DoMulti(ctx, commands...) {
		if err := result.Error(); err != nil {
			return 0, err
		}
		size, _ = result.AsInt64() // the last is a number
	}
	return size, nil
}

func (c rueidisClient) many(keys []string) (sum int, err error) {
	for keys := range slices.Chunk(keys, page) {
		values, err := c.Do(ctx, c.B().Mget().Key(keys...).Build()).AsStrSlice()
		if err != nil {
			return 0, err
		}
		for _, encoded := range values {
			game, err := unmarshal(encoded)
			if err != nil {
				return 0, err
			}
			sum += game.Rating
		}
	}
	return sum, nil
}

func (c rueidisClient) list(pattern string) (count int, err error) {
	seen := map[string]bool{} // SCAN may show a key twice
	for cursor := uint64(0); ; {
		page, err := c.Do(ctx, c.B().Scan().Cursor(cursor).Match(pattern).Count(scanCount).Build()).AsScanEntry()
		if err != nil {
			return 0, err
		}
		for _, key := range page.Elements {
			seen[key] = true
		}
		if cursor = page.Cursor; cursor == 0 {
			return len(seen), nil
		}
	}
}
