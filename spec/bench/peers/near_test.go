package peers

import (
	"testing"
	"time"

	"github.com/redis/rueidis"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/drivers/near"
	"github.com/kvstore-go/kvstore/jsonval/schemas"
	"github.com/kvstore-go/kvstore/kv"
	"github.com/kvstore-go/kvstore/spec/bench/fixture"
	"github.com/kvstore-go/kvstore/spec/bench/interleave"
)

const notesNear = `Both are told by the server of what changes. rueidis keeps replies, which are decoded each time.`

var halfOfDoCache = []target{{0.5, []string{"rueidis-DoCache"}}}

// BenchmarkNear compares reads of what has been read before, and has not changed on the server.
func BenchmarkNear(b *testing.B) {
	addr := fixture.StartRedis(b).Addr()
	version, err := fixture.Info(ctx, fixture.ClientOf(b, addr), "server", "redis_version")
	must(b, err)
	report.redis = version
	measure(b, "Near", notesNear, []side{kvstoreNear(addr), rueidisDoCache(addr)}, []line{
		{readText, "read a string", interleave.Medium, halfOfDoCache},
		{readDocument, "read a document, not validated", interleave.Medium, halfOfDoCache},
		{readValidated, "read a document, validated", interleave.Medium, halfOfDoCache},
		{readTogether, "64 goroutines read strings", interleave.Coarse, halfOfDoCache},
	})
}

var nearSchema = kv.AllNear(kv.Static("near").
	Field(keptTexts, kv.Dynamic(kv.String())).
	Field(keptGames, kv.Dynamic(kv.JSON[fixture.Game]())).
	Field(unvalidated, kv.Dynamic(kv.JSON[fixture.Game](kv.Validation(schemas.HandWritten("{}"))))))

func kvstoreNear(addr string) side {
	return side{name: ours, open: func(b *testing.B) operations {
		driver := near.New(driverOf(b, addr))
		b.Cleanup(func() { must(b, driver.Close()) })
		store := kv.MustOpen(nearSchema, driver)
		for driver.Near().Reserve(store.Path()+":texts", drivers.NearRead{Op: drivers.OpGet}) == nil {
			time.Sleep(time.Millisecond)
		}
		tasks := operations{}
		tasks[readText], _ = kvstoreText(b, store.Take(keptTexts), "held")
		tasks[readTogether], _ = kvstoreTogether(b, store.Take(keptTexts))
		tasks[readDocument], _ = kvstoreDocument(b, store.Take(unvalidated))
		tasks[readValidated], _ = kvstoreDocument(b, store.Take(keptGames))
		return tasks
	}}
}

// cachingRueidis is rueidis with its client-side caching.
type cachingRueidis struct{ rueidisClient }

func rueidisDoCache(addr string) side {
	return side{name: "rueidis-DoCache", open: func(b *testing.B) operations {
		client, err := rueidis.NewClient(rueidis.ClientOption{InitAddress: []string{addr}})
		must(b, err)
		b.Cleanup(client.Close)
		c, all := cachingRueidis{rueidisClient{client}}, operations{}
		texts, documents := textTasks(b, c, "cached"), documentTasks(b, c, "cached")
		for _, task := range []task{readText, readTogether} {
			all[task] = texts[task]
		}
		for _, task := range []task{readDocument, readValidated} {
			all[task] = documents[task]
		}
		return all
	}}
}

func (c cachingRueidis) get(key string) (string, error) {
	return c.DoCache(ctx, c.B().Get().Key(key).Cache(), time.Hour).ToString()
}
