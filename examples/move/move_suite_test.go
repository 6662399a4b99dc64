package main

import (
	"testing"

	"github.com/redis/go-redis/v9"

	"github.com/kvstore-go/kvstore/spec/suite"
)

func TestMove(t *testing.T) {
	redis.SetLogger(suite.Log{})
	suite.Run(t, "the move program")
}
