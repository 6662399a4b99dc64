package dsl_test

import (
	"testing"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
)

func TestDSL(t *testing.T) {
	RegisterFailHandler(Fail)
	RunSpecs(t, "dsl: the untyped schema")
}
