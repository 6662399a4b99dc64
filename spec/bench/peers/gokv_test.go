package peers

import (
	"errors"
	"testing"

	"github.com/philippgille/gokv"
	gokvredis "github.com/philippgille/gokv/redis"
	"github.com/philippgille/gokv/syncmap"
)

// gokvStore is gokv with the codec it has if it is told nothing: encoding/json.
type gokvStore struct{ gokv.Store }

func (s gokvStore) get(key string, into any) error {
	found, err := s.Get(key, into)
	if err == nil && !found {
		err = errors.New("nothing is found")
	}
	return err
}

func (s gokvStore) set(key string, value any) error { return s.Set(key, value) }

// gokvOnRedis makes a go-redis client of its own, and gives each command a deadline.
func gokvOnRedis(addr string) side {
	onRedis := func(b *testing.B) gokvStore {
		client, err := gokvredis.NewClient(gokvredis.Options{Address: addr})
		must(b, err)
		b.Cleanup(func() { _ = client.Close() })
		return gokvStore{client}
	}
	return side{
		name: "gokv",
		open: func(b *testing.B) operations { return objectTasks(b, onRedis(b), "gokv") },
		fill: func(b *testing.B, count int) any {
			s := onRedis(b)
			fillTexts(b, textsOf{s}, count)
			return s
		},
		lacks: valuesAlone,
	}
}

func gokvInMemory() side {
	return objectsInMemory("gokv", func() objects { return gokvStore{syncmap.NewStore(syncmap.DefaultOptions)} })
}
