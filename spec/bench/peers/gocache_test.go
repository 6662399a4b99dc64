package peers

import (
	"testing"

	"github.com/eko/gocache/lib/v4/cache"
	"github.com/eko/gocache/lib/v4/marshaler"
	"github.com/eko/gocache/lib/v4/store"
	gocachemap "github.com/eko/gocache/store/go_cache/v4"
	gocacheredis "github.com/eko/gocache/store/redis/v4"
	gocache "github.com/patrickmn/go-cache"

	"github.com/kvstore-go/kvstore/spec/bench/fixture"
)

// marshalled is gocache with its marshaler, which writes MessagePack.
type marshalled struct{ *marshaler.Marshaler }

func newMarshalled(s store.StoreInterface) marshalled {
	return marshalled{marshaler.New(cache.New[any](s))}
}

func (m marshalled) get(key string, into any) error {
	_, err := m.Get(ctx, key, into)
	return err
}

func (m marshalled) set(key string, value any) error { return m.Set(ctx, key, value) }

func gocacheOnRedis(addr string) side {
	onRedis := func(b *testing.B) marshalled {
		return newMarshalled(gocacheredis.NewRedis(fixture.ClientOf(b, addr)))
	}
	return side{
		name: "gocache",
		open: func(b *testing.B) operations { return objectTasks(b, onRedis(b), "gocache") },
		fill: func(b *testing.B, count int) any {
			m := onRedis(b)
			fillTexts(b, textsOf{m}, count)
			return m
		},
		lacks: valuesAlone,
	}
}

// gocacheInMemory keeps its bytes in go-cache, without expiry.
func gocacheInMemory() side {
	return objectsInMemory("gocache", func() objects {
		return newMarshalled(gocachemap.NewGoCache(gocache.New(gocache.NoExpiration, 0)))
	})
}
