package kv

import (
	"context"
	"crypto/rand"
	"errors"
	mathrand "math/rand/v2"
	"strings"
	"time"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/dsl"
)

// Programs agree on who loads by a key beside that of the value, in its slot: a string, which is the name of
// who has the lease, until that is over, or says that there is no value. Who has the lease stores what it has loaded in one step with
// giving it back, if it has it still and nobody else has written meanwhile: so whoever removes that key, as
// Forget does, keeps from being stored what was loaded before.

const (
	// fetchLease is for how long a load is another's to wait for if its program has died.
	fetchLease = 3 * time.Second
	// refreshPause is for how long nobody tries again to refresh what could not be.
	refreshPause = time.Second
	// noValue is in place of a lease where it is known that there is no value. No lease is called so.
	noValue = "none"

	firstFetchPause   = 10 * time.Millisecond
	longestFetchPause = 100 * time.Millisecond
)

// errLeaseLost says that another may load, or has.
var errLeaseLost = errors.New("the lease of a load is lost")

// beside is a command on the key of the lease.
func (k *keyRef) beside(cmd drivers.Command) drivers.Command {
	cmd.Key, cmd.Pattern = fetchKey(k.key), k.node.pattern
	return cmd
}

func (k *keyRef) besideDelete() drivers.Command {
	return k.beside(drivers.Command{Op: drivers.OpDelete})
}

// fetchKey is the key beside another, where no listing meets it.
func fetchKey(key string) string {
	if strings.ContainsRune(key, '{') { // the hash tag
		return fetchSegment + dsl.Separator + key
	}
	return fetchSegment + dsl.Separator + dsl.Separator + "{" + key + "}"
}

// fetchSegment is the first segment of such keys; no key of a store is written like this.
const fetchSegment = "%fetch"

// loadOnce is the value of a flight: that which another program loads, or its own.
func (f *fetching) loadOnce(ctx context.Context, p *flight, load loading) (*drivers.Reply, error) {
	owner := rand.Text()
	for limit := firstFetchPause; ; limit = min(2*limit, longestFetchPause) {
		since := time.Now()
		items, err := f.acquire(ctx, owner)
		if err != nil {
			return nil, err
		}
		lease, there := items[0].Reply, items[2].Reply
		mine := lease.Nil || lease.Value == owner
		switch {
		case f.holds(there) && (!p.refreshing || millisLeft(items[3].Reply) > f.left):
			if mine { // else it ends by itself
				f.settle(ctx, owner, there, f.besideDelete())
			}
			return &there, nil
		case mine:
			return f.loadWith(ctx, owner, since, there, load)
		case lease.Value == noValue && !f.holds(there):
			return nil, ErrNotFound
		}
		wait := limit/2 + mathrand.N(limit/2)
		left := milliseconds(max(millisLeft(items[1].Reply), 1))
		if err := pause(ctx, min(wait, left)); err != nil {
			return nil, err
		}
		if flights.abandon(p) {
			return nil, nil
		}
	}
}

// acquire takes the lease if it is free, and reads what is there then: who had it may have stored a value.
func (f *fetching) acquire(ctx context.Context, owner string) ([]drivers.Item, error) {
	batch := drivers.NewBatch(
		f.beside(drivers.Command{Op: drivers.OpSwap, Value: owner, If: drivers.IfAbsent, Expiry: drivers.In(fetchLease)}),
		f.beside(drivers.Command{Op: drivers.OpTTL}),
		f.addressed(drivers.Command{Op: f.wholeOp()}), f.addressed(drivers.Command{Op: drivers.OpTTL}))
	return batch.Items, execute(ctx, f.driver, batch)
}

// loadWith loads, and stores the value in place of what was there.
func (f *fetching) loadWith(ctx context.Context, owner string, since time.Time, was drivers.Reply, load loading) (*drivers.Reply, error) {
	cmd, err := f.call(ctx, owner, since, load)
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), fetchLease) // what was loaded is worth storing
	defer cancel()
	if err != nil {
		now := f.settle(ctx, owner, was, f.afterFailure(was, err)...)
		if now.other && f.holds(now.there) {
			return &now.there, nil
		}
		return nil, err
	}
	f.address(&cmd)
	cmd.Expiry = f.settings.expiry(f.node.expiry)
	now := f.settle(ctx, owner, was, cmd, f.besideDelete())
	switch {
	case now.err != nil:
		err = drivers.Join(ErrNotStored, declaredDuplicate(now.err))
	case now.other && f.holds(now.there):
		return &now.there, nil
	}
	return &drivers.Reply{Value: cmd.Value, Values: cmd.Values}, err
}

// afterFailure is what follows of a load that has returned an error instead of what takes the place of was.
func (f *fetching) afterFailure(was drivers.Reply, err error) (commands []drivers.Command) {
	there := f.holds(was)
	switch {
	case errors.Is(err, ErrNotFound):
		if there {
			commands = append(commands, f.addressed(drivers.Command{Op: drivers.OpDelete}))
		}
		if f.settings.none > 0 {
			return append(commands, f.beside(drivers.Command{Op: drivers.OpSet, Value: noValue, Expiry: drivers.In(f.settings.none)}))
		}
	case there:
		if f.stale && f.settings.keepStale {
			commands = append(commands, f.addressed(drivers.Command{Op: drivers.OpExpire, Expiry: f.settings.whileFailing(f.node.node.TTL())}))
		}
		return append(commands, f.beside(drivers.Command{Op: drivers.OpExpire, Expiry: drivers.In(refreshPause)}))
	}
	return append(commands, f.besideDelete())
}

// settled is what became of commands at the end of a load.
type settled struct {
	other bool          // somebody else has written, or has the lease: they were not executed
	there drivers.Reply // the value that was there
	err   error
}

// settle executes commands in one step if the lease is still the owner's and the value what it was. Two round trips
// (WATCH, MULTI).
func (f *fetching) settle(ctx context.Context, owner string, was drivers.Reply, commands ...drivers.Command) (now settled) {
	_ = optimistically(ctx, func(*turn) (done bool, _ error) { // who gives up keeps the error of the last try
		now = f.settleOnce(ctx, owner, was, commands)
		return !errors.Is(now.err, ErrConflict) && !errors.Is(now.err, ErrInterrupted), nil
	})
	return now
}

func (f *fetching) settleOnce(ctx context.Context, owner string, was drivers.Reply, commands []drivers.Command) (now settled) {
	tx, err := drivers.Begin(ctx, f.driver.inside(), f.key)
	if err != nil {
		return settled{err: err}
	}
	defer tx.End()
	reads := drivers.NewBatch(f.beside(drivers.Command{Op: drivers.OpGet}), f.addressed(drivers.Command{Op: f.wholeOp()}))
	if now.err = execute(ctx, tx, reads); now.err != nil {
		return now
	}
	lease := reads.Items[0].Reply
	now.there = reads.Items[1].Reply
	switch now.other = !f.same(was, now.there); {
	case lease.Nil || lease.Value != owner:
		now.other = true
		return now
	case now.other:
		commands = []drivers.Command{f.besideDelete()}
	}
	now.err = commit(ctx, tx, drivers.NewBatch(commands...))
	return now
}
