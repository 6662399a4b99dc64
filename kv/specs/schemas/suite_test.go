package schemas_test

import (
	"testing"

	"github.com/redis/go-redis/v9"

	"github.com/kvstore-go/kvstore/spec/suite"
)

func TestSchemas(t *testing.T) {
	redis.SetLogger(suite.Log{})
	suite.Run(t, "kv: schemas, stores and how they are opened")
}
