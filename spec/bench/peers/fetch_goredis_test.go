package peers

import (
	"testing"
	"time"

	"github.com/go-redis/cache/v9"

	"github.com/kvstore-go/kvstore/spec/bench/fixture"
)

// onceCache is go-redis/cache, read with Once.
type onceCache struct{ *cache.Cache }

func (c onceCache) get(key string, into any) error {
	return c.Once(&cache.Item{
		Ctx: ctx, Key: key, Value: into,
		Do: func(*cache.Item) (any, error) { return nil, errLoaded },
	})
}

func (c onceCache) set(key string, value any) error {
	return c.Set(&cache.Item{Ctx: ctx, Key: key, Value: value})
}

// goRedisCache has the local cache that its documentation shows, or none.
func goRedisCache(addr string, local bool) side {
	return side{
		name: "go-redis/cache",
		open: func(b *testing.B) operations {
			options := &cache.Options{Redis: fixture.ClientOf(b, addr)}
			if local {
				options.LocalCache = cache.NewTinyLFU(1_000, time.Minute)
			}
			return objectTasks(b, onceCache{cache.New(options)}, "go-redis-cache")
		},
		lacks: valuesAlone,
	}
}
