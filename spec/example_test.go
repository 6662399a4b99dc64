package spec_test

import (
	"context"
	"fmt"
	"os"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"github.com/redis/go-redis/v9"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/drivers/memory"
	"github.com/kvstore-go/kvstore/drivers/redisdriver"
	"github.com/kvstore-go/kvstore/kv"
	"github.com/kvstore-go/kvstore/spec"
)

const (
	Sessions kv.Key[kv.DynamicStore[kv.StringField]] = "sessions"
	Online   kv.Key[kv.SetField]                     = "online"
)

var App = kv.Static("app").
	Field(Sessions, kv.Dynamic(kv.String(kv.ExpireIn(time.Hour)))).
	Set(Online)

// signIn is the code under test. It takes the store and does not know the driver.
func signIn(ctx context.Context, app kv.StaticStore, user, token string) error {
	if err := app.Take(Sessions).Take(user).Write(ctx, token); err != nil {
		return err
	}
	_, err := app.Take(Online).Add(ctx, user)
	return err
}

// driverOfTheRun is memory unless the run is given a Redis: the specs do not change.
func driverOfTheRun() drivers.Driver {
	if address := os.Getenv("APP_REDIS"); address != "" {
		return redisdriver.New(redis.NewClient(&redis.Options{Addr: address}))
	}
	return memory.New()
}

var _ = Describe("signing in", func() {
	var app kv.StaticStore

	BeforeEach(func() {
		app = kv.MustOpen(App, driverOfTheRun())
		DeferCleanup(app.Erase)
	})

	It("starts a session that ends by itself", func(ctx SpecContext) {
		Expect(signIn(ctx, app, "ann", "t0ken")).To(Succeed())

		session := app.Take(Sessions).Take("ann")
		Expect(session).To(spec.HoldValue("t0ken"))
		Expect(session).To(spec.ExpireWithin(time.Hour))
		Expect(app.Take(Sessions)).To(spec.HoldKeys("ann"))
		Expect(app.Take(Sessions).Take("bob")).To(spec.BeAbsent())
		Expect(app.Take(Online)).To(spec.HoldMembers("ann"))
		Expect(app.Take(Online)).To(spec.NeverExpire())
	})
})

// A Ginkgo spec of code that uses a store: it runs in memory, and against a Redis
// where one is given, without changing a line.
func Example() {
	app := kv.MustOpen(App, memory.New())
	fmt.Println(signIn(context.Background(), app, "ann", "t0ken"))
	fmt.Println(spec.HoldMembers("bob").Match(app.Take(Online)))
	// Output:
	// <nil>
	// false <nil>
}
