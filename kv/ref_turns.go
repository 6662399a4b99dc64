package kv

import (
	"context"
	"reflect"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/kvstore-go/kvstore/drivers"
)

// longestTurn is how long others wait for who has the turn. It may be waiting for them.
const longestTurn = 100 * time.Millisecond

// turn is that of somebody who changes values that others change at the same time. Each of them
// would undo the work of all others, over and over. So after a conflict they stand in line, within a
// program, for each value a line of its own, which whoever comes joins.
//
// It is a matter of speed alone: what decides is the store. So a turn ends after a while, whatever
// whoever has it may be doing, and nobody waits for ever.
type turn struct {
	again   bool // a try has failed
	tickets []*ticket
}

// await waits for the turn at keys: before the first try only where others stand in line. Who
// waits has turns at smaller keys alone, so that nobody waits for somebody who waits for him.
func (t *turn) await(ctx context.Context, d drivers.Driver, keys ...string) error {
	if !t.again {
		keys = lines.among(d, keys)
	}
	if _, suspends := d.(suspender); suspends || t.has(d, keys) {
		return nil
	}
	t.end()
	slices.Sort(keys)
	for _, key := range slices.Compact(keys) {
		p := lines.join(spotOf(d, key))
		t.tickets = append(t.tickets, p)
		if err := p.wait(ctx); err != nil {
			return err
		}
	}
	return nil
}

// has reports whether it has the turn at all keys.
func (t *turn) has(d drivers.Driver, keys []string) bool {
	for _, key := range keys {
		at := spotOf(d, key)
		if !slices.ContainsFunc(t.tickets, func(p *ticket) bool { return p.spot == at && lines.first(p) }) {
			return false
		}
	}
	return true
}

// suspender is a driver of whose users nobody goes on while one waits.
type suspender interface{ suspends() }

func (t *turn) end() {
	for _, p := range t.tickets {
		lines.leave(p)
	}
	t.tickets = nil
}

// spot is where a line is: a key of a driver.
type spot struct {
	driver drivers.Driver
	key    string
}

func spotOf(d drivers.Driver, key string) spot {
	if !reflect.ValueOf(d).Comparable() {
		d = nil
	}
	return spot{d, key}
}

// ticket is a place in a line. The first has the turn.
type ticket struct {
	spot  spot
	turn  chan struct{} // closed when it comes
	since time.Time     // when it came
}

// wait waits for the turn. The ticket is to be given back also if the context ends first.
func (p *ticket) wait(ctx context.Context) error {
	select {
	case <-p.turn:
		return nil
	default:
	}
	timer := time.NewTimer(longestTurn)
	defer timer.Stop()
	for {
		select {
		case <-p.turn:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		case <-timer.C:
			timer.Reset(lines.expire(p.spot))
		}
	}
}

// lines are all that there are; none is empty.
var lines = queues{of: map[spot][]*ticket{}}

type queues struct {
	number atomic.Int64 // of lines: where there is none nobody has to look
	mu     sync.Mutex
	of     map[spot][]*ticket
}

// among are those keys at which somebody has the turn.
func (q *queues) among(d drivers.Driver, keys []string) (taken []string) {
	if q.number.Load() == 0 {
		return nil
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, key := range keys {
		if len(q.of[spotOf(d, key)]) > 0 {
			taken = append(taken, key)
		}
	}
	return taken
}

// first reports whether p has the turn.
func (q *queues) first(p *ticket) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	line := q.of[p.spot]
	return len(line) > 0 && line[0] == p
}

// join gives out the last ticket of a line.
func (q *queues) join(at spot) *ticket {
	q.mu.Lock()
	defer q.mu.Unlock()
	p := &ticket{spot: at, turn: make(chan struct{})}
	q.of[at] = append(q.of[at], p)
	if len(q.of[at]) == 1 {
		q.number.Add(1)
		p.begin()
	}
	return p
}

// leave takes a ticket back, and with it the turn. It may have been taken before.
func (q *queues) leave(p *ticket) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if i := slices.Index(q.of[p.spot], p); i >= 0 {
		q.remove(p.spot, i)
	}
}

func (q *queues) remove(at spot, i int) {
	line := slices.Delete(q.of[at], i, i+1)
	q.of[at] = line
	switch {
	case len(line) == 0:
		delete(q.of, at)
		q.number.Add(-1)
	case i == 0:
		line[0].begin()
	}
}

// expire ends a turn that has lasted too long, and tells when to look again.
func (q *queues) expire(at spot) time.Duration {
	q.mu.Lock()
	defer q.mu.Unlock()
	line := q.of[at]
	if len(line) == 0 {
		return longestTurn
	}
	if left := longestTurn - time.Since(line[0].since); left > 0 {
		return left
	}
	q.remove(at, 0)
	return longestTurn
}

func (p *ticket) begin() {
	p.since = time.Now()
	close(p.turn)
}
