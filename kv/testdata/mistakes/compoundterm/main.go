// want: as int value in argument to ByPlayerAndRating.AtLeast
package main

import (
	"context"

	"github.com/kvstore-go/kvstore/kv"
	. "github.com/kvstore-go/kvstore/kv/testdata/mistakes/schema"
)

func main() {
	ctx := context.Background()
	foo, _ := kv.Open(Foo, nil)
	use(foo.Take(Games).Find(ByPlayerAndRating.AtLeast("ann", "high")), ctx)
}

func use(...any) {}
