// Package schema is what the programs beside it use rightly or wrongly.
package schema

import "github.com/kvstore-go/kvstore/kv"

type Msg struct {
	Message string `json:"message"`
}

type RoomID int

type Game struct {
	Player string `json:"player"`
	Rating int    `json:"rating"`
}

const (
	ByRating          kv.IndexKey[int]            = "rating"
	ByPlayerAndRating kv.CompoundKey[string, int] = "player-rating"
)

const (
	Games kv.Key[kv.CollectionStore[Game]]              = "games"
	Bar   kv.Key[kv.DynamicStore[kv.JSONField[[]Msg]]]  = "bar"
	Baz   kv.Key[kv.SetField]                           = "baz"
	Rooms kv.Key[kv.KeyedStore[RoomID, kv.StringField]] = "rooms"
)

var Foo = kv.Static("foo").
	Field(Bar, kv.Dynamic(kv.JSON[[]Msg]())).
	Set(Baz).
	Field(Rooms, kv.DynamicBy[RoomID](kv.String())).
	Field(Games, kv.Collection(kv.JSON[Game](), kv.Index(ByRating, func(g Game) []int { return []int{g.Rating} })))

type FooView struct {
	Bar   kv.DynamicStore[kv.JSONField[[]Msg]]  `kv:"bar"`
	Baz   kv.SetField                           `kv:"baz"`
	Rooms kv.KeyedStore[RoomID, kv.StringField] `kv:"rooms"`
	Games kv.CollectionStore[Game]              `kv:"games"`
}
