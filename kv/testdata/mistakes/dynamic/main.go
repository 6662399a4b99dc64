// want: (value of struct type kv.DynamicStore[kv.JSONField[[]schema.Msg]]) as kv.DynamicStore[kv.JSONField[schema.Msg]] value
package main

import (
	"github.com/kvstore-go/kvstore/kv"
	. "github.com/kvstore-go/kvstore/kv/testdata/mistakes/schema"
)

func main() {
	foo, _ := kv.Open(Foo, nil)
	show(foo.Take(Bar))
}

func show(kv.DynamicStore[kv.JSONField[Msg]]) {}
