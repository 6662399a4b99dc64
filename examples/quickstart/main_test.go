package main

import (
	"bytes"
	"context"
	"strings"
	"testing"

	"github.com/redis/go-redis/v9"

	"github.com/kvstore-go/kvstore/drivers/memory"
	"github.com/kvstore-go/kvstore/drivers/redisdriver"
	"github.com/kvstore-go/kvstore/spec/redisserver"
)

// The walk reads the same on both drivers, to the letter.
func TestTheWalkIsTheSameOnBothDrivers(t *testing.T) {
	var inMemory, onRedis bytes.Buffer
	if err := walk(context.Background(), &inMemory, memory.New()); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		`stored: quickstart:foo:bar:any = [{"message":"Hello, World!"}]`,
		`refused: kv: Write quickstart:foo:bar:any: invalid value: /1/message: must have 1 or more characters`,
		`stored: quickstart:foo:bar:4%3A2 %7B%2A%7D = null`,
		`refused: kv: Take quickstart:foo:qux: not declared in the schema`,
		`stored: quickstart:foo:otp = 4711 (for 300 s)`,
		`→ [bar baz otp hit]`,
	} {
		if !strings.Contains(inMemory.String(), want) {
			t.Errorf("the walk does not print %s", want)
		}
	}

	server, err := redisserver.Start()
	if redisserver.MayBeLeftOut(err) {
		t.Skip("left out, because there is no redis-server:", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	defer server.Stop()
	client := redis.NewClient(&redis.Options{Addr: server.Addr()})
	defer client.Close() //nolint:errcheck // the test ends here
	if err := walk(context.Background(), &onRedis, redisdriver.New(client)); err != nil {
		t.Fatal(err)
	}
	if inMemory.String() != onRedis.String() {
		t.Errorf("in memory:\n%s\non Redis:\n%s", inMemory.String(), onRedis.String())
	}
}

func TestADeadRedisEndsTheWalkWithItsError(t *testing.T) {
	client := redis.NewClient(&redis.Options{Addr: "127.0.0.1:1", MaxRetries: -1, DialerRetries: 1})
	defer client.Close() //nolint:errcheck // the test ends here
	if err := walk(context.Background(), &bytes.Buffer{}, redisdriver.New(client)); err == nil {
		t.Fatal("there is no Redis, and the walk did not mind")
	}
}
