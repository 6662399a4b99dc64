package peers

import (
	"bufio"
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"strings"
	"time"
)

// machine says where and when it was measured, of which versions.
func machine(redis string) string {
	if redis != "" {
		redis = ", Redis " + redis + " on the same machine"
	}
	return fmt.Sprintf("%s, %s, %s/%s, %d × %s%s.\n%s.",
		time.Now().Format(time.DateOnly), runtime.Version(), runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), processor(), redis,
		strings.Join(versions(), ", "))
}

// processor is the model of the CPU, where the system tells it.
func processor() string {
	file, err := os.Open("/proc/cpuinfo")
	if err != nil {
		return "CPU"
	}
	defer func() { _ = file.Close() }()
	for lines := bufio.NewScanner(file); lines.Scan(); {
		if name, model, _ := strings.Cut(lines.Text(), ":"); strings.TrimSpace(name) == "model name" {
			return strings.TrimSpace(model)
		}
	}
	return "CPU"
}

// modules are those of the sides, by their names.
var modules = []struct{ name, path string }{
	{"go-redis", "github.com/redis/go-redis/v9"},
	{"rueidis", "github.com/redis/rueidis"},
	{"om", "github.com/rueian/rueidis"},
	{"go-redis/cache", "github.com/go-redis/cache/v9"},
	{"gocache", "github.com/eko/gocache/lib/v4"},
	{"gokv", "github.com/philippgille/gokv/redis"},
	{"otter", "github.com/maypok86/otter/v2"},
	{"miniredis", "github.com/alicebob/miniredis/v2"},
	{"jsonschema", "github.com/santhosh-tekuri/jsonschema/v6"},
}

func versions() (texts []string) {
	built, _ := debug.ReadBuildInfo()
	for _, module := range modules {
		for _, dependency := range built.Deps {
			if dependency.Path == module.path {
				texts = append(texts, module.name+" "+strings.TrimPrefix(dependency.Version, "v"))
			}
		}
	}
	return texts
}
