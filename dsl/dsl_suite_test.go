package dsl_test

import (
	"testing"

	"github.com/kvstore-go/kvstore/spec/suite"
)

func TestDSL(t *testing.T) {
	suite.Run(t, "dsl: the untyped schema")
}
