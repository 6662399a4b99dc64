package peers

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/drivers/near"
	"github.com/kvstore-go/kvstore/jsonval/schemas"
	"github.com/kvstore-go/kvstore/kv"
	"github.com/kvstore-go/kvstore/spec/bench/fixture"
	"github.com/kvstore-go/kvstore/spec/bench/interleave"
)

const (
	notesFetchedNear = `kvstore is told by the server of what changes. go-redis/cache keeps bytes for a minute, gocache for as long as Redis does;
neither notices what another program writes meanwhile.`
	notesFetched = `gocache pays MessagePack, go-redis/cache MessagePack and compression, kvstore JSON.`
)

// errLoaded is what every load returns, so that only hits are measured.
var errLoaded = errors.New("loaded what is there")

// BenchmarkFetch compares fetches of what is there, from a local cache and from Redis.
func BenchmarkFetch(b *testing.B) {
	addr := fixture.StartRedis(b).Addr()
	version, err := fixture.Info(ctx, fixture.ClientOf(b, addr), "server", "redis_version")
	must(b, err)
	report.redis = version
	for _, on := range []struct {
		title, notes string
		local        bool
		pace         interleave.Pace
	}{
		{"Fetch of what is there, with a local cache", notesFetchedNear, true, interleave.Medium},
		{"Fetch of what is there, on Redis", notesFetched, false, interleave.Medium},
	} {
		b.Run(on.title, func(b *testing.B) {
			measure(b, on.title, on.notes, []side{
				kvstoreFetch(addr, on.local), goRedisCache(addr, on.local), gocacheLoadable(addr, on.local),
			}, []line{
				{readText, "fetch a string", on.pace, nil},
				{readDocument, "fetch a document, not validated", on.pace, nil},
				{readValidated, "fetch a document, validated", on.pace, nil},
			})
		})
	}
}

var fetchSchema = kv.Static("fetched").
	Field(keptTexts, kv.Dynamic(kv.String(kv.Near(), kv.ExpireIn(time.Hour)))).
	Field(keptGames, kv.Dynamic(kv.JSON[fixture.Game](kv.Near(), kv.ExpireIn(time.Hour)))).
	Field(unvalidated, kv.Dynamic(kv.JSON[fixture.Game](kv.Near(), kv.ExpireIn(time.Hour), kv.Validation(schemas.HandWritten("{}")))))

// kvstoreFetch is Fetch; what is declared to be near is so only behind drivers/near.
func kvstoreFetch(addr string, local bool) side {
	return side{name: ours, open: func(b *testing.B) operations {
		var driver drivers.Driver = driverOf(b, addr)
		if !local {
			return fetchOperations(b, kv.MustOpen(fetchSchema, driver))
		}
		kept := near.New(driver)
		b.Cleanup(func() { must(b, kept.Close()) })
		store := kv.MustOpen(fetchSchema, drivers.Driver(kept))
		for kept.Near().Reserve("fetched:texts:ready", drivers.NearRead{Op: drivers.OpGet}) == nil {
			time.Sleep(time.Millisecond)
		}
		return fetchOperations(b, store)
	}}
}

func fetchOperations(b *testing.B, store kv.StaticStore) operations {
	b.Helper()
	held := store.Take(keptTexts).Take("held")
	must(b, held.Write(ctx, text))
	loadText := func(context.Context) (string, error) { return "", errLoaded }
	return operations{
		readText:      reads(text, func() (string, error) { return held.Fetch(ctx, loadText) }),
		readDocument:  fetchesDocument(b, store.Take(unvalidated).Take("held")),
		readValidated: fetchesDocument(b, store.Take(keptGames).Take("held")),
	}
}

func fetchesDocument(b *testing.B, held kv.JSONField[fixture.Game]) operation {
	b.Helper()
	must(b, held.Write(ctx, document))
	load := func(context.Context) (fixture.Game, error) { return fixture.Game{}, errLoaded }
	return reads(document, func() (fixture.Game, error) { return held.Fetch(ctx, load) })
}
