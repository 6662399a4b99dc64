package cookbook_test

import (
	"context"
	"errors"
	"expvar"
	"fmt"
	"net/http"
	"net/http/httptest"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/drivers/memory"
	"github.com/kvstore-go/kvstore/drivers/oteldriver"
	"github.com/kvstore-go/kvstore/drivers/redisdriver"
	"github.com/kvstore-go/kvstore/kv"
)

// run works until ctx ends, and then closes in the order of use: first what works, then the
// driver, then the client, which is not the driver's own.
func run(ctx context.Context, driver drivers.Driver, client redis.UniversalClient, work func(context.Context) error) error {
	err := work(ctx) // waits, loops and transactions end with ctx, and lose nothing
	if errors.Is(err, context.Canceled) {
		err = nil
	}
	err = errors.Join(err, drivers.Close(driver)) // from here on every operation is kv.ErrClosed
	if client != nil {
		err = errors.Join(err, client.Close())
	}
	return err
}

func Example_shutdown() {
	ctx, stop := context.WithCancel(context.Background()) // in a program: signal.NotifyContext
	driver := memory.New()
	events := kv.MustOpen(kv.Stream[string](), driver, kv.At("events"))
	fmt.Println(run(ctx, driver, nil, func(ctx context.Context) error {
		stop()
		for _, err := range events.Follow(ctx, "") {
			return err
		}
		return nil
	}))
	_, err := events.Len(context.Background())
	fmt.Println(errors.Is(err, kv.ErrClosed))
	// Output:
	// <nil>
	// true
}

// health answers 200 while the store does, within a second.
func health(driver drivers.Driver) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), time.Second)
		defer cancel()
		if err := drivers.Ping(ctx, driver); err != nil {
			http.Error(w, err.Error(), http.StatusServiceUnavailable)
		}
	}
}

func Example_health() {
	driver := memory.New()
	for range 2 {
		response := httptest.NewRecorder()
		health(driver)(response, httptest.NewRequest("GET", "/healthz", nil))
		fmt.Println(response.Code)
		_ = drivers.Close(driver)
	}
	// Output:
	// 200
	// 503
}

var (
	commands = expvar.NewMap("kv_commands")
	failures = expvar.NewMap("kv_failures")
	micros   = expvar.NewMap("kv_microseconds")
)

// measure counts by command and schema path, such as "GET shop:users:*": never by id.
func measure(ctx context.Context, b *drivers.Batch, next drivers.Next) error {
	began := time.Now()
	err := next(ctx, b)
	for _, item := range b.Items {
		name := fmt.Sprint(item.Command.Op, " ", item.Command.Pattern)
		commands.Add(name, 1)
		micros.Add(name, time.Since(began).Microseconds())
		if item.Err != nil || err != nil {
			failures.Add(name, 1)
		}
	}
	return err
}

// observed is the driver of a client, traced and measured.
func observed(client redis.UniversalClient) (drivers.Driver, error) {
	driver := redisdriver.New(client)
	redis := oteldriver.WithAttributes(oteldriver.SystemNameKey.String("redis"))
	if _, err := oteldriver.ObservePool("shop", driver.Pool, redis); err != nil {
		return nil, err
	}
	return drivers.Use(driver, oteldriver.Middleware(redis)), nil
}

func Example_observed() {
	driver, err := observed(redis.NewClient(&redis.Options{}))
	fmt.Println(driver != nil, err)
	// Output:
	// true <nil>
}

func Example_metrics() {
	ctx := context.Background()
	driver := drivers.Use(memory.New(), oteldriver.Middleware(), measure) // the first is the outermost
	shop := kv.MustOpen(Shop.As[ShopView](), driver)

	_, _ = shop.Sessions.Take("secret").Exists(ctx)
	_, _ = shop.Sessions.Take("t0ken").Exists(ctx)
	fmt.Println(commands)
	// Output:
	// {"EXISTS shop:sessions:*": 2}
}
