package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// chess reports what the package costs that declares the schema of examples/chess and works on it: after a
// change, and with all that it imports, the standard library included, where nothing is built yet.
func chess(builds int) error {
	dir, err := module()
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	at := filepath.Join(dir, "platform")
	if err := copyPackage("../../examples/chess/platform", at); err != nil {
		return err
	}
	changed := result{program: program{name: "the package of the chess schema, after a change", source: "package platform\n"}}
	for build := range builds + 1 {
		cpu, memory, err := changed.build(at, build)
		if err != nil {
			return err
		}
		if build > 0 {
			changed.cpu, changed.memory = append(changed.cpu, cpu), append(changed.memory, memory)
		}
	}
	slices.Sort(changed.cpu)
	slices.Sort(changed.memory)
	cold := exec.Command("go", "build", "-mod=mod", ".")
	cold.Dir, cold.Env = at, append(os.Environ(), "GOCACHE="+filepath.Join(dir, "cache"))
	began := time.Now()
	if output, err := cold.CombinedOutput(); err != nil {
		return fmt.Errorf("%w: %s", err, output)
	}
	took, used := time.Since(began), cold.ProcessState
	fmt.Println("| package | CPU | memory | time |\n|---|---:|---:|---:|")
	fmt.Printf("| %s | %.2f s | %d MB | |\n", changed.name, changed.cpu[builds/2].Seconds(), changed.memory[builds/2]>>10)
	fmt.Printf("| the same, where nothing is built | %.0f s | | %.0f s |\n", (used.UserTime() + used.SystemTime()).Seconds(), took.Seconds())
	return nil
}

// copyPackage copies the files of a package, but for its tests.
func copyPackage(from, to string) error {
	if err := os.MkdirAll(to, 0o700); err != nil {
		return err
	}
	files, err := filepath.Glob(filepath.Join(from, "*.go"))
	if err != nil {
		return err
	}
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		text, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(to, filepath.Base(file)), text, 0o600); err != nil {
			return err
		}
	}
	return nil
}
