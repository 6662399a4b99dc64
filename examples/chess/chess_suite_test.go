package main

import (
	"testing"
	"time"

	. "github.com/onsi/gomega"
	"github.com/redis/go-redis/v9"

	"github.com/kvstore-go/kvstore/spec/suite"
)

func TestChess(t *testing.T) {
	// A shutdown waits for connections on which nothing was sent yet for up to 5 seconds.
	SetDefaultEventuallyTimeout(10 * time.Second)
	redis.SetLogger(suite.Log{})
	suite.Run(t, "the chess program")
}
