package main

import (
	"testing"

	"github.com/redis/go-redis/v9"

	"github.com/kvstore-go/kvstore/spec/suite"
)

func TestChess(t *testing.T) {
	redis.SetLogger(suite.Log{})
	suite.Run(t, "the chess program")
}
