// want: view.Tags undefined (type schema.FooView has no field or method Tags)
package main

import (
	"github.com/kvstore-go/kvstore/kv"
	. "github.com/kvstore-go/kvstore/kv/testdata/mistakes/schema"
)

func main() {
	view, _ := kv.Open(Foo.As[FooView](), nil)
	use(view.Baz, view.Tags)
}

func use(...any) {}
