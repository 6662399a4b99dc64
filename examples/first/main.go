// First is the program of the README: a schema, a view of it, and a walk.
package main

import (
	"context"
	"fmt"

	"github.com/kvstore-go/kvstore/drivers/memory"
	"github.com/kvstore-go/kvstore/kv"
)

type Config struct {
	Name  string `json:"name" jsonschema:"minLength=1"`
	Seats int    `json:"seats" jsonschema:"minimum=1"`
}

// Room is what is stored of one room, and RoomView how a program sees it.
var Room = kv.Static("room").JSON[Config]("config").Set("members")

type RoomView struct {
	Config  kv.JSONField[Config] `kv:"config"`
	Members kv.SetField          `kv:"members"`
}

func main() {
	ctx := context.Background()
	rooms := kv.MustOpen(kv.Dynamic(Room.As[RoomView]()), memory.New(), kv.At("rooms"))

	room := rooms.Take("42")
	fmt.Println(room.Config.Path())                             // rooms:42:config
	fmt.Println(room.Config.Write(ctx, Config{"The Hall", 12})) // <nil>
	fmt.Println(room.Members.Add(ctx, "ann", "bob"))            // 2 <nil>
	fmt.Println(room.Config.Read(ctx))                          // {The Hall 12} <nil>
	fmt.Println(room.Config.Write(ctx, Config{"The Hall", 0}))  // kv: Write rooms:42:config: invalid value: …
}
