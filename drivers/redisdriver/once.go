package redisdriver

import (
	"sync/atomic"

	"github.com/redis/go-redis/v9"
)

// once is a command that go-redis must not send a second time, alone or in a
// pipeline. It remembers whether go-redis has asked for its arguments: before
// that, it cannot have been sent. (Asking is not yet sending: a cluster client
// asks so as to find the node.)
type once struct {
	redis.Cmder
	asked atomic.Bool
}

func (o *once) NoRetry() bool { return true }

func (o *once) Args() []any {
	o.asked.Store(true)
	return o.Cmder.Args()
}
