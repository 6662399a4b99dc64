package cookbook_test

import (
	"log"
	"testing"

	. "github.com/onsi/ginkgo/v2"
	"github.com/redis/go-redis/v9"

	"github.com/kvstore-go/kvstore/spec/suite"
)

func TestCookbook(t *testing.T) {
	log.SetOutput(GinkgoWriter)
	redis.SetLogger(suite.Log{})
	suite.Run(t, "the cookbook")
}
