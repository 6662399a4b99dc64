package kv

import (
	"context"
	"sync"

	"github.com/kvstore-go/kvstore/drivers"
)

// flight is the way of a value into the store, on behalf of all of a program that wait for it: there is
// one of a value at a time. It is not of the caller who began it: it goes on as long as anybody waits, and
// a refresh goes on even so.
type flight struct {
	at         flightOf
	waiting    int
	refreshing bool
	within     *flight // in whose load it was begun
	ended      context.CancelFunc
	over       chan struct{}  // closed once there is an outcome
	reply      *drivers.Reply // nil if there is none
	err        error
}

// flightOf is what a flight is of.
type flightOf struct {
	spot
	read drivers.Op
}

// flights are all that are under way.
var flights = airspace{of: map[flightOf]*flight{}}

type airspace struct {
	mu sync.Mutex
	of map[flightOf]*flight
}

// flightKey is that of a flight in the context of its load.
type flightKey struct{}

// start begins a flight unless there is one.
func (a *airspace) start(ctx context.Context, f *fetching, load loading) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.join(ctx, f, load)
}

// join is the flight that a Fetch is on. a.mu is held.
func (a *airspace) join(ctx context.Context, f *fetching, load loading) *flight {
	at := flightOf{spot{f.driver.inside(), f.key}, f.wholeOp()}
	alone := !canCompare(f.driver.inside()) // and so known to nobody else
	if !alone && a.of[at] != nil {
		return a.of[at]
	}
	around, _ := ctx.Value(flightKey{}).(*flight)
	p := &flight{at: at, refreshing: f.refresh, within: around, over: make(chan struct{})}
	if !alone {
		a.of[at] = p
	}
	inner, cancel := context.WithCancel(context.WithoutCancel(ctx))
	p.ended = cancel
	go p.fly(context.WithValue(inner, flightKey{}, p), f, load)
	return p
}

func (p *flight) fly(ctx context.Context, f *fetching, load loading) {
	defer p.ended()
	p.reply, p.err = f.loadOnce(ctx, p, load)
	flights.remove(p)
	close(p.over)
}

// wait is the outcome of a flight.
func (a *airspace) wait(ctx context.Context, f *fetching, load loading) (*drivers.Reply, error) {
	a.mu.Lock()
	p := a.join(ctx, f, load)
	for around, _ := ctx.Value(flightKey{}).(*flight); around != nil; around = around.within {
		if around == p {
			a.mu.Unlock()
			return nil, drivers.Errorf(ErrInvalid, "a load that waits for itself")
		}
	}
	p.waiting++
	a.mu.Unlock()
	select {
	case <-p.over:
		return p.reply, p.err
	case <-ctx.Done():
		a.leave(p)
		return nil, ctx.Err()
	}
}

// leave is for who waits no longer. With the last one a flight ends.
func (a *airspace) leave(p *flight) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if p.waiting--; p.waiting == 0 && !p.refreshing {
		a.removeLocked(p)
		p.ended()
	}
}

// abandon ends a refresh which somebody else is busy with, unless anybody has come to wait for it.
func (a *airspace) abandon(p *flight) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	if !p.refreshing || p.waiting > 0 {
		return false
	}
	a.removeLocked(p)
	return true
}

// forget lets nobody else join a flight.
func (a *airspace) forget(k keyRef) {
	if !canCompare(k.driver.inside()) {
		return
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	delete(a.of, flightOf{spot{k.driver.inside(), k.key}, k.wholeOp()})
}

func (a *airspace) remove(p *flight) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.removeLocked(p)
}

func (a *airspace) removeLocked(p *flight) {
	if a.of[p.at] == p {
		delete(a.of, p.at)
	}
}
