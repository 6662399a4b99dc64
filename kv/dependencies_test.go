package kv_test

import (
	"os/exec"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
)

var _ = Describe("A program that keeps to memory", func() {
	It("compiles no Redis client, no test framework and no tracing in", func() {
		packages, err := exec.Command("go", "list", "-deps", ".", "../drivers/memory").Output()
		Expect(err).NotTo(HaveOccurred())
		Expect(string(packages)).To(ContainSubstring("kvstore/drivers/memory"))
		Expect(string(packages)).NotTo(MatchRegexp(`go-redis|redisdriver|onsi|opentelemetry|rapid|miniredis`))
	})
})
