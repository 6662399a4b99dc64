package peers

import (
	"testing"

	"github.com/alicebob/miniredis/v2"

	"github.com/kvstore-go/kvstore/spec/bench/fixture"
)

// onMiniredis is the test double of who uses go-redis, which reaches it through a socket.
func onMiniredis() side {
	const name = "miniredis"
	start := func(b *testing.B, count int) *miniredis.Miniredis {
		server := miniredis.NewMiniRedis()
		must(b, server.Start())
		b.Cleanup(server.Close)
		fillPiped(b, fixture.ClientOf(b, server.Addr()), count)
		return server
	}
	return side{
		name: name,
		open: func(b *testing.B) operations { return bareGoRedis(name, start(b, otherCount).Addr()).open(b) },
		fill: func(b *testing.B, count int) any { return start(b, count) },
	}
}
