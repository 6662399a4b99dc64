package spec

import (
	"context"
	"fmt"
	"slices"

	"github.com/onsi/ginkgo/v2"
	"github.com/onsi/gomega"

	"github.com/kvstore-go/kvstore/drivers"
)

// Check is one sentence of the driver contract.
type Check struct {
	// Subject is what the sentence is about: an Op by its name, or a topic.
	Subject string
	// Says is the sentence.
	Says string
	// Labels are suite.Batches where the sentence is one about a command, tried in batches,
	// and suite.Expired where it is one about an absent key, tried where something has expired.
	Labels []string
	// Run decides, on a store of its own, whether the sentence is true. It fails
	// through g, in the goroutine that calls it.
	Run func(g gomega.Gomega)
}

// Driver registers the conformance suite as Ginkgo containers. Call it while the
// tree of specs is built, inside a Describe.
func Driver(h Harness) {
	checks := Checks(h)
	for _, subject := range subjects(checks) {
		ginkgo.Describe(subject, func() {
			for _, check := range checks {
				if check.Subject == subject {
					ginkgo.It(check.Says, ginkgo.Label(check.Labels...), func() { check.Run(gomega.NewGomega(ginkgo.Fail)) })
				}
			}
		})
	}
}

// Checks is the conformance suite as a list.
func Checks(h Harness) []Check {
	var chapters [][]check
	for _, family := range families() {
		if family.checks != nil {
			chapters = append(chapters, family.checks(h))
		}
	}
	chapters = append(chapters,
		indexChecks(h), sealChecks(h), uniqueChecks(h), reconcileChecks(h), findChecks(h), indexedOpChecks(h),
		wrongTypeChecks(h), expiryChecks(h), clockChecks(h), invalidChecks(h), byteChecks(h),
		ownershipChecks(h), contextChecks(h), concurrencyChecks(h),
		batchChecks(h), atomicChecks(h), watchChecks(h), readWatchChecks(h), conflictChecks(h), indexConflictChecks(h),
		scanChecks(h), scanPrefixChecks(h), slotChecks(h), middlewareChecks(h), closeChecks(h), blockChecks(h), followChecks(h), textChecks(h),
	)
	checks := slices.Concat(chapters...)
	checks = append(checks, coverage(checks))
	all := make([]Check, len(checks))
	for i, c := range checks {
		all[i] = Check{Subject: c.about, Says: c.says, Labels: c.labels, Run: func(g gomega.Gomega) {
			t := newTrial(g, h)
			ctx, cancel := context.WithCancel(t.ctx)
			defer cancel()
			t.ctx = ctx
			c.run(t)
		}}
	}
	return all
}

// check is a Check whose harness is still to come.
type check struct {
	about  string
	op     drivers.Op // the Op it covers, if it covers one
	says   string
	labels []string
	run    func(t *trial)
}

// labelled is the check with a label.
func (c check) labelled(label string) check {
	c.labels = append(slices.Clone(c.labels), label)
	return c
}

func about(op drivers.Op, says string, run func(t *trial)) check {
	return check{about: op.String(), op: op, says: says, run: run}
}

// coverage fails where an Op was added to the contract and nothing says what it does.
func coverage(checks []check) check {
	covered := map[drivers.Op]bool{}
	for _, c := range checks {
		covered[c.op] = true
	}
	return check{about: "the suite", says: "says something about every Op", run: func(t *trial) {
		for _, op := range drivers.Ops() {
			t.Expect(covered).To(gomega.HaveKey(op), fmt.Sprintf("no check covers %v", op))
		}
	}}
}

func subjects(checks []Check) []string {
	var all []string
	for _, check := range checks {
		if !slices.Contains(all, check.Subject) {
			all = append(all, check.Subject)
		}
	}
	return all
}
