package spec_test

import (
	"context"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/spec"
	"github.com/kvstore-go/kvstore/spec/suite"
)

// misreading is a driver that reads texts by their keys in its own way.
type misreading struct {
	able
	read func(text string, exists bool, err error) (string, bool, error)
}

func (d *misreading) ReadText(ctx context.Context, key string) (string, bool, error) {
	return d.read(d.able.(drivers.TextReader).ReadText(ctx, key))
}

func (d *misreading) TextsOf() drivers.Driver { return d }

var _ = DescribeTable("the conformance suite catches a driver that reads by a key alone and", Label(suite.Slow),
	func(caughtBy string, read func(text string, exists bool, err error) (string, bool, error)) {
		harness := inMemory(func(d drivers.Driver) drivers.Driver { return &misreading{d.(able), read} })
		harness.Texts = true
		Expect(failures(spec.Checks(harness), caughtBy)).NotTo(BeEmpty())
		harness = inMemory(unbroken)
		harness.Texts = true
		Expect(failures(spec.Checks(harness), caughtBy)).To(BeEmpty())
	},
	Entry("takes an absent text for an empty one", "^reading a text by its key finds nothing where there is nothing",
		func(text string, _ bool, err error) (string, bool, error) { return text, err == nil, err }),
	Entry("takes an empty text for an absent one", "^reading a text by its key reads an empty text",
		func(text string, _ bool, err error) (string, bool, error) { return text, text != "", err }),
	Entry("hides that it is no text", "^reading a text by its key is ErrWrongType",
		func(text string, exists bool, _ error) (string, bool, error) { return text, exists, nil }),
)

var _ = It("catches a driver that reads by a key alone and does not say so", Label(suite.Slow), func() {
	Expect(failures(spec.Checks(inMemory(unbroken)), "^reading a text by its key")).To(ConsistOf(HaveSuffix("is no ability of this driver")))
})
