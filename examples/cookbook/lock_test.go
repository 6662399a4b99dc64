package cookbook_test

import (
	"fmt"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kvstore-go/kvstore/kv"
	"github.com/kvstore-go/kvstore/spec"
	"github.com/kvstore-go/kvstore/spec/lockfile"
)

var _ = Describe("the schema of the shop", func() {
	It("is what it was", func() {
		Expect(Shop).To(spec.MatchLock("testdata/shop.lock.json"))
	})
})

func Example_lockfile() {
	before := lockfile.Of(kv.Static("shop").Int("stock").Set("sold").Tree())
	now := lockfile.Of(kv.Static("shop").Int("stock", kv.AtLeast(0)).List("sold").Tree())
	differences, err := lockfile.Compare(before, now)
	check(err)
	for _, difference := range differences {
		fmt.Println(difference.Class, difference.Path, difference.What)
	}
	// Output:
	// breaking shop:sold its kind was set, and is list
	// breaking shop:stock its minimum is not what it was
}
