//go:build unix

package main

import (
	"bufio"
	"os"
	"os/exec"
	"syscall"
	"testing"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
)

// beTheProgram tells the test's own binary, through the environment, to be the program.
const beTheProgram = "CHESS_BE_THE_PROGRAM"

func TestMain(m *testing.M) {
	if os.Getenv(beTheProgram) == "1" {
		main()
		return
	}
	os.Exit(m.Run())
}

var _ = DescribeTable("A signal ends the program in good order",
	func(ctx SpecContext, signal os.Signal) {
		program := exec.CommandContext(ctx, os.Args[0], "-listen", "127.0.0.1:0")
		program.Env = append(os.Environ(), beTheProgram+"=1")
		output, err := program.StderrPipe()
		Expect(err).NotTo(HaveOccurred())
		Expect(program.Start()).To(Succeed())
		lines := bufio.NewScanner(output)
		Expect(lines.Scan()).To(BeTrue())
		Expect(lines.Text()).To(ContainSubstring("msg=listening"))
		Expect(program.Process.Signal(signal)).To(Succeed())
		var said string
		for lines.Scan() {
			said += lines.Text() + "\n"
		}
		Expect(program.Wait()).To(Succeed())
		Expect(said).To(And(ContainSubstring("msg=draining"), ContainSubstring("msg=stopped")))
	},
	Entry("SIGINT", syscall.SIGINT),
	Entry("SIGTERM", syscall.SIGTERM),
)
