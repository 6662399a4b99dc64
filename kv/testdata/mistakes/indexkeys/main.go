// want: does not match kv.Schema[kv.KeyedStore[K, H]]
package main

import (
	"context"

	"github.com/kvstore-go/kvstore/kv"
	. "github.com/kvstore-go/kvstore/kv/testdata/mistakes/schema"
)

func main() {
	ctx := context.Background()
	foo, _ := kv.Open(Foo, nil)
	use(kv.IndexKeys(kv.Static("x")), foo, ctx)
}

func use(...any) {}
