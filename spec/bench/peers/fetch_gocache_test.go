package peers

import (
	"context"
	"testing"
	"time"

	"github.com/eko/gocache/lib/v4/cache"
	"github.com/eko/gocache/lib/v4/marshaler"
	"github.com/eko/gocache/lib/v4/store"
	gocachemap "github.com/eko/gocache/store/go_cache/v4"
	gocacheredis "github.com/eko/gocache/store/redis/v4"
	gocache "github.com/patrickmn/go-cache"

	"github.com/kvstore-go/kvstore/spec/bench/fixture"
)

// gocacheLoadable is a loadable cache, of a chain of go-cache and Redis or of Redis alone.
func gocacheLoadable(addr string, local bool) side {
	return side{
		name: "gocache",
		open: func(b *testing.B) operations {
			onRedis := cache.New[any](gocacheredis.NewRedis(fixture.ClientOf(b, addr), store.WithExpiration(time.Hour)))
			var caches cache.CacheInterface[any] = onRedis
			if local {
				inMemory := gocachemap.NewGoCache(gocache.New(time.Hour, time.Hour))
				caches = cache.NewChain[any](cache.New[any](inMemory), onRedis)
			}
			load := func(context.Context, any) (any, []store.Option, error) { return nil, nil, errLoaded }
			loadable := cache.NewLoadable[any](load, caches)
			b.Cleanup(func() { must(b, loadable.Close()) })
			return objectTasks(b, marshalled{marshaler.New(loadable)}, "gocache-loadable")
		},
		lacks: valuesAlone,
	}
}
