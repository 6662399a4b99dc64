package members_test

import (
	"testing"

	"github.com/redis/go-redis/v9"

	"github.com/kvstore-go/kvstore/spec/suite"
)

func TestMembers(t *testing.T) {
	redis.SetLogger(suite.Log{})
	suite.Run(t, "kv: sets, lists, sorted sets and maps")
}
