// want: does not match
package main

import (
	"context"

	"github.com/kvstore-go/kvstore/kv"
	. "github.com/kvstore-go/kvstore/kv/testdata/mistakes/schema"
)

func main() {
	ctx := context.Background()
	foo, _ := kv.Open(Foo, nil)
	use(kv.Compound(ByPlayerAndRating, func(g Game) []int { return []int{g.Rating} }, func(g Game) []int { return []int{g.Rating} }), ctx)
}

func use(...any) {}
