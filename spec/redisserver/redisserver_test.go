package redisserver_test

import (
	"context"
	"errors"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/kvstore-go/kvstore/spec/redisserver"
)

// needServer skips without a redis-server, unless the environment insists on one.
func needServer(t *testing.T, err error) {
	t.Helper()
	switch {
	case redisserver.MayBeLeftOut(err):
		t.Skip(err)
	case err != nil:
		t.Fatal(err)
	}
}

func start(t *testing.T, args ...string) *redisserver.Server {
	server, err := redisserver.Start(args...)
	needServer(t, err)
	t.Cleanup(server.Stop)
	return server
}

func TestServersStartWithTheirArgumentsAndStop(t *testing.T) {
	server, other := start(t, "--maxmemory", "7mb"), start(t)
	if server.Addr() == other.Addr() {
		t.Fatal("two servers on one port")
	}
	if info, err := server.Ask("INFO", "memory"); err != nil || !strings.Contains(info, "maxmemory_human:7.00M") {
		t.Fatal(info, err)
	}
	server.Stop()
	server.Stop()
	if _, err := net.Dial("tcp", server.Addr()); err == nil {
		t.Fatal("a stopped server still listens")
	}
	if _, err := other.Ask("PING"); err != nil {
		t.Fatal(err)
	}
}

func TestAnArgumentTheServerRefusesIsReported(t *testing.T) {
	start(t)
	if _, err := redisserver.Start("--no-such-option", "1"); err == nil || !strings.Contains(err.Error(), "ended") {
		t.Fatal(err)
	}
}

func TestAPausedServerAnswersLater(t *testing.T) {
	server := start(t)
	if err := server.Pause(); err != nil {
		t.Fatal(err)
	}
	answered := make(chan error, 1)
	go func() {
		_, err := server.Ask("PING")
		answered <- err
	}()
	select {
	case err := <-answered:
		t.Fatal("a paused server answered", err)
	case <-time.After(50 * time.Millisecond):
	}
	if err := server.Resume(); err != nil {
		t.Fatal(err)
	}
	if err := <-answered; err != nil {
		t.Fatal(err)
	}
}

func TestASlotMovesWithItsKeys(t *testing.T) {
	cluster, err := redisserver.StartCluster(3, 0)
	needServer(t, err)
	t.Cleanup(cluster.Stop)
	move, err := cluster.Move("a")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := move.From.Ask("MSET", "a", "1", "{a}b", "2", "{a}c", "3"); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(move.Begin(), move.Carry("{a}b", "{a}absent")); err != nil {
		t.Fatal(err)
	}
	if reply, err := move.From.Ask("GET", "a"); reply != "1" || err != nil {
		t.Error("what has not moved is gone", reply, err)
	}
	if _, err := move.From.Ask("GET", "{a}b"); err == nil || !strings.HasPrefix(err.Error(), "ASK ") {
		t.Error("what has moved is not sent after", err)
	}
	if err := move.End(); err != nil {
		t.Fatal(err)
	}
	if reply, err := move.To.Ask("MGET", "a", "{a}b", "{a}c"); reply != "1\n2\n3" || err != nil {
		t.Error(reply, err)
	}
	for i := range cluster.Addrs() {
		if _, err := cluster.Node(i).Ask("GET", "a"); cluster.Node(i) != move.To && (err == nil || !strings.HasPrefix(err.Error(), "MOVED ")) {
			t.Error("a master does not know of the move", err)
		}
	}
}

func TestAClusterIsInOrder(t *testing.T) {
	cluster, err := redisserver.StartCluster(3, 1)
	needServer(t, err)
	t.Cleanup(cluster.Stop)
	client := redis.NewClusterClient(&redis.ClusterOptions{Addrs: cluster.Addrs()[:1]})
	defer client.Close()
	slots, err := client.ClusterShards(context.Background()).Result()
	if err != nil || len(slots) != 3 {
		t.Fatal(slots, err)
	}
	total := 0
	for _, slot := range slots {
		for _, part := range slot.Slots {
			total += int(part.End - part.Start + 1)
		}
		if len(slot.Nodes) != 2 {
			t.Errorf("not a master with a replica: %v", slot)
		}
	}
	if total != redisserver.Slots {
		t.Errorf("%d slots are served", total)
	}
	for i, addr := range cluster.Addrs() {
		if cluster.Node(i).Addr() != addr {
			t.Errorf("node %d is not at %s", i, addr)
		}
	}
}

func TestTheProxy(t *testing.T) {
	server := start(t)
	proxy, err := redisserver.NewProxy(server.Addr())
	if err != nil {
		t.Fatal(err)
	}
	defer proxy.Close()
	client := redis.NewClient(&redis.Options{
		Addr: proxy.Addr(), MaxRetries: -1, DialerRetries: 1, ReadTimeout: time.Second,
	})
	defer client.Close()
	ctx := context.Background()
	count := func() string {
		value, err := server.Ask("GET", "n")
		if err != nil {
			t.Fatal(err)
		}
		return value
	}
	mustWork := func(after string) {
		t.Helper()
		if err := client.Ping(ctx).Err(); err != nil {
			t.Fatal("after "+after, err)
		}
	}
	mustWork("start")

	proxy.DropReplies(2)
	for range 3 {
		client.Incr(ctx, "n")
	}
	if count() != "3" || !proxy.Dropped() {
		t.Fatal("a request did not get through", count(), proxy.Dropped())
	}
	mustWork("DropReplies")

	proxy.Stall()
	if err := client.Incr(ctx, "n").Err(); err == nil || count() != "4" {
		t.Fatal("a stalled proxy answered or kept the request", err, count())
	}
	if err := proxy.Heal(); err != nil {
		t.Fatal(err)
	}
	client.Ping(ctx) // a pooled connection that Heal cut
	mustWork("Stall")

	proxy.Refuse()
	client.Incr(ctx, "n")
	if err := client.Incr(ctx, "n").Err(); err == nil || count() != "4" {
		t.Fatal("a refusing proxy let something through", err, count())
	}
	if err := proxy.Heal(); err != nil {
		t.Fatal(err)
	}
	mustWork("Refuse")
}
