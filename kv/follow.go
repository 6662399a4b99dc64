package kv

import (
	"cmp"
	"context"
	"errors"
	"math"
	"time"

	"github.com/kvstore-go/kvstore/drivers"
)

// Whoever follows is told which keys changed, and reads what is there now. So nothing that is stated is older than what
// was stated before, who is slow is told less often, of the newest, and as all that changes after a reading is told, what
// is stated in the end is what is there in the end.

// follower states what is there. An error that its functions return ends the following; one of a key alone they state.
type follower struct {
	begin   func(ctx context.Context) error             // all that is there
	changed func(ctx context.Context, key string) error // what is there now under a key that may have changed
	missed  func(err error) error                       // that some changes were missed: all is stated anew later on
	end     func(err error)                             // why nothing more is stated
}

// errLeft is the error of a follower whose loop was left. Nobody is told.
var errLeft = errors.New("the loop was left")

// follow has f state what is there at a path and below it, and what becomes of it.
func (d *boundDriver) follow(ctx context.Context, op, path string, f follower) {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	var end error
	state := func(what func(ctx context.Context) error) {
		if end == nil {
			end = persistently(ctx, what)
		}
		if end != nil {
			stop() // the driver, which after ready may wait for long
		}
	}
	for key, err := range d.Follow(ctx, []string{path}, func() { state(f.begin) }) {
		switch {
		case end != nil:
		case errors.Is(err, ErrMissed):
			end = f.missed(fail(op, path, err))
		case err != nil:
			end = err
		default:
			state(func(ctx context.Context) error { return f.changed(ctx, key) })
		}
		if end != nil {
			break
		}
	}
	if end != nil && !errors.Is(end, errLeft) {
		f.end(fail(op, path, end))
	}
}

// outages are the pauses for a store that is out of reach, however long.
var outages = drivers.Pauses{First: 10 * time.Millisecond, Longest: time.Second, Tries: math.MaxInt}

// persistently does what reads anew where the store was out of reach, as whoever follows goes on when it is back.
func persistently(ctx context.Context, what func(ctx context.Context) error) error {
	for pauses := outages; ; {
		err := what(ctx)
		if !isAny(err, ErrUnavailable, ErrInterrupted) {
			return err
		}
		if !pauses.Wait(ctx) {
			return cmp.Or(ctx.Err(), err)
		}
	}
}

// goesOn makes an error of what a loop says to go on.
func goesOn(more bool) error {
	if !more {
		return errLeft
	}
	return nil
}
