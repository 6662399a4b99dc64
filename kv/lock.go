package kv

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	mathrand "math/rand/v2"
	"time"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/dsl"
)

// ErrLockLost: the lock is no longer held: its lease has ended, or it was erased.
var ErrLockLost = errors.New("the lock is no longer held")

// LockedError says that another holds the lock. It is an ErrConditionFailed.
type LockedError struct {
	Left time.Duration // of the other's lease, which may be renewed or released before
}

// Error says for how long.
func (e *LockedError) Error() string {
	return fmt.Sprintf("another holds the lock for %v more", e.Left)
}

// Unwrap is ErrConditionFailed.
func (e *LockedError) Unwrap() error { return ErrConditionFailed }

// Lock declares a lock that is held for a lease, rounded up to milliseconds, unless it is
// renewed or released before. A lease of less than a millisecond is a mistake of the schema.
func Lock(lease time.Duration) Schema[LockField] {
	node := dsl.NewField(dsl.Lock).WithDetail(lease.String()).WithLease(lease)
	if lease < time.Millisecond {
		node = node.WithMistake("a lease of %v: it must be a millisecond at least", lease)
	}
	return newSchema(node, func(r ref) LockField { return LockField{newField(r), lease} })
}

// Lock adds a lock to the store.
func (s StaticSchema) Lock(key Key[LockField], lease time.Duration) StaticSchema {
	return s.Field(key, Lock(lease))
}

// LockField is the handle of a lock that programs on several machines share.
//
// What it promises is what one Redis can: no two hold the lock at the same time by the
// server's clock. It does not promise that whoever believes to hold it does: a process may
// stand still while its lease ends, and a failover to a replica that has not heard of the
// holder yet gives the lock away twice. (It is no Redlock, which does not promise it
// either.) Where that must do no harm, hand Held.Token to whatever the lock protects, and
// let that refuse a token smaller than one it has seen: every holding has a greater one
// than those before it. It is the server's clock in microseconds, or one more than the last:
// so it grows even after an Erase, an eviction or a failover that forgot the lock, as long as
// clocks go forward.
//
// The lock's key outlives the lease, for the sake of the token. A server whose
// maxmemory-policy is one for all keys may evict a lock that is held: another then gets it,
// and the holder is told ErrLockLost when it renews. Within Atomic a lock is errors.ErrUnsupported, and Copy and
// Export pass it by.
//
// In Redis: [HMGET], [HSET], [HINCRBY].
//
// [HMGET]: https://redis.io/docs/latest/commands/hmget/
// [HSET]: https://redis.io/docs/latest/commands/hset/
// [HINCRBY]: https://redis.io/docs/latest/commands/hincrby/
type LockField struct {
	Field
	lease time.Duration
}

// Held is one holding of a lock. It is safe for any number of goroutines.
type Held struct {
	lock  LockField
	owner string
	token int64
	since time.Time // before the lease began
}

// Token is the fencing token: greater than that of every holding before.
func (h Held) Token() int64 { return h.token }

// Owner is the random name that the holding is stored under.
func (h Held) Owner() string { return h.owner }

// TryAcquire takes the lock for its lease. A lock that another holds is a *LockedError,
// which is an ErrConditionFailed. After ErrIndeterminate it may be held, by nobody who
// knows, until the lease ends. One round trip (a script: HMGET, HINCRBY, HSET).
func (f LockField) TryAcquire(ctx context.Context) (Held, error) {
	return f.acquire(ctx, "TryAcquire", rand.Text())
}

func (f LockField) acquire(ctx context.Context, op, owner string) (Held, error) {
	since := time.Now()
	cmd := drivers.LockAcquire(owner, f.lease)
	reply, err := f.at.do(ctx, op, &cmd)
	switch {
	case err != nil:
		return Held{}, err
	case reply.Nil && len(reply.Ints) == 0: // somebody has written to it who should not
		return Held{}, f.at.fail(op, fmt.Errorf("%w: there is no greater token", ErrOverflow))
	case reply.Nil:
		return Held{}, f.at.fail(op, &LockedError{milliseconds(reply.Ints[0])})
	}
	return Held{f, owner, reply.Int, since}, nil
}

// The pause before the next try to acquire is drawn from the upper half of a limit that
// doubles from the first to the longest.
const (
	firstLockPause   = 5 * time.Millisecond
	longestLockPause = 200 * time.Millisecond
)

// Acquire takes the lock as soon as it is free, or fails with the context's error when
// that ends first. Those who wait are served in no order. See TryAcquire; one round trip
// a try, with pauses of up to 200 ms in between.
func (f LockField) Acquire(ctx context.Context) (Held, error) { return f.acquireWait(ctx, "Acquire") }

func (f LockField) acquireWait(ctx context.Context, op string) (Held, error) {
	owner, limit := rand.Text(), firstLockPause
	for {
		held, err := f.acquire(ctx, op, owner)
		var locked *LockedError
		if !errors.As(err, &locked) {
			return held, err
		}
		wait := limit/2 + mathrand.N(limit/2)
		if err := pause(ctx, min(wait, max(locked.Left, time.Millisecond))); err != nil {
			return Held{}, f.at.fail(op, err)
		}
		limit = min(2*limit, longestLockPause)
	}
}

// Holder reports who holds the lock, with which token and for how long; ErrNotFound if
// nobody does. One round trip (a script: HMGET).
func (f LockField) Holder(ctx context.Context) (Holder, error) {
	reply, err := f.at.ask(ctx, "Holder", drivers.OpLockHolder)
	switch {
	case err != nil:
		return Holder{}, err
	case reply.Nil:
		return Holder{}, f.at.fail("Holder", ErrNotFound)
	}
	return Holder{reply.Value, reply.Int, milliseconds(reply.Ints[0])}, nil
}

// Holder is who holds a lock.
type Holder struct {
	Owner string
	Token int64
	Left  time.Duration // of the lease
}

// Renew lets the lease begin anew. A lock that is no longer held is ErrLockLost, even if
// nobody else holds it. One round trip (a script: HMGET, HSET).
func (h Held) Renew(ctx context.Context) error {
	return h.own(ctx, "Renew", drivers.LockRenew(h.owner, h.lock.lease))
}

// Release gives the lock to whoever comes next. A lock that is no longer held is
// ErrLockLost. One round trip (a script: HMGET, HDEL).
func (h Held) Release(ctx context.Context) error {
	return h.own(ctx, "Release", drivers.LockRelease(h.owner))
}

// own executes a command that does something only if the lock is held.
func (h Held) own(ctx context.Context, op string, cmd drivers.Command) error {
	own, err := h.lock.at.doBool(ctx, op, &cmd)
	if err == nil && !own {
		err = h.lock.at.fail(op, ErrLockLost)
	}
	return err
}
