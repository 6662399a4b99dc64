package bench

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/kvstore-go/kvstore/drivers/redisdriver"
	"github.com/kvstore-go/kvstore/kv"
	"github.com/kvstore-go/kvstore/spec/bench/interleave"
)

// visitor is a small document.
type visitor struct {
	Name  string `json:"name" jsonschema:"minLength=1"`
	Visit int    `json:"visit"`
}

// BenchmarkAudit compares an audit with a bare SCAN and, for each page, a pipeline that reads the same: value and time to live.
func BenchmarkAudit(b *testing.B) {
	for _, keys := range []int{100_000, 1_000_000} {
		b.Run(strconv.Itoa(keys), func(b *testing.B) {
			client := clientOf(b, startRedis(b))
			driver := redisdriver.New(client)
			b.Cleanup(func() { must(b, driver.Close()) })
			fill(b, client, keys)
			documents := kv.MustOpen(kv.Dynamic(kv.JSON[visitor]()), driver, kv.At("visitors"))
			texts := kv.MustOpen(kv.Dynamic(kv.String()), driver, kv.At("visitors"))
			for _, row := range []struct {
				name        string
				ours, other op
				bar         bar
			}{
				{"Audit of %d strings, against SCAN and pipelined GET", audit(texts), scanAndRead(client, keys, reads{}), atMost(1.3)},
				{"the same with OnUsage, against SCAN and pipelined GET and PTTL, of %d", audit(texts, counted), scanAndRead(client, keys, reads{ttl: true}), atMost(1.3)},
				{"Audit of %d documents, against SCAN, pipelined GET and json.Unmarshal", audit(documents), scanAndRead(client, keys, reads{decode: true}), atMost(1.3)},
				{"the same with OnUsage, and PTTL, of %d", audit(documents, counted), scanAndRead(client, keys, reads{ttl: true, decode: true}), atMost(1.3)},
				{"Audit of %d documents, against SCAN and pipelined GET alone", audit(documents), scanAndRead(client, keys, reads{}), noBar},
			} {
				name := fmt.Sprintf(row.name, keys)
				b.Run(name, func(b *testing.B) {
					measurement{
						group: auditing, name: name, pace: interleave.Pace{Block: time.Nanosecond, Rounds: 8},
						ours: interleave.Repeat(b, row.ours), other: interleave.Repeat(b, row.other), bar: row.bar,
					}.run(b, nil)
				})
			}
		})
	}
}

// fill stores so many documents.
func fill(b *testing.B, client *redis.Client, keys int) {
	b.Helper()
	for from := 0; from < keys; from += 10_000 {
		_, err := client.Pipelined(ctx, func(pipe redis.Pipeliner) error {
			for n := from; n < min(from+10_000, keys); n++ {
				pipe.Set(ctx, "visitors:"+strconv.Itoa(n), fmt.Sprintf(`{"name":"visitor %d","visit":%d}`, n, n%100), 0)
			}
			return nil
		})
		must(b, err)
	}
}

// counted counts what is there.
var counted = kv.OnUsage(func([]kv.Usage) {})

func audit(node interface{ Path() string }, options ...kv.AuditOption) op {
	return func() error {
		for found, err := range kv.Audit(ctx, node, options...) {
			return errors.Join(fmt.Errorf("%v", found), err)
		}
		return nil
	}
}

// reads is what is done beside GET.
type reads struct{ ttl, decode bool }

func scanAndRead(client *redis.Client, keys int, also reads) op {
	return func() error {
		read := 0
		for cursor, more := uint64(0), true; more; more = cursor != 0 {
			var page []string
			var err error
			if page, cursor, err = client.Scan(ctx, cursor, "visitors:*", 1000).Result(); err != nil {
				return err
			}
			answers, err := client.Pipelined(ctx, func(pipe redis.Pipeliner) error {
				for _, key := range page {
					pipe.Get(ctx, key)
					if also.ttl {
						pipe.PTTL(ctx, key)
					}
				}
				return nil
			})
			if err != nil {
				return err
			}
			for _, answer := range answers {
				text, ok := answer.(*redis.StringCmd)
				if !ok {
					continue
				}
				read++
				if also.decode {
					if err := json.Unmarshal([]byte(text.Val()), new(visitor)); err != nil {
						return err
					}
				}
			}
		}
		if read < keys {
			return fmt.Errorf("%d values, not %d", read, keys)
		}
		return nil
	}
}
