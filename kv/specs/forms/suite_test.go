package forms_test

import (
	"testing"

	"github.com/redis/go-redis/v9"

	"github.com/kvstore-go/kvstore/spec/suite"
)

func TestForms(t *testing.T) {
	redis.SetLogger(suite.Log{})
	suite.Run(t, "kv: forms of values")
}
