package bench

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/kvstore-go/kvstore/drivers/redisdriver"
	"github.com/kvstore-go/kvstore/kv"
	"github.com/kvstore-go/kvstore/spec/bench/interleave"
)

// buyers is how many goroutines want the same article at the same time.
const buyers = 400

// article is one that is for sale, and who bought it.
type article struct {
	Stock kv.IntField            `kv:"stock"`
	Sales kv.StreamField[string] `kv:"sales"`
}

var articles = kv.Static("article").Int("stock").Stream[string]("sales").As[article]()

var errSoldOut = errors.New("sold out")

func buy(ctx context.Context, article article) error {
	left, err := article.Stock.Read(ctx)
	switch {
	case err != nil:
		return err
	case left < 1:
		return errSoldOut
	}
	if _, err := article.Stock.Decrement(ctx, 1); err != nil {
		return err
	}
	_, err = article.Sales.Append(ctx, "sold")
	return err
}

// sale is buy as somebody writes it who does without transactions.
var sale = redis.NewScript(`
if tonumber(redis.call('GET', KEYS[1]) or '0') < 1 then return redis.error_reply('ERR sold out') end
redis.call('DECRBY', KEYS[1], 1)
return redis.call('XADD', KEYS[2], '*', '', ARGV[1])`)

// BenchmarkAtomic compares transactions with scripts that do the same: where everybody
// wants the same, where each wants something else, and alone.
func BenchmarkAtomic(b *testing.B) {
	client := clientOf(b, startRedis(b))
	driver := redisdriver.New(client)
	b.Cleanup(func() { must(b, driver.Close()) })
	rush := interleave.Pace{Block: 200 * time.Millisecond, Rounds: 20} // all come at once, a few times each
	var tries, conflicts atomic.Int64
	ours := func(of article) op {
		return func() error {
			err := kv.Atomic(ctx, of, func(ctx context.Context, tx article) error {
				tries.Add(1)
				return buy(ctx, tx)
			})
			if errors.Is(err, kv.ErrConflict) {
				conflicts.Add(1)
				return nil
			}
			return err
		}
	}
	bare := func(of article) op {
		keys := []string{of.Stock.Path(), of.Sales.Path()}
		return func() error { return sale.Run(ctx, client, keys, `"sold"`).Err() }
	}
	for _, row := range []struct {
		name     string
		articles int
		bar      bar
	}{
		{"Atomic, 400 buyers of one article", 1, atMost(5)},
		{"Atomic, 400 buyers of 400 articles", buyers, noBar},
	} {
		b.Run(row.name, func(b *testing.B) {
			var transactions, scripts []op
			for buyer := range buyers {
				of := kv.MustOpen(articles, driver, kv.At(fmt.Sprint(buyer%row.articles)))
				must(b, of.Stock.Write(ctx, 1<<40))
				transactions, scripts = append(transactions, ours(of)), append(scripts, bare(of))
			}
			var done int64
			tries.Store(0)
			conflicts.Store(0)
			share := interleave.Share(b, transactions)
			measurement{
				group: atomics, name: row.name, pace: rush, bar: row.bar,
				ours:  func(n int) { done += int64(n); share(n) },
				other: interleave.Share(b, scripts),
			}.run(b, nil)
			b.ReportMetric(float64(tries.Load())/float64(done), "tries/op")
			b.ReportMetric(float64(conflicts.Load()), "conflicts")
			if conflicts.Load() > 0 {
				b.Errorf("%d of %d buyers were refused as of a conflict", conflicts.Load(), done)
			}
		})
	}
	b.Run("Atomic, a buyer alone", func(b *testing.B) {
		of := kv.MustOpen(articles, driver, kv.At("alone"))
		must(b, of.Stock.Write(ctx, 1<<40))
		measurement{
			group: atomics, name: "Atomic, a buyer alone", pace: interleave.Medium, bar: noBar,
			ours: interleave.Repeat(b, ours(of)), other: interleave.Repeat(b, bare(of)),
		}.run(b, countAllocations(ours(of), bare(of), nil))
	})
}
