package spec_test

import (
	"fmt"
	"regexp"
	"strings"
	"sync"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/spec"
	"github.com/kvstore-go/kvstore/spec/suite"
)

// The suite is worth what it catches: each driver here breaks one promise of the
// contract, and a check that speaks of this promise has to fail. The suite's own
// specs on the memory driver show the other side, that nothing fails for a driver
// that keeps them all.
var _ = Describe("the conformance suite", Label(suite.Slow), func() {
	wrap := unbroken
	checks := sync.OnceValue(func() []spec.Check { // there are thousands
		return spec.Checks(inMemory(func(d drivers.Driver) drivers.Driver { return wrap(d) }))
	})
	for _, broken := range brokenDrivers() {
		It("catches a driver that "+broken.that, func() {
			wrap = broken.wrap
			spec.Impatiently(func() { Expect(failures(checks(), broken.caughtBy)).NotTo(BeEmpty()) })
			wrap = unbroken
			Expect(failures(checks(), broken.caughtBy)).To(BeEmpty())
		})
	}

	It("catches a driver that claims more than it can", func() {
		harness := inMemory(func(d drivers.Driver) drivers.Driver { return bare{d} })
		spec.Impatiently(func() {
			Expect(failures(spec.Checks(harness), `atomic|watching|SCANKEYS|Close`)).To(ContainElements(
				ContainSubstring("an atomic batch"), ContainSubstring("watching"), ContainSubstring("SCANKEYS"), ContainSubstring("ErrClosed after Close")))
		})
	})

	It("catches a driver that can more than it claims", func() {
		harness := inMemory(unbroken)
		harness.Batch, harness.Watch, harness.Scan, harness.Close = false, false, false, false
		harness.Subscribe, harness.Follow = false, false
		spec.Impatiently(func() {
			Expect(failures(spec.Checks(harness), `Unsupported|nothing to this driver`)).To(ContainElements(
				HavePrefix("an atomic batch is errors.ErrUnsupported"), HavePrefix("watching is errors.ErrUnsupported"),
				HavePrefix("SCANKEYS is errors.ErrUnsupported"), HavePrefix("closing is nothing to this driver")))
		})
	})
})

func unbroken(d drivers.Driver) drivers.Driver { return d }

// failures runs those of checks whose sentence matches about, and returns the
// sentences of those that failed.
func failures(checks []spec.Check, about string) []string {
	var failed []string
	sentences := regexp.MustCompile(about)
	for _, check := range checks {
		sentence := check.Subject + " " + check.Says
		if sentences.MatchString(sentence) && failure(check) != "" {
			failed = append(failed, sentence)
		}
	}
	return failed
}

// failure runs a check and returns what it failed with, if it failed.
func failure(check spec.Check) (message string) {
	type stop struct{}
	defer func() {
		if recovered := recover(); recovered != nil && recovered != any(stop{}) {
			message = fmt.Sprintf("panicked: %v", recovered)
		}
	}()
	check.Run(NewGomega(func(text string, _ ...int) {
		message = strings.TrimSpace(text)
		panic(stop{})
	}))
	return message
}
