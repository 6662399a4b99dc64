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
		Expect(string(packages)).NotTo(MatchRegexp(`go-redis|redisdriver|onsi|opentelemetry|rapid|miniredis|otter|drivers/near`))
	})
})

var _ = Describe("A program that is measured", func() {
	It("compiles no Redis client in for that, and no SDK of OpenTelemetry", func() {
		packages, err := exec.Command("go", "list", "-deps", "../drivers/oteldriver").Output()
		Expect(err).NotTo(HaveOccurred())
		Expect(string(packages)).To(ContainSubstring("opentelemetry.io/otel/metric"))
		Expect(string(packages)).NotTo(MatchRegexp(`go-redis|redisdriver|onsi|otel/sdk|otter|drivers/near`))
	})
})

var _ = Describe("A program that keeps near what it reads", func() {
	It("compiles a cache in for that, and nothing else", func() {
		packages, err := exec.Command("go", "list", "-deps", "../drivers/near").Output()
		Expect(err).NotTo(HaveOccurred())
		Expect(string(packages)).To(ContainSubstring("maypok86/otter"))
		Expect(string(packages)).NotTo(MatchRegexp(`go-redis|redisdriver|drivers/memory|onsi|opentelemetry|testify|yaml|samber`))
	})
})
