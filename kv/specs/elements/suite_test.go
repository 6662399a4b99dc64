package elements_test

import (
	"testing"

	"github.com/redis/go-redis/v9"

	"github.com/kvstore-go/kvstore/spec/suite"
)

func TestElements(t *testing.T) {
	redis.SetLogger(suite.Log{})
	suite.Run(t, "kv: elements of types other than integers")
}
