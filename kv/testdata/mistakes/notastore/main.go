// want: foo.Take(Baz).Take undefined (type kv.SetField has no field or method Take)
package main

import (
	"context"

	"github.com/kvstore-go/kvstore/kv"
	. "github.com/kvstore-go/kvstore/kv/testdata/mistakes/schema"
)

func main() {
	ctx := context.Background()
	foo, _ := kv.Open(Foo, nil)
	use(foo.Take(Baz).Take("x"), ctx)
}

func use(...any) {}
