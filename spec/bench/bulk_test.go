package bench

import (
	"testing"

	"github.com/kvstore-go/kvstore/drivers/redisdriver"
	"github.com/kvstore-go/kvstore/spec/bench/interleave"
)

// BenchmarkBulk compares what is one round trip here with what the predecessor
// took one for each member and each slot.
func BenchmarkBulk(b *testing.B) {
	client := clientOf(b, startRedis(b))
	driver := redisdriver.New(client)
	b.Cleanup(func() { must(b, driver.Close()) })
	f := open(b, driver)
	set, bits := f.tags.Path(), f.votes.Path()
	for _, row := range []command{
		{
			"SetField.Write of 1,000 members",
			func() error { return f.tags.Write(ctx, members) },
			func() error {
				err := client.Del(ctx, set).Err()
				for i := 0; i < len(members) && err == nil; i++ {
					err = client.SAdd(ctx, set, members[i]).Err()
				}
				return err
			},
		},
		{
			"BitSetField.Sum of 1,000 slots",
			func() error { _, err := f.votes.Sum(ctx, 0, 1000); return err },
			func() error {
				var sum int64
				for i := range int64(1000) {
					number, err := client.BitField(ctx, bits, "GET", "u16", i*u16).Result()
					if err != nil {
						return err
					}
					sum += number[0]
				}
				return nil
			},
		},
	} {
		b.Run(row.name, func(b *testing.B) {
			measurement{
				group: bulk, name: row.name, pace: interleave.Coarse,
				ours: interleave.Repeat(b, row.ours), other: interleave.Repeat(b, row.bare), bar: timesFaster,
			}.run(b, nil)
		})
	}
}
