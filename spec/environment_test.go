package spec_test

import (
	"os"
	"sync"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kvstore-go/kvstore/spec/redisserver"
)

var (
	// huge turns on the checks that make strings of 512 MB.
	huge = os.Getenv("KVSTORE_HUGE") == "1"
)

// The servers are started by the first spec that needs them, once a process.
var (
	standalone = server[*redisserver.Server]{start: func() (*redisserver.Server, error) { return redisserver.Start() }}
	cluster    = server[*redisserver.Cluster]{start: func() (*redisserver.Cluster, error) { return redisserver.StartCluster(3, 0) }}
)

type server[S interface{ Stop() }] struct {
	start func() (S, error)
	once  sync.Once
	it    S
	err   error
}

// get is the server. Where there is none to be had, the spec that asks for it
// fails if Redis is required, and is skipped if not.
func (s *server[S]) get() S {
	GinkgoHelper()
	s.once.Do(func() {
		if s.it, s.err = s.start(); s.err == nil {
			stops = append(stops, s.it.Stop)
		}
	})
	if redisserver.MayBeLeftOut(s.err) {
		Skip("left out: " + s.err.Error())
	}
	Expect(s.err).NotTo(HaveOccurred())
	return s.it
}

var stops []func()

var _ = AfterSuite(func() {
	for _, stop := range stops {
		stop()
	}
})
