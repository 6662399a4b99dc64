package memory

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/kvstore-go/kvstore/drivers"
)

// waiter is a command that waits until one of its keys has something to answer with.
type waiter struct {
	h      *handler
	cmd    drivers.Command
	keys   []string          // each of which it is queued for
	tried  map[string]uint64 // the version of each at which it was tried last
	served chan struct{}     // closed once reply and err are there
	reply  drivers.Reply
	err    error
}

// queue is those who wait for a key, in the order in which they came.
type queue struct {
	version uint64 // counts the changes of the key since somebody waits
	waiters []*waiter
}

// wake notes a change of a key that somebody waits for. Whoever unlocks the shard serves it.
func (s *shard) wake(key string) {
	if q := s.waiting[key]; q != nil {
		q.version++
		s.ready = append(s.ready, key)
	}
}

// unlock ends a write, and serves those who wait for what it changed.
func (d *Driver) unlock(s *shard) {
	if s.ready == nil {
		s.unlock()
		return
	}
	ready := s.takeReady()
	s.unlock()
	d.serve(ready)
}

// takeReady is the keys to be served, each once.
func (s *shard) takeReady() []string {
	if s.ready == nil {
		return nil
	}
	ready := s.ready
	s.ready = nil
	slices.Sort(ready)
	return slices.Compact(ready)
}

// serve tries the commands that wait for keys. It runs on the goroutine that has changed
// them, before that goes on: after a push nobody is left waiting for the element. What
// the commands themselves change is served, too.
func (d *Driver) serve(keys []string) {
	for _, key := range keys {
		locks, s := d.lockWaiters(key), d.shardOf(key)
		if q := s.waiting[key]; q != nil {
			ks := d.keyspace(true, true)
			for _, w := range slices.Clone(q.waiters) {
				if w.try(ks, key, q.version) {
					d.dequeue(w)
				}
			}
		}
		d.unlockAll(locks)
	}
}

// try executes a waiting command if a key has changed since it was tried last, and
// reports whether that ended the wait: also a value of another type does.
func (w *waiter) try(ks keyspace, key string, version uint64) bool {
	if w.tried[key] == version {
		return false
	}
	w.tried[key] = version
	w.reply, w.err = ks.run(w.h, &w.cmd)
	if w.err == nil && !drivers.Answers(w.cmd, w.reply) {
		return false
	}
	close(w.served)
	return true
}

// lockWaiters locks the shards of a key and of all that those who wait for it need: who
// they are can be seen only once the first is locked.
func (d *Driver) lockWaiters(key string) shardSet {
	var locks shardSet
	locks.add(shardNumber(key))
	for {
		locked := locks
		d.lockSet(locked)
		if q := d.shardOf(key).waiting[key]; q != nil {
			for _, w := range q.waiters {
				d.addKeys(&locks, w.h, w.cmd)
				if claims(&w.cmd) {
					locks = allShards()
				}
			}
		}
		if locks == locked {
			return locks
		}
		d.unlockAll(locked)
	}
}

// Block executes cmd as soon as there is something to answer with. It is served by
// whoever makes it so, in the order in which the waiting came.
func (d *Driver) Block(ctx context.Context, cmd drivers.Command) (drivers.Reply, error) {
	if err := d.ready(ctx); err != nil {
		return drivers.Reply{}, err
	}
	h, err := handlerOf(&cmd)
	if err != nil {
		return drivers.Reply{}, err
	}
	if !cmd.Op.Waits() {
		return drivers.Reply{}, fmt.Errorf("memory: waiting for %v: %w", cmd.Op, errors.ErrUnsupported)
	}
	w := d.enqueue(h, cmd)
	select {
	case <-w.served:
		return w.reply, w.err
	case <-ctx.Done():
		return d.leave(w, ctx.Err())
	case <-d.closing:
		return d.leave(w, drivers.ErrClosed)
	}
}

// enqueue makes cmd wait behind those who came before, and tries it at once.
func (d *Driver) enqueue(h *handler, cmd drivers.Command) *waiter {
	w := &waiter{h: h, cmd: cmd, keys: cmd.Awaited(), tried: map[string]uint64{}, served: make(chan struct{})}
	locks := d.lockAwaited(w)
	for _, key := range w.keys {
		s := d.shardOf(key)
		if s.waiting == nil {
			s.waiting = map[string]*queue{}
		}
		q := s.waiting[key]
		if q == nil {
			q = &queue{version: 1}
			s.waiting[key] = q
		}
		q.waiters = append(q.waiters, w)
	}
	d.unlockAll(locks)
	d.serve(w.keys)
	return w
}

// lockAwaited locks the shards of all keys that w waits for.
func (d *Driver) lockAwaited(w *waiter) (locks shardSet) {
	for _, key := range w.keys {
		locks.add(shardNumber(key))
	}
	d.lockSet(locks)
	return locks
}

// leave ends a wait with err, unless it was served before the queue could be left.
func (d *Driver) leave(w *waiter, err error) (drivers.Reply, error) {
	locks := d.lockAwaited(w)
	defer d.unlockAll(locks)
	select {
	case <-w.served:
		return w.reply, w.err
	default:
	}
	d.dequeue(w)
	return drivers.Reply{}, err
}

// dequeue takes a waiter, whose keys are locked, out of all queues, and forgets those in which
// nobody waits any more.
func (d *Driver) dequeue(w *waiter) {
	for _, key := range w.keys {
		s := d.shardOf(key)
		q := s.waiting[key]
		q.waiters = slices.DeleteFunc(q.waiters, func(other *waiter) bool { return other == w })
		if len(q.waiters) == 0 {
			delete(s.waiting, key)
		}
	}
}
