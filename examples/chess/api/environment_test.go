package api_test

import (
	"context"
	"log/slog"
	"maps"
	"net/http/httptest"
	"slices"
	"sync"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"github.com/redis/go-redis/v9"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/drivers/memory"
	"github.com/kvstore-go/kvstore/drivers/redisdriver"
	"github.com/kvstore-go/kvstore/examples/chess/api"
	"github.com/kvstore-go/kvstore/examples/chess/platform"
	"github.com/kvstore-go/kvstore/spec/redisserver"
)

// environment is the service on an empty store, with a way to look at the store
// from behind.
type environment struct {
	client
	driver   drivers.Driver // the store itself
	tap      *tap           // between the service and the store
	platform *platform.Platform
}

// backends are the drivers the service runs on.
var backends = []struct {
	name string
	open func(context.Context) drivers.Driver
}{
	{"memory", func(context.Context) drivers.Driver { return memory.New() }},
	{"redis", func(ctx context.Context) drivers.Driver { return redisdriver.New(emptyRedis(ctx)) }},
}

// onEachDriver declares the specs once for every backend.
func onEachDriver(text string, specs func(e *environment)) bool {
	for _, backend := range backends {
		Describe(text+" on "+backend.name, Label(backend.name), func() {
			e := new(environment)
			BeforeEach(func(ctx SpecContext) { e.start(backend.open(ctx)) })
			specs(e)
		})
	}
	return true
}

func (e *environment) start(driver drivers.Driver) {
	log := slog.New(slog.NewTextHandler(GinkgoWriter, nil))
	e.driver, e.tap = driver, &tap{written: map[string]string{}}
	var err error
	e.platform, err = platform.New(drivers.Use(driver, e.tap.pass), log)
	Expect(err).NotTo(HaveOccurred())
	server := httptest.NewServer(api.New(e.platform, log))
	DeferCleanup(server.Close)
	e.client = client{server.URL, server.Client()}
}

// tap sees every command on its way to the store.
type tap struct {
	mutex   sync.Mutex
	written map[string]string // the keys that were written, with the schema path of each
	fault   func(drivers.Command) error
}

func (t *tap) pass(ctx context.Context, b *drivers.Batch, next drivers.Next) error {
	t.mutex.Lock()
	for _, item := range b.Items {
		if item.Command.Op.Effect() == drivers.Writes {
			t.written[item.Command.Key] = item.Command.Pattern
		}
	}
	fault := t.fault
	t.mutex.Unlock()
	if fault != nil {
		if err := fault(b.Items[0].Command); err != nil {
			return err
		}
	}
	return next(ctx, b)
}

// failing makes the store fail where fault returns an error; nil heals it.
func (t *tap) failing(fault func(drivers.Command) error) {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	t.fault = fault
}

func (t *tap) keys() []string {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	return slices.Collect(maps.Keys(t.written))
}

// The server is started by the first spec that needs it.
var (
	stopRedis  = func() {}
	startRedis = sync.OnceValues(func() (*redisserver.Server, error) {
		server, err := redisserver.Start()
		if err == nil {
			stopRedis = server.Stop
		}
		return server, err
	})
)

var _ = AfterSuite(func() { stopRedis() })

// redisServer is a real server. Without one the spec is skipped, or fails where a
// real Redis is required.
func redisServer() *redisserver.Server {
	GinkgoHelper()
	server, err := startRedis()
	if redisserver.MayBeLeftOut(err) {
		Skip("left out: " + err.Error())
	}
	Expect(err).NotTo(HaveOccurred())
	return server
}

func emptyRedis(ctx context.Context) *redis.Client {
	GinkgoHelper()
	client := connect(redisServer().Addr())
	Expect(client.FlushAll(ctx).Err()).To(Succeed())
	return client
}

func connect(address string) *redis.Client {
	client := redis.NewClient(&redis.Options{Addr: address, ContextTimeoutEnabled: true})
	DeferCleanup(client.Close)
	return client
}
