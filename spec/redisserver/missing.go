package redisserver

import (
	"errors"
	"os"
)

// ErrNoServer says that there is no redis-server on PATH.
var ErrNoServer = errors.New("no redis-server on PATH: install it (apt-get install redis-server) to run what needs a real Redis")

// MayBeLeftOut reports whether tests that could not start a server because of err
// may be skipped: where there is no redis-server, unless KVSTORE_REQUIRE_REDIS=1.
func MayBeLeftOut(err error) bool {
	return errors.Is(err, ErrNoServer) && os.Getenv("KVSTORE_REQUIRE_REDIS") != "1"
}
