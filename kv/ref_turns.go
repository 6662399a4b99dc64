package kv

import (
	"context"
	"reflect"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/kv/internal/turns"
)

// lineMemory is how long a line is remembered after the last time that two met there: who
// comes then stands in line at once, instead of finding out by a conflict.
const lineMemory = time.Second

// turn is that of somebody who changes values that others change at the same time. Each of them
// would undo the work of all others, over and over. So after a conflict they stand in line, within a
// program, for each value a line of its own, which whoever comes joins.
//
// It is a matter of speed alone: what decides is the store. So a turn ends after a while, whatever
// whoever has it may be doing, and nobody waits for ever.
type turn struct {
	again  bool    // a try has failed
	alone  bool    // it must neither share a turn nor let others share its own
	ticket *ticket // nil unless it stands in line
}

// await waits for the turn at keys: before the first try only where there are lines. With shares it
// may get a share in the turn of whoever has it, instead: see queues.follow.
func (t *turn) await(ctx context.Context, d drivers.Driver, shares bool, keys ...string) error {
	spots := spotsOf(d, keys)
	if !t.again {
		spots = lines.among(spots)
		if len(spots) == 0 {
			return nil
		}
	}
	shares = shares && !t.alone && canCompare(d)
	if t.ticket == nil || !lines.keep(t.ticket, spots, shares) {
		t.end()
		t.ticket = lines.join(spots, shares)
	}
	return t.ticket.wait(ctx)
}

// end gives the turn to who is next.
func (t *turn) end() {
	if t.ticket != nil {
		lines.leave(t.ticket)
		t.ticket = nil
	}
}

// spot is where a line is: a key of a driver.
type spot struct {
	driver drivers.Driver // nil for all that cannot be compared
	key    string
}

func spotsOf(d drivers.Driver, keys []string) []spot {
	if !canCompare(d) {
		d = nil
	}
	spots := make([]spot, 0, len(keys))
	for _, key := range keys {
		if at := (spot{d, key}); !slices.Contains(spots, at) {
			spots = append(spots, at)
		}
	}
	return spots
}

func canCompare(d drivers.Driver) bool { return reflect.ValueOf(d).Comparable() }

// ticket is a place in lines. Who is the first in all of them has the turn.
type ticket struct {
	spots  []spot
	shares bool          // it may share the turn of those before it
	begun  bool          // it has the turn, or a share in one
	turn   chan struct{} // closed when it has
	since  time.Time     // when it had it for itself
	group  any           // those who share the turn with it; see queues.follow
}

// wait waits for the turn. The ticket is to be given back also if the context ends first.
func (p *ticket) wait(ctx context.Context) error {
	select {
	case <-p.turn:
		return nil
	default:
	}
	timer := time.NewTimer(turns.Longest.Get())
	defer timer.Stop()
	for {
		select {
		case <-p.turn:
			return nil
		case <-ctx.Done():
			if lines.giveUp(p) {
				return ctx.Err()
			}
			return nil // somebody counts on it; it will notice soon enough
		case <-timer.C:
			timer.Reset(lines.expire(p))
		}
	}
}

// line is who waits at a spot, in the order in which they came, behind those who have the turn.
type line struct {
	tickets []*ticket
	met     time.Time // when somebody last came who had been in conflict, or had to wait
}

// lines are all that there are.
var lines = queues{of: map[spot]*line{}}

type queues struct {
	number atomic.Int64 // of lines: where there is none nobody has to look
	mu     sync.Mutex
	of     map[spot]*line
}

// among are those spots where there are lines.
func (q *queues) among(spots []spot) []spot {
	if q.number.Load() == 0 {
		return nil
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	return slices.DeleteFunc(spots, func(at spot) bool { return q.of[at] == nil })
}

// join gives out the last ticket of lines: of all at once, so that nobody waits for somebody who
// waits for him.
func (q *queues) join(spots []spot, shares bool) *ticket {
	q.mu.Lock()
	defer q.mu.Unlock()
	p := &ticket{spots: spots, shares: shares, turn: make(chan struct{})}
	for _, at := range spots {
		l := q.of[at]
		if l == nil {
			l = &line{met: time.Now()}
			q.of[at] = l
			q.number.Add(1)
			q.forget(at, lineMemory)
		} else if len(l.tickets) > 0 {
			l.met = time.Now()
		}
		l.tickets = append(l.tickets, p)
	}
	q.beginIfFirst(p)
	return p
}

// forget removes a line, after a while, if nobody stands there and nobody has met there of late.
func (q *queues) forget(at spot, after time.Duration) {
	time.AfterFunc(after, func() {
		q.mu.Lock()
		defer q.mu.Unlock()
		l := q.of[at]
		if left := lineMemory - time.Since(l.met); left > 0 {
			q.forget(at, left)
		} else if len(l.tickets) > 0 {
			q.forget(at, lineMemory)
		} else {
			delete(q.of, at)
			q.number.Add(-1)
		}
	})
}

// keep lets a ticket keep its place for another turn, and reports whether it is still in all lines.
func (q *queues) keep(p *ticket, spots []spot, shares bool) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, at := range spots {
		if !slices.Contains(p.spots, at) {
			return false
		}
	}
	for _, at := range p.spots {
		if !slices.Contains(q.of[at].waiting(), p) {
			return false
		}
	}
	p.begun, p.group, p.shares, p.turn = false, nil, shares, make(chan struct{})
	q.beginIfFirst(p)
	return true
}

// waiting are the tickets of a line, of which there may be none.
func (l *line) waiting() []*ticket {
	if l == nil {
		return nil
	}
	return l.tickets
}

func (q *queues) beginIfFirst(p *ticket) {
	for _, at := range p.spots {
		if q.of[at].tickets[0] != p {
			return
		}
	}
	if p.since.IsZero() {
		p.since = time.Now()
	}
	p.begin()
}

func (p *ticket) begin() {
	p.begun = true
	close(p.turn)
}

// leave takes tickets back, and with them the turn. They may have been taken before.
func (q *queues) leave(tickets ...*ticket) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.remove(tickets...)
}

func (q *queues) remove(tickets ...*ticket) {
	for _, p := range tickets {
		for _, at := range p.spots {
			if l := q.of[at]; l != nil {
				l.tickets = slices.DeleteFunc(l.tickets, func(other *ticket) bool { return other == p })
			}
		}
	}
	for _, p := range tickets {
		for _, at := range p.spots {
			if first := q.of[at].waiting(); len(first) > 0 && !first[0].begun {
				q.beginIfFirst(first[0])
			}
		}
	}
}

// giveUp takes the ticket of somebody back who waits no longer, unless it has come to share a turn.
func (q *queues) giveUp(p *ticket) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	if p.group != nil {
		return false
	}
	q.remove(p)
	return true
}

// expire ends turns before p that have lasted too long, and tells when to look again.
func (q *queues) expire(p *ticket) time.Duration {
	q.mu.Lock()
	defer q.mu.Unlock()
	longest := turns.Longest.Get()
	again := longest
	for _, at := range p.spots {
		for first := q.of[at].waiting(); len(first) > 0 && first[0].begun && first[0] != p; first = q.of[at].waiting() {
			if left := longest - time.Since(first[0].since); left > 0 {
				again = min(again, left)
				break
			}
			q.remove(first[0])
		}
	}
	return again
}

// follow gives the next one in the lines of p, which has the turn, a share in it. That is
// somebody before whom there is nobody but the group of those who share it.
func (q *queues) follow(p *ticket, group any) *ticket {
	q.mu.Lock()
	defer q.mu.Unlock()
	p.group = group
	for _, at := range p.spots {
		waiting := q.of[at].waiting()
		next := slices.IndexFunc(waiting, func(p *ticket) bool { return !p.begun })
		if next < 0 || !waiting[next].shares || !q.behind(waiting[next], group) {
			continue
		}
		waiting[next].group = group
		waiting[next].begin()
		return waiting[next]
	}
	return nil
}

// behind reports whether a ticket has nobody before it but a group.
func (q *queues) behind(p *ticket, group any) bool {
	for _, at := range p.spots {
		for _, before := range q.of[at].waiting() {
			if before == p {
				break
			}
			if before.group != group {
				return false
			}
		}
	}
	return true
}
