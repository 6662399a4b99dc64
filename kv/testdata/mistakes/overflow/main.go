// want: does not implement kv.ElementOption
package main

import (
	"context"

	"github.com/kvstore-go/kvstore/kv"
	. "github.com/kvstore-go/kvstore/kv/testdata/mistakes/schema"
)

func main() {
	ctx := context.Background()
	foo, _ := kv.Open(Foo, nil)
	use(kv.Set(kv.Saturate), foo, ctx)
}

func use(...any) {}
