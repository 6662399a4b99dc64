package bench

import (
	"fmt"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/kvstore-go/kvstore/drivers/redisdriver"
	"github.com/kvstore-go/kvstore/kv"
	"github.com/kvstore-go/kvstore/spec/bench/interleave"
)

// BenchmarkConsume compares entries that are consumed and acknowledged one after the other with
// XREADGROUP and XACK of bare go-redis. Each block begins with a new group of the same stream.
func BenchmarkConsume(b *testing.B) {
	client := clientOf(b, startRedis(b))
	driver := redisdriver.New(client)
	b.Cleanup(func() { must(b, driver.Close()) })
	jobs := kv.MustOpen(kv.Stream[string](), driver, kv.At("jobs"))
	pipe := client.Pipeline()
	for range 100_000 {
		pipe.XAdd(ctx, &redis.XAddArgs{Stream: "jobs", Values: []string{"value", value}})
	}
	_, err := pipe.Exec(ctx)
	must(b, err)
	for _, ahead := range []int{1, 16} {
		name := fmt.Sprintf("FetchAhead(%d)", ahead)
		b.Run(name, func(b *testing.B) {
			measurement{
				group: types, name: "Consume " + name, pace: interleave.Coarse, bar: noBar,
				ours: func(n int) {
					group := jobs.Group("ours")
					_, err := group.Erase(ctx)
					must(b, err)
					_, err = group.Create(ctx, "")
					must(b, err)
					done := 0
					for delivery, err := range group.Consume(ctx, "ann", kv.FetchAhead(ahead)) {
						must(b, err)
						_, err = delivery.Ack(ctx)
						must(b, err)
						if done++; done == n {
							break
						}
					}
				},
				other: func(n int) {
					must(b, client.XGroupDestroy(ctx, "jobs", "bare").Err())
					must(b, client.XGroupCreate(ctx, "jobs", "bare", "0").Err())
					for done := 0; done < n; {
						streams, err := client.XReadGroup(ctx, &redis.XReadGroupArgs{
							Group: "bare", Consumer: "ann", Streams: []string{"jobs", ">"}, Count: int64(ahead), Block: 5 * time.Second,
						}).Result()
						must(b, err)
						for _, message := range streams[0].Messages {
							must(b, client.XAck(ctx, "jobs", "bare", message.ID).Err())
							done++
						}
					}
				},
			}.run(b, nil)
		})
	}
}
