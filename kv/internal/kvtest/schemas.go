package kvtest

import (
	"fmt"
	"time"

	"github.com/kvstore-go/kvstore/kv"
)

// What Foo consists of, which is the schema that the documentation of package kv begins with.
type (
	Msg struct {
		Message string `json:"message"`
	}
	RoomConfig struct {
		Title string `json:"title"`
		Seats int    `json:"seats" jsonschema:"minimum=1"`
	}
)

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

// What Desk consists of, which has fields of several kinds, with times to live and without.
type Game struct {
	White string   `json:"white" jsonschema:"minLength=1"`
	Moves []string `json:"moves"`
	Rated bool     `json:"rated,omitempty"`
}

const (
	Note    kv.Key[kv.StringField]     = "note"
	Code    kv.Key[kv.StringField]     = "code"
	Current kv.Key[kv.JSONField[Game]] = "current"
	Brief   kv.Key[kv.JSONField[Game]] = "brief"
	Tags    kv.Key[kv.SetField]        = "tags"
	Online  kv.Key[kv.SetField]        = "online"
	Counts  kv.Key[kv.BitSetField]     = "counts"
	Levels  kv.Key[kv.BitSetField]     = "levels"
	Votes   kv.Key[kv.BitSetField]     = "votes"
	Windows kv.Key[kv.BitSetField]     = "windows"
)

var Desk = kv.Static("desk").
	String(Note).
	String(Code, kv.ExpireIn(5*time.Minute)).
	JSON(Current).
	JSON(Brief, kv.ExpireIn(time.Minute)).
	Set(Tags).
	Set(Online, kv.ExpireIn(time.Minute)).
	BitSet(Counts, kv.I64).
	BitSet(Levels, kv.U8, kv.Saturate).
	BitSet(Votes, kv.Signed(5), kv.Fail).
	BitSet(Windows, kv.U16, kv.ExpireIn(time.Minute))

// Coin is read by a method of its pointer.
type Coin struct{ Cents int64 }

func (c Coin) MarshalJSON() ([]byte, error) { return fmt.Appendf(nil, "%d", c.Cents), nil }

func (c *Coin) UnmarshalJSON(text []byte) error {
	_, err := fmt.Sscan(string(text), &c.Cents)
	return err
}

// What Bank consists of.
type User struct {
	Email string `json:"email"`
}

const (
	Accounts kv.Key[kv.DynamicStore[kv.StringField]] = "accounts"
	Guests   kv.Key[kv.DynamicStore[kv.StaticStore]] = "members"
	Users    kv.Key[kv.CollectionStore[User]]        = "users"

	ByEmail kv.IndexKey[string] = "email"
)

// Bank is what transactions are tried on: all of it lies in one slot.
var Bank = kv.Colocated(kv.Static("bank").
	Field(Accounts, kv.Dynamic(kv.String())).
	Field(Guests, kv.IndexKeys(kv.Dynamic(Room))).
	Field(Users, kv.Collection(kv.JSON[User](), kv.Unique(ByEmail, func(u User) []string { return []string{u.Email} }))).
	Field("desk", Desk))

// Hall is a store seen through views: one that is the store as well, within another.
var Hall = kv.Colocated(kv.Static("hall").Field("lobby", Room.As[LobbyView]()).String("motto").As[HallView]())

type (
	HallView struct {
		kv.StaticStore
		Lobby LobbyView      `kv:"lobby"`
		Motto kv.StringField `kv:"motto"`
	}
	LobbyView struct {
		Config  kv.JSONField[RoomConfig] `kv:"config"`
		Members kv.SetField              `kv:"members"`
	}
)
