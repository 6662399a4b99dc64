package kv

import (
	"context"
	"time"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/dsl"
)

const separator = dsl.Separator

// NoTTL is the TTL of a value that stays for ever.
const NoTTL time.Duration = -1

// Field is what the handles of all values have in common: a place with its key,
// and the operations that do not depend on what is stored there. A handle is an
// immutable value, cheap to copy, and safe for any number of goroutines.
type Field struct {
	driver drivers.Driver
	node   *bound
	key    string
}

func newField(r ref) Field { return Field{r.driver, r.node, r.path()} }

func (f *Field) place(r ref) { *f = newField(r) }

// Path is the storage key.
func (f Field) Path() string { return f.key }

// Exists reports whether there is a value. One round trip (EXISTS).
func (f Field) Exists(ctx context.Context) (bool, error) {
	return f.yes(ctx, "Exists", drivers.Command{Op: drivers.OpExists})
}

// Erase removes the value and reports whether there was one. One round trip (UNLINK).
func (f Field) Erase(ctx context.Context) (bool, error) {
	return f.yes(ctx, "Erase", drivers.Command{Op: drivers.OpDelete})
}

// TTL is the time the value has left, to the millisecond; NoTTL if it stays for
// ever; ErrNotFound if there is none. One round trip (PTTL).
func (f Field) TTL(ctx context.Context) (time.Duration, error) {
	reply, err := f.ask(ctx, "TTL", drivers.OpTTL)
	switch {
	case err != nil:
		return 0, err
	case reply.Nil:
		return 0, f.fail("TTL", ErrNotFound)
	case reply.Int < 0:
		return NoTTL, nil
	}
	return time.Duration(reply.Int) * time.Millisecond, nil
}

// Expire lets the value end after d, rounded up to milliseconds, and reports
// whether there is one. A d that is not positive is ErrInvalid. One round trip (PEXPIRE).
func (f Field) Expire(ctx context.Context, d time.Duration) (bool, error) {
	return f.expire(ctx, "Expire", drivers.In(d))
}

// ExpireAt lets the value end at t, to the millisecond, and reports whether there
// is one. A moment in the past removes it. One round trip (PEXPIREAT).
func (f Field) ExpireAt(ctx context.Context, t time.Time) (bool, error) {
	return f.expire(ctx, "ExpireAt", drivers.At(t))
}

func (f Field) expire(ctx context.Context, op string, expiry drivers.Expiry) (bool, error) {
	return f.yes(ctx, op, drivers.Command{Op: drivers.OpExpire, Expiry: expiry})
}

// Persist lets the value stay for ever, and reports whether it had a TTL to lose.
// One round trip (PERSIST).
func (f Field) Persist(ctx context.Context) (bool, error) {
	return f.yes(ctx, "Persist", drivers.Command{Op: drivers.OpPersist})
}

// err is what the handle was given up for, or nil.
func (f Field) err() error {
	if f.node == nil {
		return errUnopened
	}
	return f.node.err
}

func (f Field) fail(op string, err error) error { return fail(op, f.key, err) }

// do executes a command on the field's key. Every operation ends here.
func (f Field) do(ctx context.Context, op string, cmd drivers.Command) (reply drivers.Reply, err error) {
	if err = f.err(); err != nil {
		return reply, err
	}
	f.address(&cmd)
	if reply, err = f.driver.Do(ctx, cmd); err != nil {
		return drivers.Reply{}, f.fail(op, err)
	}
	return reply, nil
}

// ask executes a read without arguments: do, but for a copy of the command, which is large.
func (f Field) ask(ctx context.Context, op string, read drivers.Op) (reply drivers.Reply, err error) {
	if err = f.err(); err != nil {
		return reply, err
	}
	if reply, err = f.driver.Do(ctx, drivers.Command{Op: read, Key: f.key, Pattern: f.node.pattern}); err != nil {
		return drivers.Reply{}, f.fail(op, err)
	}
	return reply, nil
}

// address gives a command the field's key, and the indexes a write of it has to keep.
func (f *Field) address(cmd *drivers.Command) {
	cmd.Key, cmd.Pattern = f.key, f.node.pattern
	if len(f.node.indexed) > 0 && cmd.Indexes == nil && cmd.Op.Effect() == drivers.Writes {
		cmd.Indexes = f.node.indexes(f.key)
	}
}

// yes executes a command that is answered with 1 or 0.
func (f Field) yes(ctx context.Context, op string, cmd drivers.Command) (bool, error) {
	reply, err := f.do(ctx, op, cmd)
	return reply.Int == 1, err
}

// count executes a command that is answered with a number of things.
func (f Field) count(ctx context.Context, op string, cmd drivers.Command) (int, error) {
	reply, err := f.do(ctx, op, cmd)
	return int(reply.Int), err
}

// beside reports a handle that cannot take part in an operation of f.
func (f Field) beside(op string, other Field) error {
	for _, handle := range []Field{f, other} {
		if err := handle.err(); err != nil {
			return err
		}
	}
	if !sameDriver(f.driver, other.driver) {
		return f.fail(op, errOtherDriver(other.key))
	}
	return nil
}

// keysBeside are the keys of handles that an operation of f takes together with it.
func (f Field) keysBeside(op string, others []Field) ([]string, error) {
	if err := f.err(); err != nil {
		return nil, err
	}
	keys := make([]string, len(others))
	for i, other := range others {
		if err := f.beside(op, other); err != nil {
			return nil, err
		}
		keys[i] = other.key
	}
	return keys, nil
}
