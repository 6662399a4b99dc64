package kv_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kvstore-go/kvstore/spec/suite"
)

// The programs in testdata/mistakes each begin with what the compiler must say to
// them; the one that says nothing is the control that the others fail for that reason alone.
var _ = Describe("The compiler", Label(suite.Slow), Ordered, func() {
	programs, _ := filepath.Glob("testdata/mistakes/*/main.go")
	said := map[string]string{}

	BeforeAll(func() {
		arguments := []string{"build", "-gcflags=-e", "-o", os.DevNull}
		for _, program := range programs {
			arguments = append(arguments, "./"+filepath.Dir(program))
		}
		output, err := exec.Command("go", arguments...).CombinedOutput()
		Expect(err).To(HaveOccurred(), "the mistakes compile")
		for line := range strings.Lines(string(output)) {
			if file, message, ok := strings.Cut(strings.TrimSpace(line), ":"); ok {
				said[filepath.ToSlash(file)] += message
			}
		}
	})

	It("is shown every row of the design's table", func() {
		Expect(len(programs)).To(BeNumerically(">=", 7))
	})

	for _, program := range programs {
		source, err := os.ReadFile(program)
		first, _, _ := strings.Cut(string(source), "\n")
		want, marked := strings.CutPrefix(first, "// want:")
		want = strings.TrimSpace(want)
		It("says to "+filepath.Base(filepath.Dir(program))+": "+want, func() {
			Expect(err).NotTo(HaveOccurred())
			Expect(marked).To(BeTrue(), "the program does not say what it wants")
			if want == "" {
				Expect(said).NotTo(HaveKey(program))
				return
			}
			Expect(said).To(HaveKeyWithValue(program, ContainSubstring(want)))
		})
	}
})
