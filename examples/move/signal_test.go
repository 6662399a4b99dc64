//go:build unix

package main

import (
	"bufio"
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
)

// beTheProgram tells the test's own binary, through the environment, to be the program.
const beTheProgram = "MOVE_BE_THE_PROGRAM"

func TestMain(m *testing.M) {
	if os.Getenv(beTheProgram) == "1" {
		main()
		return
	}
	os.Exit(m.Run())
}

var _ = DescribeTable("A signal stops the program cleanly",
	func(ctx SpecContext, signal os.Signal) {
		file := filepath.Join(GinkgoT().TempDir(), "shop.jsonl")
		program := exec.CommandContext(ctx, os.Args[0], "-records", "60000", "-to", file)
		program.Env = append(os.Environ(), beTheProgram+"=1")
		var said bytes.Buffer
		program.Stderr = &said
		output, err := program.StdoutPipe()
		Expect(err).NotTo(HaveOccurred())
		Expect(program.Start()).To(Succeed())
		lines := bufio.NewScanner(output)
		Expect(lines.Scan()).To(BeTrue())
		Expect(lines.Text()).To(ContainSubstring("512 values"))
		Expect(program.Process.Signal(signal)).To(Succeed())
		for lines.Scan() {
			GinkgoWriter.Println(lines.Text())
		}
		var exit *exec.ExitError
		Expect(errors.As(program.Wait(), &exit)).To(BeTrue())
		Expect(exit.ExitCode()).To(Equal(130))
		Expect(said.String()).To(Equal("move: stopped; run it again to go on\n"))
		Expect(filepath.Glob(file + "*")).To(BeEmpty())
	},
	Entry("SIGINT", syscall.SIGINT),
	Entry("SIGTERM", syscall.SIGTERM),
)
