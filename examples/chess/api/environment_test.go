package api_test

import (
	"context"
	"errors"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"time"

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
	{"cluster", func(ctx context.Context) drivers.Driver { return redisdriver.New(emptyCluster(ctx)) }},
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
	e.platform, err = platform.New(drivers.Use(driver, e.tap.pass))
	Expect(err).NotTo(HaveOccurred())
	running, stop := context.WithCancel(context.Background())
	server := httptest.NewServer(api.New(running, e.platform, log))
	DeferCleanup(server.Close)
	DeferCleanup(stop) // before that, which waits for what streams
	e.client = client{server.URL, server.Client()}
}

// tap sees every command on its way to the store.
type tap struct {
	mutex   sync.Mutex
	written map[string]string // the keys that were written, with the schema path of each
	trips   int               // round trips
	fault   func(drivers.Command) error
}

func (t *tap) pass(ctx context.Context, b *drivers.Batch, next drivers.Next) error {
	t.mutex.Lock()
	t.trips++
	for _, item := range b.Items {
		if item.Command.Op.Effect() == drivers.Writes {
			t.written[item.Command.Key] = item.Command.Pattern
		}
	}
	fault := t.fault
	t.mutex.Unlock()
	for i := 0; fault != nil && i < len(b.Items); i++ {
		if err := fault(b.Items[i].Command); err != nil {
			return err
		}
	}
	return next(ctx, b)
}

// during counts the round trips of a request.
func (t *tap) during(request func()) int {
	count := func() int {
		t.mutex.Lock()
		defer t.mutex.Unlock()
		return t.trips
	}
	before := count()
	request()
	return count() - before
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

// cutOff repeats a request, for which storage fails a command later each time, until
// it succeeds, and lets unchanged look at what it has left behind until then.
func (e *environment) cutOff(request func() reply, unchanged func()) {
	GinkgoHelper()
	for commands := 0; ; commands++ {
		seen := 0
		e.tap.failing(func(drivers.Command) error {
			if seen++; seen > commands {
				return context.DeadlineExceeded
			}
			return nil
		})
		got := request()
		e.tap.failing(nil)
		if got.status == http.StatusOK {
			Expect(commands).To(BeNumerically(">", 1))
			return
		}
		Expect(got.status).To(Equal(http.StatusGatewayTimeout), got.text)
		unchanged()
	}
}

// stored is the keys below a prefix, those of indexes too.
func (e *environment) stored(ctx context.Context, below string) []string {
	GinkgoHelper()
	keys := []string{}
	for key, err := range drivers.Scan(ctx, e.driver, drivers.Command{Op: drivers.OpScanKeys, Key: below}) {
		Expect(err).NotTo(HaveOccurred())
		keys = append(keys, key)
	}
	return keys
}

// The servers are started by the first spec that needs them.
var (
	standalone = server[*redisserver.Server]{start: func() (*redisserver.Server, error) { return redisserver.Start() }}
	cluster    = server[*redisserver.Cluster]{start: func() (*redisserver.Cluster, error) { return redisserver.StartCluster(3, 1) }}
)

var _ = AfterSuite(func() {
	standalone.stop()
	cluster.stop()
})

type server[S interface{ Stop() }] struct {
	start func() (S, error)
	once  sync.Once
	it    S
	err   error
}

// get is a real server. Without one the spec is skipped, or fails where a real Redis
// is required.
func (s *server[S]) get() S {
	GinkgoHelper()
	s.once.Do(func() { s.it, s.err = s.start() })
	if redisserver.MayBeLeftOut(s.err) {
		Skip("left out: " + s.err.Error())
	}
	Expect(s.err).NotTo(HaveOccurred())
	return s.it
}

func (s *server[S]) stop() {
	s.once.Do(func() { s.err = errors.New("was not needed") })
	if s.err == nil {
		s.it.Stop()
	}
}

func emptyRedis(ctx context.Context) *redis.Client {
	GinkgoHelper()
	client := connect(standalone.get().Addr())
	Expect(client.FlushAll(ctx).Err()).To(Succeed())
	return client
}

func connect(address string) *redis.Client {
	client := redis.NewClient(&redis.Options{Addr: address, ContextTimeoutEnabled: true})
	DeferCleanup(client.Close)
	return client
}

func emptyCluster(ctx context.Context) *redis.ClusterClient {
	GinkgoHelper()
	client := redis.NewClusterClient(&redis.ClusterOptions{
		Addrs: cluster.get().Addrs(), ContextTimeoutEnabled: true, ClusterStateReloadInterval: time.Second,
	})
	DeferCleanup(client.Close)
	Expect(client.ForEachMaster(ctx, func(ctx context.Context, master *redis.Client) error {
		return master.FlushAll(ctx).Err()
	})).To(Succeed())
	return client
}
