// want: does not match inferred type kv.IndexOption[schema.Game]
package main

import (
	"context"

	"github.com/kvstore-go/kvstore/kv"
	. "github.com/kvstore-go/kvstore/kv/testdata/mistakes/schema"
)

func main() {
	ctx := context.Background()
	foo, _ := kv.Open(Foo, nil)
	use(kv.Collection(kv.JSON[Game](), kv.Index(ByRating, func(m Msg) []int { return nil })), foo, ctx)
}

func use(...any) {}
