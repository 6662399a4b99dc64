package overlay

import (
	"context"
	"sync"
	"time"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/drivers/internal/redisvalue"
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

// newEngine is an empty store, at this moment here.
func newEngine() *engine {
	e := engines.Get().(*engine)
	e.now = time.Now()
	return e
}

// execute executes commands up to the first that fails.
func (e *engine) execute(ctx context.Context, commands ...drivers.Command) error {
	for _, cmd := range commands {
		if _, err := e.Do(ctx, cmd); err != nil {
			return err
		}
	}
	return nil
}

// release gives the engine back without the keys that it has, which must be all.
func (e *engine) release(keys []string) {
	for _, key := range keys {
		if e.execute(context.Background(), drivers.Command{Op: drivers.OpDelete, Key: key}) != nil {
			return
		}
	}
	engines.Put(e)
}

// relative makes a write go by spans of time and by ids, where it goes by moments of the
// store's clock, which is asked for then.
func (o *Overlay) relative(ctx context.Context, engine *engine, cmd *drivers.Command) error {
	moment, entry := cmd.Expiry.Mode == drivers.ExpireAt, cmd.Op == drivers.OpXAdd
	if !moment && !entry {
		return nil
	}
	if o.now == 0 {
		clock := []drivers.Item{{Command: drivers.Command{Op: drivers.OpTime, Key: cmd.Key, Pattern: cmd.Pattern}}}
		err := o.Read(ctx, clock)
		if err == nil {
			err = clock[0].Err // only now: nothing says in which order the operands of one call are read
		}
		if err != nil {
			return &readError{err}
		}
	}
	if left := cmd.Expiry.Millis - o.now; moment && left > 0 {
		cmd.Expiry = drivers.Expiry{Mode: drivers.ExpireIn, Millis: left}
	} else if moment {
		cmd.Expiry = drivers.Expiry{Mode: drivers.ExpireAt} // long ago
	}
	if !entry {
		return nil
	}
	reply, err := engine.Do(ctx, drivers.Command{Op: drivers.OpXLastID, Key: cmd.Key})
	if err != nil {
		return err
	}
	last, err := redisvalue.ParseStreamID(reply.Value, 0)
	if err != nil {
		return err
	}
	if id, err := redisvalue.NewStreamID(cmd.EntryID(), last, o.now); err == nil { // else it is refused as it is
		cmd.Value = id.String()
	}
	return nil
}
