package spec_test

import (
	"fmt"
	"os"
	"slices"
	"strings"
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

const leftOut = "left out: "

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
		Skip(leftOut + s.err.Error())
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

// The report says plainly, and once, what a run without Redis did not show.
var _ = ReportAfterSuite("what was left out", func(report Report) {
	specs := map[string]int{}
	for _, spec := range report.SpecReports {
		if strings.HasPrefix(spec.Failure.Message, leftOut) && len(spec.ContainerHierarchyTexts) > 0 {
			specs[spec.ContainerHierarchyTexts[0]+": "+spec.Failure.Message]++
		}
	}
	var lines []string
	for what, n := range specs {
		lines = append(lines, fmt.Sprintf("  %d specs of %s", n, what))
	}
	slices.Sort(lines)
	if len(lines) > 0 {
		out := openReport()
		fmt.Fprintf(out, "\nNOT RUN, for want of a real Redis:\n%s\n  and what other packages show on one\n", strings.Join(lines, "\n"))
	}
})

// openReport is the terminal, if there is one: go test keeps to itself what packages
// that pass have to say.
func openReport() *os.File {
	if terminal, err := os.OpenFile("/dev/tty", os.O_WRONLY, 0); err == nil {
		return terminal
	}
	return os.Stderr
}
