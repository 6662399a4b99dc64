package lockfile_test

import (
	"testing"

	"github.com/kvstore-go/kvstore/spec/suite"
)

func TestLockFile(t *testing.T) { suite.Run(t, "Lock files") }
