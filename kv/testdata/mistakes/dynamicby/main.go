// want: type kv.Schema[kv.DynamicStore[kv.StringField]] of kv.Dynamic(kv.String()) does not match inferred type kv.Schema[kv.KeyedStore[schema.RoomID, kv.StringField]]
package main

import (
	"github.com/kvstore-go/kvstore/kv"
	. "github.com/kvstore-go/kvstore/kv/testdata/mistakes/schema"
)

func main() {
	use(kv.Static("foo").Field(Rooms, kv.Dynamic(kv.String())))
}

func use(...any) {}
