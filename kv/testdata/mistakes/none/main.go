// want:
package main

import (
	"context"

	"github.com/kvstore-go/kvstore/kv"
	. "github.com/kvstore-go/kvstore/kv/testdata/mistakes/schema"
)

func main() {
	ctx := context.Background()
	foo, _ := kv.Open(Foo, nil)
	use(foo.Take(Bar).Take("any").Write(ctx, []Msg{{"Hello"}}), foo.Take(Rooms).Take(RoomID(7)), foo.Take[kv.SetField]("baz"))
	use(foo.Take(Games).Find(ByRating.Is(7), ByRating.Between(1, 9), ByPlayerAndRating.AtLeast("ann", 7)).OrderBy(ByPlayerAndRating),
		foo.Take(Games).Find(kv.Or(ByPlayerAndRating.With("ann"), ByRating.Is(7))).OrderBy(ByRating).CountBy(ctx, ByRating), kv.IndexKeys(kv.Dynamic(kv.Set())))
}

func use(...any) {}
