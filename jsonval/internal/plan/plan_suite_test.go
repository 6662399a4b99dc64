package plan

import (
	"testing"

	"github.com/kvstore-go/kvstore/spec/suite"
)

func TestPlan(t *testing.T) { suite.Run(t, "jsonval/internal/plan") }
