package main

import (
	"time"

	"github.com/kvstore-go/kvstore/kv"
)

// Msg is a document; the tag is enforced on every write and every read.
type Msg struct {
	Message string `json:"message" jsonschema:"minLength=1"`
}

// Foo is the whole key space of the program.
var Foo = kv.Static("foo").
	Field("bar", kv.Dynamic(kv.JSON[[]Msg]())).
	Set("baz").
	String("otp", kv.ExpireIn(5*time.Minute)).
	BitSet("hit", kv.U8, kv.Saturate)

// FooView is how the program sees it: every name is a field, of the type of what lies there.
type FooView struct {
	kv.StaticStore
	Bar kv.DynamicStore[kv.JSONField[[]Msg]] `kv:"bar"`
	Baz kv.SetField                          `kv:"baz"`
	Otp kv.StringField                       `kv:"otp"`
	Hit kv.BitSetField                       `kv:"hit"`
}
