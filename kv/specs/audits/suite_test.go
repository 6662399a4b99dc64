package audits_test

import (
	"testing"

	"github.com/redis/go-redis/v9"

	"github.com/kvstore-go/kvstore/spec/suite"
)

func TestAudits(t *testing.T) {
	redis.SetLogger(suite.Log{})
	suite.Run(t, "kv: audits of what is stored")
}
