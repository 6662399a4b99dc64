package redisdriver

import (
	"context"
	"errors"
	"math"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/drivers/internal/following"
)

const (
	// lookPause is how often a tracker looks whether the servers are still those that it tracks.
	lookPause = 5 * time.Second
	// narrowPause is how long a server may send what nobody follows any more.
	narrowPause = time.Minute
)

// tracker hears of changes for all followers of a driver, from the first to the last. What it hears by is
// replaced as a whole where it does not do any more: by other connections, with other prefixes. The old
// ones are heard to their end, so that nothing is missed where nothing was lost.
type tracker struct {
	driver *Driver
	hub    following.Hub
	end    context.CancelFunc
	due    chan struct{} // has an element when it has to see to its connections

	mu      sync.Mutex
	current *tracking                // what followers hear by; nil while they hear nothing
	learned map[string]*redis.Client // nodes of a cluster by address, which may be masters without slots
}

func newTracker(d *Driver) *tracker {
	ctx, end := context.WithCancel(context.Background())
	t := &tracker{driver: d, end: end, due: make(chan struct{}, 1), learned: map[string]*redis.Client{}}
	go t.run(ctx)
	return t
}

// wake makes the tracker see to its connections.
func (t *tracker) wake() {
	select {
	case t.due <- struct{}{}:
	default:
	}
}

// admit lets a new follower hear by what is there, or has it changed.
func (t *tracker) admit() {
	if !t.hear() {
		t.wake()
	}
}

// hear lets all hear of whose keys the connections tell. It reports whether everybody does.
func (t *tracker) hear() (all bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.current != nil && t.hub.Hear(t.current.covers)
}

// lose is called as soon as a change may not be told by tr.
func (t *tracker) lose(tr *tracking, err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if tr == nil || tr.lost != nil {
		return
	}
	tr.lost = err
	if t.current == tr {
		t.current = nil
	}
	if tr.relied {
		t.hub.Lose()
		t.wake()
	}
}

// rely makes followers hear by tr, or returns why it is lost already.
func (t *tracker) rely(tr *tracking) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if tr.lost != nil {
		return tr.lost
	}
	for addr := range t.learned { // meanwhile
		if !tr.tracks(addr) {
			return drivers.Errorf(drivers.ErrUnavailable, "redisdriver: %s may be a new master", addr)
		}
	}
	tr.relied, tr.since, t.current = true, time.Now(), tr
	t.hub.Hear(tr.covers)
	return nil
}

// giveUp ends tr: that it is lost does not matter any more.
func (t *tracker) giveUp(tr *tracking) {
	if tr == nil {
		return
	}
	t.mu.Lock()
	tr.relied = false
	if t.current == tr {
		t.current = nil
	}
	t.mu.Unlock()
	tr.close()
}

// run sees to the connections until the last follower has left.
func (t *tracker) run(ctx context.Context) {
	var present *tracking
	defer func() { t.giveUp(present) }()
	looks := time.NewTicker(lookPause)
	defer looks.Stop()
	pauses := trackingPauses()
	for {
		var err error
		if present, err = t.renew(ctx, present); err == nil {
			pauses = trackingPauses()
			select {
			case <-ctx.Done():
				return
			case <-t.due:
			case <-looks.C:
			}
			continue
		}
		t.hub.End(err, isForGood(err))
		if !pauses.Wait(ctx) {
			return
		}
	}
}

func trackingPauses() drivers.Pauses {
	return drivers.Pauses{First: 20 * time.Millisecond, Longest: time.Second, Tries: math.MaxInt}
}

// isForGood reports an error that passes by no waiting.
func isForGood(err error) bool {
	return !errors.Is(err, drivers.ErrUnavailable)
}

// renew returns present if that still does, or what is to be heard by in its stead. On an error it is still
// present, unless that is lost.
func (t *tracker) renew(ctx context.Context, present *tracking) (*tracking, error) {
	if present != nil {
		if err := t.look(ctx, present); err != nil {
			t.lose(present, err)
			if errors.Is(err, drivers.ErrClosed) {
				t.giveUp(present)
				return nil, err
			}
		}
	}
	if t.isLost(present) {
		t.giveUp(present)
		present = nil
	}
	var servers []trackedServer
	if present != nil {
		servers = present.servers
	} else {
		var err error
		if servers, err = t.servers(ctx, nil); err != nil {
			return nil, err
		}
	}
	heard := t.hear()
	prefixes := prefixesOf(t.hub.Keys())
	if present != nil && heard && !present.isTooWide(prefixes) {
		return present, nil
	}
	next, err := t.open(ctx, servers, prefixes)
	if err != nil {
		return present, err
	}
	if err := t.rely(next); err != nil {
		t.giveUp(next)
		return present, err
	}
	if present != nil {
		present.drain(ctx)
		t.giveUp(present)
	}
	return next, nil
}

// look finds out whether the servers are still those that present tracks, unless that was found out just now. What
// does not answer the client does not matter, as long as it tells of changes.
func (t *tracker) look(ctx context.Context, present *tracking) error {
	if time.Since(present.looked) < lookPause/2 {
		return nil
	}
	servers, err := t.servers(ctx, present)
	switch {
	case errors.Is(err, drivers.ErrClosed):
		return err
	case err == nil && !present.reaches(servers):
		return errReplaced
	case err == nil:
		present.looked = time.Now()
	}
	return nil
}

var errReplaced = errors.New("redisdriver: another server has taken the place of one that was followed")

func (t *tracker) isLost(tr *tracking) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return tr != nil && tr.lost != nil
}
