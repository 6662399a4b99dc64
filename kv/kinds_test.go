package kv_test

import (
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kvstore-go/kvstore/dsl"
	"github.com/kvstore-go/kvstore/kv"
)

var _ = Describe("Every kind of node of a schema", func() {
	It("has a name of its own", func() {
		names := map[string]dsl.Kind{}
		for _, kind := range dsl.Kinds() {
			Expect(kind.String()).NotTo(Or(BeEmpty(), HavePrefix("Kind(")))
			Expect(names).NotTo(HaveKey(kind.String()))
			names[kind.String()] = kind
		}
	})

	It("is copied and exported if it is a field, or is said to stay", func() {
		for _, kind := range dsl.Kinds() {
			copied, stays := kv.Copied(kind)
			if kind == dsl.Static || kind == dsl.Dynamic {
				Expect(copied || stays).To(BeFalse(), kind.String())
			} else {
				Expect(copied).NotTo(Equal(stays), kind.String())
			}
		}
	})
})
