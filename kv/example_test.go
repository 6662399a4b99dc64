package kv_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/kvstore-go/kvstore/drivers/memory"
	"github.com/kvstore-go/kvstore/kv"
)

type Msg struct {
	Message string `json:"message"`
}

type RoomConfig struct {
	Title string `json:"title"`
	Seats int    `json:"seats" jsonschema:"minimum=1"`
}

const (
	Bar     kv.Key[kv.DynamicStore[kv.JSONField[[]Msg]]] = "bar"
	Baz     kv.Key[kv.SetField]                          = "baz"
	Rooms   kv.Key[kv.DynamicStore[kv.StaticStore]]      = "rooms"
	Config  kv.Key[kv.JSONField[RoomConfig]]             = "config"
	Members kv.Key[kv.SetField]                          = "members"
)

var (
	Room = kv.Static("room").JSON(Config).Set(Members)
	Foo  = kv.Static("foo").
		Field(Bar, kv.Dynamic(kv.JSON[[]Msg]())).
		Set(Baz).
		Field(Rooms, kv.Dynamic(Room))
)

// Declare a schema once, open it on a driver, and reach everything by Take.
func Example() {
	ctx := context.Background()
	foo, err := kv.Open(Foo, memory.New())
	if err != nil {
		panic(err)
	}
	fmt.Println(foo.Take(Bar).Take("any").Write(ctx, []Msg{{"Hello, World!"}}))
	fmt.Println(foo.Take(Bar).Take("any").Read(ctx))

	config := foo.Take(Rooms).Take("42").Take(Config)
	fmt.Println(config.Write(ctx, RoomConfig{Title: "Lobby", Seats: 0}))
	_, err = config.Read(ctx)
	fmt.Println(err, errors.Is(err, kv.ErrNotFound))
	fmt.Println(Foo.Tree())
	// Output:
	// <nil>
	// [{Hello, World!}] <nil>
	// kv: Write foo:rooms:42:config: invalid value: /seats: must be at least 1 (minimum)
	// kv: Read foo:rooms:42:config: not found true
	// foo
	// ├── bar
	// │   └── *            JSON []kv_test.Msg
	// ├── baz              set
	// └── rooms
	//     └── *            (room)
	//         ├── config   JSON kv_test.RoomConfig
	//         └── members  set
}
