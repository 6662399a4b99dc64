package main

import (
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kvstore-go/kvstore/examples/chess/platform"
	"github.com/kvstore-go/kvstore/spec"
)

// What is stored outlives the program. Where a tree is not what its file says, the message tells what follows for what is stored;
// KVSTORE_UPDATE_LOCK=1 go test ./examples/chess writes the files anew.
var _ = Describe("what is stored", func() {
	It("lies where it did, and is read as what it was", func() {
		for _, tree := range platform.Trees() {
			Expect(tree).To(spec.MatchLock("testdata/" + tree.Root.Label() + ".lock.json"))
		}
	})
})
