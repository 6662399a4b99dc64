package kv_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/kvstore-go/kvstore/drivers/memory"
	"github.com/kvstore-go/kvstore/kv"
)

// What is common to all handles: existence and time to live.
func ExampleField() {
	ctx := context.Background()
	note := kv.MustOpen(kv.String(), memory.New(), kv.At("note"))

	_ = note.Write(ctx, "milk")
	fmt.Println(note.TTL(ctx)) // NoTTL
	fmt.Println(note.Expire(ctx, time.Hour))
	fmt.Println(note.Persist(ctx))
	fmt.Println(note.Erase(ctx))
	fmt.Println(note.Exists(ctx))
	fmt.Println(note.Path())
	// Output:
	// -1ns <nil>
	// true <nil>
	// true <nil>
	// true <nil>
	// false <nil>
	// note
}

func ExampleStringField() {
	ctx := context.Background()
	motd := kv.MustOpen(kv.String(), memory.New(), kv.At("motd"))

	fmt.Println(motd.ReadOr(ctx, "(none)"))
	fmt.Println(motd.Write(ctx, "hello", kv.IfAbsent))
	fmt.Println(errors.Is(motd.Write(ctx, "bye", kv.IfAbsent), kv.ErrConditionFailed))
	fmt.Println(motd.Append(ctx, ", world"))
	fmt.Println(motd.Update(ctx, func(text string) (string, error) { return text + "!", nil }))
	fmt.Println(motd.Swap(ctx, "bye", kv.ExpireIn(time.Minute)))
	// Output:
	// (none) <nil>
	// <nil>
	// true
	// 12 <nil>
	// hello, world! <nil>
	// {hello, world! true} <nil>
}

func ExampleJSONField() {
	ctx := context.Background()
	type Player struct {
		Name string `json:"name" jsonschema:"minLength=1"`
		Wins int    `json:"wins" jsonschema:"minimum=0"`
	}
	ann := kv.MustOpen(kv.JSON[Player](), memory.New(), kv.At("players", "ann"))

	fmt.Println(ann.Write(ctx, Player{Wins: -1}))
	fmt.Println(ann.Upsert(ctx, func(p *Player) error { p.Name = "Ann"; return nil }))
	fmt.Println(ann.Update(ctx, func(p *Player) error { p.Wins++; return nil })) // atomic
	fmt.Println(ann.Read(ctx))
	// Output:
	// kv: Write players:ann: invalid value: 2 violations:
	//   /name: must have 1 or more characters, has 0 (minLength)
	//   /wins: must be at least 0 (minimum)
	// {Ann 0} <nil>
	// {Ann 1} <nil>
	// {Ann 1} <nil>
}

func ExampleSetField() {
	ctx := context.Background()
	rooms := kv.MustOpen(kv.Dynamic(kv.Set()), memory.New(), kv.At("rooms"))
	lobby, bar := rooms.Take("lobby"), rooms.Take("bar")

	fmt.Println(lobby.Add(ctx, "ann", "bob", "ann"))
	fmt.Println(bar.Write(ctx, []string{"bob", "cid"})) // replaces the whole set at once
	fmt.Println(lobby.Intersect(ctx, bar))
	fmt.Println(lobby.Move(ctx, bar, "ann"))
	fmt.Println(lobby.Len(ctx))
	var present []string
	for member, err := range bar.All(ctx) {
		if err != nil {
			panic(err)
		}
		present = append(present, member)
	}
	slices.Sort(present)
	fmt.Println(present)
	// Output:
	// 2 <nil>
	// <nil>
	// [bob] <nil>
	// true <nil>
	// 1 <nil>
	// [ann bob cid]
}

func ExampleBitSetField() {
	ctx := context.Background()
	results := kv.MustOpen(kv.BitSet(kv.U16, kv.Saturate), memory.New(), kv.At("results"))

	fmt.Println(results.Increment(ctx, 0, 1)) // wins
	fmt.Println(results.Put(ctx, 2, 40))      // defeats
	fmt.Println(results.Increment(ctx, 2, 70_000))
	fmt.Println(results.Range(ctx, 0, 3))
	fmt.Println(results.Sum(ctx, 0, 2))
	// Output:
	// 1 <nil>
	// <nil>
	// 65535 <nil>
	// [1 0 65535] <nil>
	// 1 <nil>
}

func ExampleStaticStore() {
	ctx := context.Background()
	room := kv.MustOpen(kv.Static("room").Set("members").String("topic"), memory.New())

	_ = room.Take[kv.StringField]("topic").Write(ctx, "chess")
	fmt.Println(room.Keys(ctx))
	fmt.Println(room.Take[kv.StringField]("title").Write(ctx, "x"))
	fmt.Println(room.Erase(ctx))
	// Output:
	// [topic] <nil>
	// kv: Take room:title: not declared in the schema
	// 1 <nil>
}

func ExampleDynamicStore() {
	ctx := context.Background()
	users := kv.MustOpen(kv.Dynamic(kv.String()), memory.New(), kv.At("users"))

	_ = users.Take("ann").Write(ctx, "Ann")
	_ = users.Take("b:o*b").Write(ctx, "Bob")
	fmt.Println(users.Take("b:o*b").Path())
	fmt.Println(users.Len(ctx))
	for id, err := range users.Keys(ctx) {
		if err != nil {
			panic(err)
		}
		name, _ := users.Take(id).Read(ctx)
		fmt.Println(id, name)
	}
	fmt.Println(users.Erase(ctx))
	// Unordered output:
	// users:b%3Ao%2Ab
	// 2 <nil>
	// ann Ann
	// b:o*b Bob
	// 2 <nil>
}

// Keys of other types than string.
func ExampleKeyedStore() {
	ctx := context.Background()
	type Day int
	visits := kv.MustOpen(kv.DynamicBy[Day](kv.Set()), memory.New(), kv.At("visits"))

	_, _ = visits.Take(20_000).Add(ctx, "ann")
	fmt.Println(visits.Take(20_000).Path())
	for day := range visits.Keys(ctx) {
		fmt.Println(day + 1)
	}
	// Output:
	// visits:20000
	// 20001
}

// A view turns keys into the fields of a struct.
func ExampleStaticSchema_As() {
	ctx := context.Background()
	type View struct {
		kv.Store                          // for Erase
		Config   kv.JSONField[RoomConfig] `kv:"config"`
		Members  kv.SetField              `kv:"members"`
	}
	rooms := kv.MustOpen(kv.Dynamic(Room.As[View]()), memory.New(), kv.At("rooms"))

	room := rooms.Take("42")
	_, _ = room.Members.Add(ctx, "ann")
	fmt.Println(room.Members.Path())
	fmt.Println(room.Erase(ctx))
	// Output:
	// rooms:42:members
	// 1 <nil>
}
