package redisdriver_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"github.com/redis/go-redis/v9"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/drivers/redisdriver"
	"github.com/kvstore-go/kvstore/spec/redisserver"
	"github.com/kvstore-go/kvstore/spec/suite"
)

func TestRedisDriver(t *testing.T) {
	redis.SetLogger(silence{})
	suite.Run(t, "Redis driver")
}

// silence keeps go-redis from reporting the failures these specs cause.
type silence struct{}

func (silence) Printf(context.Context, string, ...any) {}

// needServer skips without a redis-server, unless the environment insists on one.
func needServer(err error) {
	GinkgoHelper()
	if redisserver.MayBeLeftOut(err) {
		Skip(err.Error())
	}
	Expect(err).NotTo(HaveOccurred())
}

// The specs share one server and one cluster, and start others to break them.
var (
	sharedServer = sync.OnceValues(func() (*redisserver.Server, error) {
		return redisserver.Start("--enable-debug-command", "local")
	})
	sharedCluster = sync.OnceValues(func() (*redisserver.Cluster, error) {
		return redisserver.StartCluster(3, 0)
	})
)

var _ = AfterSuite(func() {
	if server, err := sharedServer(); err == nil {
		server.Stop()
	}
	if cluster, err := sharedCluster(); err == nil {
		cluster.Stop()
	}
})

var ctx = context.Background()

// emptyServer is the shared server with nothing in it.
func emptyServer() *redisserver.Server {
	GinkgoHelper()
	server, err := sharedServer()
	needServer(err)
	ask(server, "FLUSHALL")
	ask(server, "CONFIG", "RESETSTAT")
	return server
}

func ownServer() *redisserver.Server {
	GinkgoHelper()
	server, err := redisserver.Start()
	needServer(err)
	DeferCleanup(server.Stop)
	return server
}

func emptyCluster() *redisserver.Cluster {
	GinkgoHelper()
	cluster, err := sharedCluster()
	needServer(err)
	for i := range cluster.Addrs() {
		ask(cluster.Node(i), "FLUSHALL")
		ask(cluster.Node(i), "CONFIG", "RESETSTAT")
	}
	return cluster
}

func ask(server *redisserver.Server, args ...string) string {
	GinkgoHelper()
	reply, err := server.Ask(args...)
	Expect(err).NotTo(HaveOccurred())
	return reply
}

func proxied(target string) *redisserver.Proxy {
	GinkgoHelper()
	proxy, err := redisserver.NewProxy(target)
	Expect(err).NotTo(HaveOccurred())
	DeferCleanup(proxy.Close)
	return proxy
}

func clientOf(addr string, configure ...func(*redis.Options)) *redis.Client {
	options := &redis.Options{Addr: addr}
	for _, f := range configure {
		f(options)
	}
	client := redis.NewClient(options)
	DeferCleanup(client.Close)
	return client
}

func driverOf(addr string, configure ...func(*redis.Options)) *redisdriver.Driver {
	return redisdriver.New(clientOf(addr, configure...))
}

func clusterClient(cluster *redisserver.Cluster) *redis.ClusterClient {
	client := redis.NewClusterClient(&redis.ClusterOptions{Addrs: cluster.Addrs(), ClusterStateReloadInterval: time.Second})
	DeferCleanup(client.Close)
	return client
}

func do(d drivers.Driver, cmd drivers.Command) drivers.Reply {
	GinkgoHelper()
	reply, err := d.Do(ctx, cmd)
	Expect(err).NotTo(HaveOccurred())
	return reply
}

// calls counts how often the server executed commands, by name.
func calls(server *redisserver.Server) map[string]int {
	GinkgoHelper()
	counted := map[string]int{}
	for line := range strings.Lines(ask(server, "INFO", "commandstats")) {
		var n int
		name, stats, found := strings.Cut(strings.TrimPrefix(line, "cmdstat_"), ":")
		if _, err := fmt.Sscanf(stats, "calls=%d", &n); found && err == nil {
			counted[name] = n
		}
	}
	return counted
}

func members(n int) []string {
	values := make([]string, n)
	for i := range values {
		values[i] = fmt.Sprint("member", i)
	}
	return values
}
