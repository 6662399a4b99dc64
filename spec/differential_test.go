package spec_test

import (
	"fmt"
	"os"
	"strconv"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/drivers/memory"
	"github.com/kvstore-go/kvstore/drivers/redisdriver"
	"github.com/kvstore-go/kvstore/spec/suite"
)

// The memory driver and a real Redis are given the same random commands and have
// to give the same answers: replies, classes of errors, times to live. A seed
// makes the same commands again:
//
//	KVSTORE_DIFFERENTIAL_SEED=42 KVSTORE_DIFFERENTIAL_COMMANDS=200000 go test ./spec -ginkgo.focus 'memory and Redis'
var _ = Describe("memory and Redis", Label(suite.Redis), func() {
	It("give the same answers to random commands", func(ctx SpecContext) {
		client := standaloneClient()
		Expect(flush(client)).To(Succeed())
		redis := redisdriver.New(client)
		DeferCleanup(drivers.Close, redis)

		seed := fromEnvironment("KVSTORE_DIFFERENTIAL_SEED", GinkgoRandomSeed())
		commands := fromEnvironment("KVSTORE_DIFFERENTIAL_COMMANDS", 20_000)
		d := &differential{
			generator: newGenerator(uint64(seed)),
			memory:    memory.New(), redis: redis,
			executed: map[drivers.Op]int{}, failed: map[string]int{},
		}
		start := time.Now()
		d.run(ctx, int(commands))
		summary := fmt.Sprintf("%d commands in %d round trips, seed %d, %.1f s", d.steps, d.trips, seed, time.Since(start).Seconds())
		AddReportEntry("differential", ReportEntryVisibilityAlways, summary)
		Expect(d.divergence).To(BeEmpty(), "KVSTORE_DIFFERENTIAL_SEED=%d KVSTORE_DIFFERENTIAL_COMMANDS=%d", seed, commands)
		if commands >= 20_000 {
			for _, op := range drivers.Ops() {
				Expect(!comparableOp(op) || d.executed[op] > 0).To(BeTrue(), "%v was never executed", op)
			}
			Expect(d.failed).To(And(HaveKey(drivers.ErrWrongType.Error()), HaveKey(drivers.ErrInvalid.Error()),
				HaveKey(HavePrefix(drivers.ErrDuplicate.Error()))))
		}
	})
})

func fromEnvironment(name string, otherwise int64) int64 {
	text := os.Getenv(name)
	if text == "" {
		return otherwise
	}
	number, err := strconv.ParseInt(text, 10, 64)
	Expect(err).NotTo(HaveOccurred(), name)
	return number
}
