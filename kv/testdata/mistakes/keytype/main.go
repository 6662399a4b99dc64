// want: as schema.RoomID value
package main

import (
	"context"

	"github.com/kvstore-go/kvstore/kv"
	. "github.com/kvstore-go/kvstore/kv/testdata/mistakes/schema"
)

func main() {
	ctx := context.Background()
	foo, _ := kv.Open(Foo, nil)
	use(foo.Take(Rooms).Take(string("7")), ctx)
}

func use(...any) {}
