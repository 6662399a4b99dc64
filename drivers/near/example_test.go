package near_test

import (
	"context"
	"fmt"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/drivers/memory"
	"github.com/kvstore-go/kvstore/drivers/near"
	"github.com/kvstore-go/kvstore/drivers/redisdriver"
	"github.com/kvstore-go/kvstore/kv"
)

type Room struct {
	Title string   `json:"title"`
	Tags  []string `json:"tags"`
}

var Chat = kv.AllNear(kv.Static("chat").Field("rooms", kv.Dynamic(kv.JSON[Room]())))

// opened is the chat on Redis, with what is read of it kept near.
func opened(client redis.UniversalClient) (kv.StaticStore, error) {
	driver := near.New(redisdriver.New(client), near.MaxBytes(64<<20))
	chat, err := kv.Open(Chat, driver)
	return chat, err
}

func Example() {
	ctx := context.Background()
	store := memory.New()
	driver := near.New(store)
	defer driver.Close()
	room := kv.MustOpen(Chat, driver).Take[kv.DynamicStore[kv.JSONField[Room]]]("rooms").Take("7")
	elsewhere := kv.MustOpen(Chat, store).Take[kv.DynamicStore[kv.JSONField[Room]]]("rooms").Take("7")
	for driver.Near().Reserve(room.Path(), drivers.NearRead{Op: drivers.OpGet}) == nil {
		time.Sleep(time.Millisecond) // until it is heard of what changes; reads would be as ever
	}

	fmt.Println(elsewhere.Write(ctx, Room{"Go", []string{"language"}}))
	for {
		hits := driver.Stats().Hits
		read, err := room.Read(ctx)
		if read.Title == "Go" && driver.Stats().Hits > hits { // from the process
			fmt.Println(read, err)
			break
		}
	}
	fmt.Println(elsewhere.Write(ctx, Room{"Rust", nil}))
	for {
		if read, err := room.Read(ctx); read.Title == "Rust" { // as soon as the news is here
			fmt.Println(read, err)
			break
		}
	}
	// Output:
	// <nil>
	// {Go [language]} <nil>
	// <nil>
	// {Rust []} <nil>
}

var _ = opened // it needs a server
