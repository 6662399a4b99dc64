package peers

import (
	"errors"
	"fmt"
	"testing"

	"github.com/rueian/rueidis"
	"github.com/rueian/rueidis/om"

	"github.com/kvstore-go/kvstore/spec/bench/fixture"
)

// entity is what om keeps: a flat hash, in which a nested document can only be a text.
type entity struct {
	Key   string `json:"key" redis:",key"`
	Ver   int64  `json:"ver" redis:",ver"`
	Value string `json:"value"`
}

// repository is om's HashRepository: its JSONRepository needs a module that a plain Redis
// does not have. A save is a script that compares and increments the version.
type repository struct{ om.Repository[entity] }

func newRepository(b *testing.B, addr, name string) repository {
	b.Helper()
	client, err := rueidis.NewClient(rueidis.ClientOption{InitAddress: []string{addr}, DisableCache: true})
	must(b, err)
	b.Cleanup(client.Close)
	return repository{om.NewHashRepository(name, entity{}, client)}
}

func objectMapping(addr string) side {
	return side{
		name: "om",
		open: func(b *testing.B) operations {
			r := newRepository(b, addr, "om")
			tasks := operations{}
			tasks[readTogether], tasks[writeTogether] = r.together(b, "text")
			tasks[readText], tasks[writeText] = r.texts(b, "held")
			tasks[readDocument], tasks[writeDocument] = r.documents(b)
			return tasks
		},
		fill: func(b *testing.B, count int) any {
			r := newRepository(b, addr, "k")
			for i := range count {
				key, value := entry16(i)
				must(b, r.Save(ctx, &entity{Key: key[len("k:"):], Value: value}))
			}
			return r
		},
		lacks: valuesAlone,
	}
}

func (r repository) texts(b *testing.B, key string) (reading, writing operation) {
	b.Helper()
	must(b, r.Save(ctx, &entity{Key: key, Value: text}))
	saved := &entity{Key: "written-" + key, Value: text}
	return reads(text, func() (string, error) { return r.read(key) }),
		writes(text, func() error { return r.Save(ctx, saved) }, func() (string, error) { return r.read(saved.Key) })
}

func (r repository) together(b *testing.B, name string) (reading, writing operation) {
	b.Helper()
	return together(func(i int) (reading, writing operation) { return r.texts(b, fmt.Sprint(name, i)) })
}

func (r repository) documents(b *testing.B) (reading, writing operation) {
	b.Helper()
	encoded, err := marshal(document)
	must(b, err)
	must(b, r.Save(ctx, &entity{Key: "document", Value: encoded}))
	read := func(key string) func() (fixture.Game, error) {
		return func() (game fixture.Game, err error) {
			text, err := r.read(key)
			if err != nil {
				return game, err
			}
			return unmarshal(text)
		}
	}
	saved := &entity{Key: "written-document"}
	return reads(document, read("document")), writes(document, func() (err error) {
		saved.Value, err = marshal(document)
		return errors.Join(err, r.Save(ctx, saved))
	}, read(saved.Key))
}

func (r repository) read(key string) (string, error) {
	found, err := r.Fetch(ctx, key)
	if err != nil {
		return "", err
	}
	return found.Value, nil
}
