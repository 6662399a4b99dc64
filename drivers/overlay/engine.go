package overlay

import (
	"context"
	"sync"
	"time"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/drivers/memory"
)

// engine is a store in memory for copies, whose clock stands still.
type engine struct {
	*memory.Driver
	now time.Time
}

// engines are empty ones that were used before: most transactions are short, and a store is
// made for many goroutines.
var engines = sync.Pool{New: func() any {
	e := &engine{}
	e.Driver = memory.New(memory.WithClock(func() time.Time { return e.now }))
	return e
}}

// newEngine is an empty store at a moment in milliseconds.
func newEngine(now int64) *engine {
	e := engines.Get().(*engine)
	e.now = time.UnixMilli(now)
	return e
}

// release gives the engine back without the keys that it has, which must be all.
func (e *engine) release(keys []string) {
	for _, key := range keys {
		if _, err := e.Do(context.Background(), drivers.Command{Op: drivers.OpDelete, Key: key}); err != nil {
			return
		}
	}
	engines.Put(e)
}
