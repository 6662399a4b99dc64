package kv_test

import (
	"testing"

	"github.com/redis/go-redis/v9"

	"github.com/kvstore-go/kvstore/spec/suite"
)

func TestKV(t *testing.T) {
	redis.SetLogger(suite.Log{})
	suite.Run(t, "kv: typed schemas, handles and their errors")
}
