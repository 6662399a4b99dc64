package peers

import (
	"context"
	"fmt"
	"testing"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/drivers/memory"
	"github.com/kvstore-go/kvstore/drivers/redisdriver"
	"github.com/kvstore-go/kvstore/jsonval/schemas"
	"github.com/kvstore-go/kvstore/kv"
	"github.com/kvstore-go/kvstore/spec/bench/fixture"
)

const (
	keptTexts    kv.Key[kv.DynamicStore[kv.StringField]]             = "texts"
	keptGames    kv.Key[kv.DynamicStore[kv.JSONField[fixture.Game]]] = "games"
	unvalidated  kv.Key[kv.DynamicStore[kv.JSONField[fixture.Game]]] = "unvalidated"
	keptTags     kv.Key[kv.SetField]                                 = "tags"
	heldTags     kv.Key[kv.SetField]                                 = "held"
	batchedTags  kv.Key[kv.SetField]                                 = "batched"
	keptBoard    kv.Key[kv.SortedSetField]                           = "board"
	keptVotes    kv.Key[kv.BitSetField]                              = "votes"
	keptChildren kv.Key[kv.DynamicStore[kv.StringField]]             = "children"
	indexed      kv.Key[kv.DynamicStore[kv.StringField]]             = "indexed"
)

// schema has documents twice: a hand-written schema that allows everything leaves of
// the validation that the text is JSON.
var schema = kv.Static("kvstore").
	Field(keptTexts, kv.Dynamic(kv.String())).
	Field(keptGames, kv.Dynamic(kv.JSON[fixture.Game]())).
	Field(unvalidated, kv.Dynamic(kv.JSON[fixture.Game](kv.Validation(schemas.HandWritten("{}"))))).
	Set(keptTags).
	Set(heldTags).
	Set(batchedTags).
	SortedSet(keptBoard).
	BitSet(keptVotes, kv.U16).
	Field(keptChildren, kv.Dynamic(kv.String())).
	Field(indexed, kv.IndexKeys(kv.Dynamic(kv.String())))

const ours = "kvstore"

func kvstoreOnRedis(addr string) side {
	return side{
		name: ours,
		open: func(b *testing.B) operations { return kvstoreTasks(b, driverOf(b, addr)) },
		fill: func(b *testing.B, count int) any { return fillKvstore(b, driverOf(b, addr), count) },
	}
}

func kvstoreInMemory() side {
	return side{
		name: ours,
		open: func(b *testing.B) operations {
			driver := memory.New()
			fillKvstore(b, driver, otherCount)
			return kvstoreTasks(b, driver)
		},
		fill: func(b *testing.B, count int) any { return fillKvstore(b, memory.New(), count) },
	}
}

func driverOf(b *testing.B, addr string) *redisdriver.Driver {
	b.Helper()
	driver := redisdriver.New(fixture.ClientOf(b, addr))
	b.Cleanup(func() { must(b, driver.Close()) })
	return driver
}

func fillKvstore(b *testing.B, driver drivers.Driver, count int) any {
	b.Helper()
	store := kv.MustOpen(kv.Dynamic(kv.String()), driver, kv.At("k"))
	for i := range count {
		key, value := entry16(i)
		must(b, store.Take(key[len("k:"):]).Write(ctx, value))
	}
	return driver
}

func kvstoreTasks(b *testing.B, driver drivers.Driver) operations {
	b.Helper()
	store := kv.MustOpen(schema, driver)
	seedKvstore(b, store)
	tags, held, board, votes := store.Take(keptTags), store.Take(heldTags), store.Take(keptBoard), store.Take(keptVotes)
	_, _, sum := slots()
	games := namesOf("game", manyDocuments)
	var first []kv.Scored[string]
	for i := range 10 {
		first = append(first, kv.Scored[string]{Member: fmt.Sprint(i), Score: float64(i)})
	}
	tasks := operations{
		addMember: writes(true, func() error { _, err := tags.Add(ctx, member); return err },
			func() (bool, error) { return tags.Has(ctx, member) }),
		hasMember: reads(true, func() (bool, error) { return held.Has(ctx, member) }),
		addScored: writes(score, func() error {
			_, err := board.Add(ctx, kv.Scored[string]{Member: member, Score: score})
			return err
		}, func() (float64, error) { return board.Score(ctx, member) }),
		rangeScored:  reads(first, func() ([]kv.Scored[string], error) { return board.Range(ctx, 0, 9) }),
		sumSlots:     reads(sum, func() (int64, error) { return votes.Sum(ctx, 0, slotCount) }),
		batch:        reads(2, func() (int, error) { return kvstoreBatch(store) }),
		readMany:     reads(ratings(), func() (int, error) { return kvstoreMany(store.Take(keptGames), games) }),
		listChildren: reads(childCount, func() (int, error) { return kvstoreList(store.Take(keptChildren)) }),
		listIndexed:  reads(childCount, func() (int, error) { return kvstoreList(store.Take(indexed)) }),
	}
	tasks[readText], tasks[writeText] = kvstoreText(b, store.Take(keptTexts), "held")
	tasks[readTogether], tasks[writeTogether] = kvstoreTogether(b, store.Take(keptTexts))
	tasks[readDocument], tasks[writeDocument] = kvstoreDocument(b, store.Take(unvalidated))
	tasks[readValidated], tasks[writeValidated] = kvstoreDocument(b, store.Take(keptGames))
	return tasks
}

func kvstoreText(b *testing.B, store kv.DynamicStore[kv.StringField], key string) (reading, writing operation) {
	b.Helper()
	held, written := store.Take(key), store.Take("written-"+key)
	must(b, held.Write(ctx, text))
	return reads(text, func() (string, error) { return held.Read(ctx) }),
		writes(text, func() error { return written.Write(ctx, text) }, func() (string, error) { return written.Read(ctx) })
}

func kvstoreTogether(b *testing.B, store kv.DynamicStore[kv.StringField]) (reading, writing operation) {
	b.Helper()
	return together(func(i int) (reading, writing operation) { return kvstoreText(b, store, fmt.Sprint(i)) })
}

func kvstoreDocument(b *testing.B, store kv.DynamicStore[kv.JSONField[fixture.Game]]) (reading, writing operation) {
	b.Helper()
	held, written := store.Take("held"), store.Take("written")
	must(b, held.Write(ctx, document))
	return reads(document, func() (fixture.Game, error) { return held.Read(ctx) }),
		writes(document, func() error { return written.Write(ctx, document) },
			func() (fixture.Game, error) { return written.Read(ctx) })
}

// seedKvstore stores what the operations work on, in batches.
func seedKvstore(b *testing.B, store kv.StaticStore) {
	b.Helper()
	numbers, _, _ := slots()
	must(b, store.Take(heldTags).Write(ctx, members))
	var seeds kv.Batch
	bound := seeds.Bind(store)
	for i := range boardSize {
		seeds.Do(func(ctx context.Context) (int, error) {
			return bound.Take(keptBoard).Add(ctx, kv.Scored[string]{Member: fmt.Sprint(i), Score: float64(i)})
		})
	}
	for i, number := range numbers {
		seeds.Exec(func(ctx context.Context) error { return bound.Take(keptVotes).Put(ctx, int64(i), number) })
	}
	for i := range childCount {
		for _, children := range []kv.DynamicStore[kv.StringField]{bound.Take(keptChildren), bound.Take(indexed)} {
			seeds.Exec(func(ctx context.Context) error { return children.Take(fmt.Sprint(i)).Write(ctx, text) })
		}
	}
	for i, name := range namesOf("game", manyDocuments) {
		seeds.Exec(func(ctx context.Context) error {
			return bound.Take(keptGames).Take(name).Write(ctx, fixture.GameOf(i))
		})
	}
	must(b, seeds.Run(ctx))
}

func kvstoreBatch(store kv.StaticStore) (size int, err error) {
	var batch kv.Batch
	bound := batch.Bind(store)
	tags := bound.Take(batchedTags)
	var last *kv.Result[int]
	for i, name := range batchNames {
		field := bound.Take(keptTexts).Take(name)
		batch.Exec(func(ctx context.Context) error { return field.Write(ctx, text) })
		batch.Do(field.Read)
		batch.Do(func(ctx context.Context) (int, error) { return tags.Add(ctx, members[i%2]) })
		last = batch.Do(tags.Len)
	}
	if err := batch.Run(ctx); err != nil {
		return 0, err
	}
	return last.Get()
}

func kvstoreMany(store kv.DynamicStore[kv.JSONField[fixture.Game]], names []string) (sum int, err error) {
	for entry, err := range kv.ReadMany(ctx, store, names...) {
		if err != nil {
			return 0, err
		}
		sum += entry.Value.Rating
	}
	return sum, nil
}

func kvstoreList(store kv.DynamicStore[kv.StringField]) (count int, err error) {
	for _, err := range store.Keys(ctx) {
		if err != nil {
			return 0, err
		}
		count++
	}
	return count, nil
}
