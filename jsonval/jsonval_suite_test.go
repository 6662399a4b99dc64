package jsonval_test

import (
	"testing"

	"github.com/kvstore-go/kvstore/spec/suite"
)

func TestJSONVal(t *testing.T) {
	suite.Run(t, "jsonval")
}
