// want: does not satisfy kv.IndexValue
package main

import (
	"context"

	"github.com/kvstore-go/kvstore/kv"
	. "github.com/kvstore-go/kvstore/kv/testdata/mistakes/schema"
)

func main() {
	ctx := context.Background()
	foo, _ := kv.Open(Foo, nil)
	use(kv.IndexKey[[]byte]("raw"), foo, ctx)
}

func use(...any) {}
