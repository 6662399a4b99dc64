package kv_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/kvstore-go/kvstore/drivers/memory"
	"github.com/kvstore-go/kvstore/kv"
)

// A whole subtree is counted, given an end, and erased, whatever lies below it. What lies
// beside it is never touched.
func ExampleStaticStore_Erase() {
	ctx := context.Background()
	foo := kv.MustOpen(Foo, memory.New())
	for _, id := range []string{"42", "43"} {
		_ = foo.Take(Rooms).Take(id).Take(Config).Write(ctx, RoomConfig{Title: "Lobby", Seats: 1})
		_, _ = foo.Take(Rooms).Take(id).Take(Members).Add(ctx, "ann", "bob")
	}

	fmt.Println(foo.Count(ctx))
	fmt.Println(foo.Take(Rooms).Take("43").Expire(ctx, time.Hour))
	fmt.Println(foo.Take(Rooms).Take("42").Erase(ctx))
	fmt.Println(foo.Erase(ctx, kv.OnProgress(func(p kv.Progress) { fmt.Println("erased so far:", p.Keys) })))
	// Output:
	// 4 <nil>
	// 2 <nil>
	// 2 <nil>
	// erased so far: 2
	// 2 <nil>
}

// How a team moves from memory to Redis, or from one cluster to another: open the schema
// on both, and copy. It goes for single fields, too.
func ExampleCopy() {
	ctx := context.Background()
	old, next := kv.MustOpen(Foo, memory.New()), kv.MustOpen(Foo, memory.New())
	_ = old.Take(Bar).Take("any").Write(ctx, []Msg{{"Hello"}}, kv.ExpireIn(time.Hour))
	_, _ = old.Take(Baz).Add(ctx, "red", "green")

	fmt.Println(kv.Copy(ctx, old, next))
	fmt.Println(next.Take(Bar).Take("any").Read(ctx))
	fmt.Println(kv.Copy(ctx, next.Take(Bar).Take("any"), next.Take(Bar).Take("other")))
	fmt.Println(kv.Copy(ctx, next, next))
	// Output:
	// {2 0 0} <nil>
	// [{Hello}] <nil>
	// {1 0 0} <nil>
	// {0 0 0} kv: Copy foo: invalid value: to where foo lies already
}

// A field that gets another name: what is stored moves, with what time it has left. Nothing is absent
// meanwhile.
func ExampleMove() {
	ctx := context.Background()
	rooms := kv.MustOpen(kv.Dynamic(kv.Set()), memory.New(), kv.At("rooms"))
	_, _ = rooms.Take("blue").Add(ctx, "ann", "bob")

	moved, err := kv.Move(ctx, rooms.Take("blue"), rooms.Take("azure"))
	fmt.Println(moved.Values, err)
	fmt.Println(rooms.Take("azure").Len(ctx))
	fmt.Println(rooms.Take("blue").Exists(ctx))
	// Output:
	// 1 <nil>
	// 2 <nil>
	// false <nil>
}

// A file of exported values is JSON Lines: a heading, a line for every value, an ending.
func ExampleStaticStore_Export() {
	ctx := context.Background()
	room := kv.MustOpen(Room, memory.New())
	_ = room.Take(Config).Write(ctx, RoomConfig{Title: "Lobby", Seats: 8})
	_, _ = room.Take(Members).Add(ctx, "ann")

	fmt.Println(room.Export(ctx, os.Stdout))
	// Output:
	// {"format":"kvstore/1","fields":[{"path":"config","kind":"JSON"},{"path":"members","kind":"set"}]}
	// {"path":["config"],"kind":"JSON","values":["{\"title\":\"Lobby\",\"seats\":8}"]}
	// {"path":["members"],"kind":"set","values":["ann"]}
	// {"path":[],"values":[],"records":2}
	// {2 0 2} <nil>
}

// An Import that was cut short goes on after the records that it settled.
func ExampleStaticStore_Import() {
	ctx := context.Background()
	source, target := kv.MustOpen(Room, memory.New()), kv.MustOpen(Room, memory.New())
	_ = source.Take(Config).Write(ctx, RoomConfig{Title: "Lobby", Seats: 8})
	_, _ = source.Take(Members).Add(ctx, "ann")
	var file bytes.Buffer
	_, _ = source.Export(ctx, &file)

	imported, err := target.Import(ctx, strings.NewReader(file.String()[:200]))
	fmt.Println(imported.Records, err, errors.Is(err, io.ErrUnexpectedEOF))
	fmt.Println(target.Import(ctx, &file, kv.ResumeAfter(imported.Records)))
	fmt.Println(target.Keys(ctx))
	// Output:
	// 1 kv: Import room: line 3: the file is cut short: unexpected EOF true
	// {1 0 2} <nil>
	// [config members] <nil>
}

// What does not fit the schema any more is left out on demand.
func ExampleOnRefused() {
	ctx := context.Background()
	before := kv.MustOpen(kv.Static("room").JSON[any]("config").Set("members"), memory.New())
	after := kv.MustOpen(Room, memory.New())
	_ = before.Take[kv.JSONField[any]]("config").Write(ctx, "full")
	_, _ = before.Take(Members).Add(ctx, "ann")

	fmt.Println(kv.Copy(ctx, before, after, kv.OnRefused(func(path string, err error) {
		fmt.Println("left out:", path, errors.Is(err, kv.ErrCorrupt))
	})))
	// Output:
	// left out: room:config true
	// {1 1 0} <nil>
}
