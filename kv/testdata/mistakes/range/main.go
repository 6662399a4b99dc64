// want: as int value in argument to ByRating.Between
package main

import (
	"context"

	"github.com/kvstore-go/kvstore/kv"
	. "github.com/kvstore-go/kvstore/kv/testdata/mistakes/schema"
)

func main() {
	ctx := context.Background()
	foo, _ := kv.Open(Foo, nil)
	use(foo.Take(Games).Find(ByRating.Between(1, 2.5)), ctx)
}

func use(...any) {}
