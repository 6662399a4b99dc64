package fetch_test

import (
	"context"
	"errors"
	"os"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/kvstore-go/kvstore/kv"
	"github.com/kvstore-go/kvstore/kv/internal/kvtest"
	"github.com/kvstore-go/kvstore/spec/suite"
)

// TestMain is another program that fetches, where the environment says so.
func TestMain(m *testing.M) {
	if addr := os.Getenv(helperServer); addr != "" {
		help(addr)
		return
	}
	os.Exit(m.Run())
}

func TestFetch(t *testing.T) {
	redis.SetLogger(suite.Log{})
	suite.Run(t, "kv: cache-aside")
}

// kept is the TTL of what is fetched.
const kept = time.Hour

// page is what is fetched: fields of every kind that can be.
type page struct {
	kv.StaticStore
	Title kv.StringField            `kv:"title"`
	Text  kv.BytesField             `kv:"text"`
	Views kv.IntField               `kv:"views"`
	Rank  kv.FloatField             `kv:"rank"`
	Open  kv.BoolField              `kv:"open"`
	Since kv.TimeField              `kv:"since"`
	Game  kv.JSONField[kvtest.Game] `kv:"game"`
	Room  kv.HashField[room]        `kv:"room"`
	Visit kv.StringField            `kv:"visit"`
}

// room is a struct that may be empty.
type room struct {
	Title string `json:"title,omitempty"`
	Seats int    `json:"seats,omitempty"`
}

// pages are stores of what is fetched, each with a TTL but for what stays: Rank, Open, Since.
var pages = kv.Dynamic(kv.Static("page").
	String("title", kv.ExpireIn(kept)).Bytes("text", kv.ExpireIn(kept)).Int("views", kv.ExpireIn(kept), kv.AtMost(10)).
	Float("rank").Bool("open").Time("since").
	JSON[kvtest.Game]("game", kv.ExpireIn(kept)).Hash[room]("room", kv.ExpireIn(kept)).
	String("visit", kv.Sliding(kept)).As[page]())

// openPages opens them on a driver: two drivers are two programs.
func openPages(store kvtest.Backend) kv.DynamicStore[page] {
	return kv.MustOpen(pages, store.Driver, kv.At("pages"))
}

// fetched is a handle of values of a type.
type fetched[T any] interface {
	Fetch(ctx context.Context, load func(ctx context.Context) (T, error), options ...kv.FetchOption) (T, error)
	Forget(ctx context.Context) (bool, error)
	Read(ctx context.Context) (T, error)
	Write(ctx context.Context, value T, options ...kv.WriteOption) error
	TTL(ctx context.Context) (time.Duration, error)
}

// has is the source that has a value.
func has[T any](value T) func(ctx context.Context) (T, error) {
	return func(context.Context) (T, error) { return value, nil }
}

// fails is the source that fails.
func fails[T any](err error) func(ctx context.Context) (T, error) {
	return func(context.Context) (none T, _ error) { return none, err }
}

// never is a load that is not to be called.
func never[T any](context.Context) (T, error) {
	return *new(T), errors.New("it was loaded")
}
