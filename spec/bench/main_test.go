package bench

import (
	"context"
	"fmt"
	"os"
	"testing"

	"github.com/redis/go-redis/v9"

	"github.com/kvstore-go/kvstore/spec/bench/fixture"
	"github.com/kvstore-go/kvstore/spec/redisserver"
)

func TestMain(m *testing.M) {
	code := m.Run()
	if len(report.rows) > 0 {
		if err := report.print(os.Stdout); err != nil {
			fmt.Fprintln(os.Stderr, err)
			code = 1
		}
	}
	os.Exit(code)
}

// ctx cannot end; the context of a benchmark can, which has a cost of its own.
var ctx = context.Background()

// startRedis starts a real server for a benchmark.
func startRedis(b *testing.B) *redisserver.Server {
	b.Helper()
	return fixture.StartRedis(b)
}

// clientOf makes a client, and notes the version of its server.
func clientOf(b *testing.B, server *redisserver.Server) *redis.Client {
	b.Helper()
	client := fixture.ClientOf(b, server.Addr())
	version, err := fixture.Info(ctx, client, "server", "redis_version")
	must(b, err)
	report.redis = version
	return client
}

func must(b *testing.B, err error) {
	b.Helper()
	fixture.Must(b, err)
}
