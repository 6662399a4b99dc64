package bench

import (
	"context"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/redis/go-redis/v9"

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
	server, err := redisserver.Start()
	if redisserver.MayBeLeftOut(err) {
		b.Skip(err)
	}
	must(b, err)
	b.Cleanup(server.Stop)
	return server
}

// clientOf makes a client with the options redisdriver recommends.
func clientOf(b *testing.B, server *redisserver.Server) *redis.Client {
	b.Helper()
	client := redis.NewClient(&redis.Options{Addr: server.Addr(), ContextTimeoutEnabled: true})
	b.Cleanup(func() { _ = client.Close() })
	info, err := client.Info(ctx, "server").Result()
	must(b, err)
	for line := range strings.Lines(info) {
		if version, found := strings.CutPrefix(line, "redis_version:"); found {
			report.redis = strings.TrimSpace(version)
		}
	}
	return client
}

func must(b *testing.B, err error) {
	b.Helper()
	if err != nil {
		b.Fatal(err)
	}
}
