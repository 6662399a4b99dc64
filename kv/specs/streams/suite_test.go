package streams_test

import (
	"context"
	"testing"

	"github.com/redis/go-redis/v9"

	"github.com/kvstore-go/kvstore/kv"
	"github.com/kvstore-go/kvstore/spec/suite"
)

func TestStreams(t *testing.T) {
	redis.SetLogger(suite.Log{})
	suite.Run(t, "kv: streams and topics")
}

// acked is a handler that succeeds.
func acked(context.Context, kv.Delivery[int]) error { return nil }
