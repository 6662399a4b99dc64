package redisserver

import (
	"cmp"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"sync"
)

// binary is the server that is started.
func binary() string { return cmp.Or(os.Getenv("KVSTORE_REDIS_SERVER"), "redis-server") }

// Since reports whether the server does what Redis does from this version on. It is false
// if there is none.
func Since(major, minor int) bool {
	has := version()
	return has.major > major || has.major == major && has.minor >= minor
}

var (
	versionText = regexp.MustCompile(`(Redis|Valkey) server v=(\d+)\.(\d+)`)

	version = sync.OnceValue(func() (v struct{ major, minor int }) {
		output, err := exec.Command(binary(), "--version").Output()
		found := versionText.FindSubmatch(output)
		if err != nil || found == nil {
			return v
		}
		v.major, _ = strconv.Atoi(string(found[2]))
		v.minor, _ = strconv.Atoi(string(found[3]))
		if string(found[1]) == "Valkey" { // which went its own way after Redis 7.2, and has times to live of fields since 9
			v.minor = 2
			if v.major >= 9 {
				v.minor = 4
			}
			v.major = 7
		}
		return v
	})
)
