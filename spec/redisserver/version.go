package redisserver

import (
	"os/exec"
	"regexp"
	"strconv"
	"sync"
)

// Since reports whether the redis-server on PATH is of this version or a later one. It is
// false if there is none.
func Since(major, minor int) bool {
	has := version()
	return has.major > major || has.major == major && has.minor >= minor
}

var (
	versionText = regexp.MustCompile(`v=(\d+)\.(\d+)`)

	version = sync.OnceValue(func() (v struct{ major, minor int }) {
		output, err := exec.Command("redis-server", "--version").Output()
		if found := versionText.FindSubmatch(output); err == nil && found != nil {
			v.major, _ = strconv.Atoi(string(found[1]))
			v.minor, _ = strconv.Atoi(string(found[2]))
		}
		return v
	})
)
