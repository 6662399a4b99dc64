package compiled_test

import (
	"testing"

	"github.com/kvstore-go/kvstore/spec/suite"
)

func TestCompiled(t *testing.T) { suite.Run(t, "jsonval/internal/compiled") }
