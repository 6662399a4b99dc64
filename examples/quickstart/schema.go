package main

import (
	"time"

	"github.com/kvstore-go/kvstore/kv"
)

// Msg is a document; the tag is enforced on every write and every read.
type Msg struct {
	Message string `json:"message" jsonschema:"minLength=1"`
}

// The keys: each carries the type of handle that Take gives for it.
const (
	Bar kv.Key[kv.DynamicStore[kv.JSONField[[]Msg]]] = "bar"
	Baz kv.Key[kv.SetField]                          = "baz"
	Otp kv.Key[kv.StringField]                       = "otp"
	Hit kv.Key[kv.BitSetField]                       = "hit"
)

// Foo is the whole key space of the program.
var Foo = kv.Static("foo").
	Field(Bar, kv.Dynamic(kv.JSON[[]Msg]())).
	Set(Baz).
	String(Otp, kv.ExpireIn(5*time.Minute)).
	BitSet(Hit, kv.U8, kv.Saturate)
