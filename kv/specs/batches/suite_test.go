package batches_test

import (
	"testing"

	"github.com/redis/go-redis/v9"

	"github.com/kvstore-go/kvstore/spec/suite"
)

func TestBatches(t *testing.T) {
	redis.SetLogger(suite.Log{})
	suite.Run(t, "kv: batches, and many values")
}
