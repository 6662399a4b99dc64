package overlay_test

import (
	"testing"

	"github.com/kvstore-go/kvstore/spec/suite"
)

func TestOverlay(t *testing.T) {
	suite.Run(t, "overlay")
}
