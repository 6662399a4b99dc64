package kv_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

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

var _ = Describe("A program that leaves its schemas to its Go types", func() {
	It("links no validator of schemas written by hand, whose meta-schemas are compiled before main", func() {
		packages, err := exec.Command("go", "list", "-deps", ".", "../drivers/memory", "../drivers/redisdriver").Output()
		Expect(err).NotTo(HaveOccurred())
		Expect(string(packages)).To(ContainSubstring("kvstore/jsonval/internal/plan"))
		Expect(string(packages)).NotTo(MatchRegexp(`santhosh|jsonval/schemas|jsonval/internal/record|x/text/(message|feature)|(html|text)/template`))
	})

	It("compiles it in once it imports jsonval/schemas", func() {
		packages, err := exec.Command("go", "list", "-deps", "../jsonval/schemas").Output()
		Expect(err).NotTo(HaveOccurred())
		Expect(string(packages)).To(ContainSubstring("santhosh-tekuri/jsonschema"))
	})
})

var _ = Describe("A program in Redis", func() {
	const program = `package main

import (
	"context"

	"github.com/redis/go-redis/v9"

	"github.com/kvstore-go/kvstore/drivers/redisdriver"
	"github.com/kvstore-go/kvstore/kv"
)

func main() {
	ctx := context.Background()
	store := kv.MustOpen(kv.Static("s").JSON[[]int]("a").Set("b"), redisdriver.New(redis.NewClient(&redis.Options{})))
	_ = store.Take[kv.JSONField[[]int]]("a").Write(ctx, nil)
	BODY
}
`

	It("links of the memory driver what transactions need, if it has some", func() {
		of := linked(strings.Replace(program, "BODY", "_ = kv.Atomic(ctx, store, func(context.Context, kv.StaticStore) error { return nil })", 1))
		Expect(len(of["drivers/memory"])).To(BeNumerically(">", 300))
		Expect(of["drivers"]).To(ContainElement("predictSet"))

		of = linked(strings.Replace(program, "BODY", "", 1))
		Expect(len(of["drivers/redisdriver"])).To(BeNumerically(">", 100))
		Expect(of["drivers"]).NotTo(ContainElement(HavePrefix("predict")))
		Expect(len(of["drivers/memory"])).To(BeNumerically("<=", 2), "a package variable whose value is made before main keeps all that it refers to")
	})
})

// linked is the functions of each package of ours that are in a program.
func linked(source string) map[string][]string {
	GinkgoHelper()
	dir := GinkgoT().TempDir()
	here, err := os.Getwd()
	Expect(err).NotTo(HaveOccurred())
	overlay, err := json.Marshal(map[string]any{"Replace": map[string]string{
		filepath.Join(here, "testdata", "linked", "main.go"): filepath.Join(dir, "main.go"),
	}})
	Expect(err).NotTo(HaveOccurred())
	Expect(os.WriteFile(filepath.Join(dir, "main.go"), []byte(source), 0o600)).To(Succeed())
	Expect(os.WriteFile(filepath.Join(dir, "overlay.json"), overlay, 0o600)).To(Succeed())
	binary := filepath.Join(dir, "binary")
	said, err := exec.Command("go", "build", "-overlay", filepath.Join(dir, "overlay.json"), "-o", binary, "./testdata/linked").CombinedOutput()
	Expect(err).NotTo(HaveOccurred(), "%s", said)
	symbols, err := exec.Command("go", "tool", "nm", binary).Output()
	Expect(err).NotTo(HaveOccurred())
	of := map[string][]string{}
	for line := range strings.Lines(string(symbols)) {
		address := strings.Fields(line)
		if len(address) < 3 || strings.ToLower(address[1]) != "t" {
			continue
		}
		if name, ours := strings.CutPrefix(address[2], "github.com/kvstore-go/kvstore/"); ours {
			pkg, function, _ := strings.Cut(name, ".")
			of[pkg] = append(of[pkg], function)
		}
	}
	return of
}

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
