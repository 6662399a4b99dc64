// Command compile measures what programs that use kvstore cost the compiler, beside the same in bare
// go-redis: seconds of CPU and memory of the compiler for the one package, with all that it
// imports built before, and the size of the binary.
//
//	cd spec/bench && go run ./compile            # all programs, the median of 5 builds each
//	cd spec/bench && go run ./compile -n 3 shop  # some of them
//	cd spec/bench && go run ./compile -sizes     # what the binaries of the shop consist of
//	cd spec/bench && go run ./compile -chess     # the package of the chess schema, after a change and cold
//
// The programs are written by programs.go. Their builds take turns.
package main

import (
	"flag"
	"fmt"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"
)

// logVariable names the file to which this command, run by go build in front of each tool, adds
// what the compiler has used.
const logVariable = "KVSTORE_COMPILE_LOG"

func main() {
	if path := os.Getenv(logVariable); path != "" {
		os.Exit(runTool(path, os.Args[1:]))
	}
	builds := flag.Int("n", 5, "how many builds to take the median of")
	onlySizes := flag.Bool("sizes", false, "report what the binaries of the shop consist of, and no more")
	onlyChess := flag.Bool("chess", false, "measure the package of the chess schema, and no more")
	flag.Parse()
	if *onlyChess {
		if err := chess(*builds); err != nil {
			log.Fatal(err)
		}
		return
	}
	if *onlySizes {
		if err := sizes(); err != nil {
			log.Fatal(err)
		}
		return
	}
	if err := measure(*builds, flag.Args()); err != nil {
		log.Fatal(err)
	}
}

// runTool runs a tool, and notes what it used if it is the compiler.
func runTool(path string, command []string) int {
	tool := exec.Command(command[0], command[1:]...)
	tool.Stdin, tool.Stdout, tool.Stderr = os.Stdin, os.Stdout, os.Stderr
	_ = tool.Run() // its code is handed on
	if filepath.Base(command[0]) == "compile" && !slices.Contains(command, "-V=full") {
		used := tool.ProcessState
		note := fmt.Sprintln(int64(used.UserTime()+used.SystemTime()), used.SysUsage().(*syscall.Rusage).Maxrss)
		if err := os.WriteFile(path, []byte(note), 0o600); err != nil {
			log.Fatal(err)
		}
	}
	return tool.ProcessState.ExitCode()
}

// result is what builds of a program have used.
type result struct {
	program
	cpu    []time.Duration
	memory []int64 // in KiB
	size   int64   // of the binary
}

func measure(builds int, names []string) error {
	dir, err := module()
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	var results []*result
	for _, program := range programs() {
		if len(names) == 0 || slices.ContainsFunc(names, func(name string) bool { return strings.Contains(program.name, name) }) {
			results = append(results, &result{program: program})
		}
	}
	for build := range builds + 1 { // the first builds what is imported, too
		for i, r := range results {
			cpu, memory, err := r.build(filepath.Join(dir, fmt.Sprint("p", i)), build)
			if err != nil {
				return fmt.Errorf("%s: %w", r.name, err)
			}
			if build > 0 {
				r.cpu, r.memory = append(r.cpu, cpu), append(r.memory, memory)
			}
		}
	}
	fmt.Println("| program | CPU | memory | binary |\n|---|---:|---:|---:|")
	for _, r := range results {
		slices.Sort(r.cpu)
		slices.Sort(r.memory)
		fmt.Printf("| %s | %.2f s | %d MB | %.2f MB |\n", r.name, r.cpu[builds/2].Seconds(), r.memory[builds/2]>>10, float64(r.size)/1e6)
	}
	return nil
}

// module makes a module that requires what this one does.
func module() (string, error) {
	here, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}").Output()
	if err != nil {
		return "", err
	}
	bench := strings.TrimSpace(string(here))
	dir, err := os.MkdirTemp("", "kvstore-compile")
	if err != nil {
		return "", err
	}
	for _, name := range []string{"go.mod", "go.sum"} {
		text, err := os.ReadFile(filepath.Join(bench, name))
		if err != nil {
			return "", err
		}
		text = []byte(strings.ReplaceAll(string(text), "=> ../..", "=> "+filepath.Dir(filepath.Dir(bench))))
		if err := os.WriteFile(filepath.Join(dir, name), text, 0o600); err != nil {
			return "", err
		}
	}
	return dir, nil
}

// build writes a program that differs from the one before, and builds it.
func (r *result) build(at string, number int) (cpu time.Duration, memory int64, err error) {
	if err := os.MkdirAll(at, 0o700); err != nil {
		return 0, 0, err
	}
	source := fmt.Sprintf("%s\nconst built = \"%d %d\"\n", r.source, os.Getpid(), number)
	if err := os.WriteFile(filepath.Join(at, "main.go"), []byte(source), 0o600); err != nil {
		return 0, 0, err
	}
	self, err := os.Executable()
	if err != nil {
		return 0, 0, err
	}
	notes, binary := filepath.Join(at, "used"), filepath.Join(at, "binary")
	command := exec.Command("go", "build", "-mod=mod", "-toolexec", self, "-o", binary, ".")
	command.Dir, command.Env = at, append(os.Environ(), logVariable+"="+notes)
	if output, err := command.CombinedOutput(); err != nil {
		return 0, 0, fmt.Errorf("%w: %s", err, output)
	}
	used, err := os.ReadFile(notes)
	if err != nil {
		return 0, 0, err
	}
	if _, err := fmt.Sscan(string(used), &cpu, &memory); err != nil {
		return 0, 0, err
	}
	info, err := os.Stat(binary)
	if err != nil {
		return 0, 0, err
	}
	r.size = info.Size()
	return cpu, memory, nil
}
