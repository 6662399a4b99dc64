package locks_test

import (
	"testing"

	"github.com/redis/go-redis/v9"

	"github.com/kvstore-go/kvstore/spec/suite"
)

func TestLocks(t *testing.T) {
	redis.SetLogger(suite.Log{})
	suite.Run(t, "kv: locks and limiters")
}
