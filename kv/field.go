package kv

import (
	"context"
	"time"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/dsl"
)

// NoTTL is the TTL of a value that stays for ever.
const NoTTL time.Duration = -1

// Field is what the handles of all values have in common: a place with its key,
// and the operations that do not depend on what is stored there. A handle is an
// immutable value, cheap to copy, and safe for any number of goroutines.
//
// In Redis: [EXISTS], [UNLINK], [PTTL], [PEXPIRE], [PEXPIREAT], [PERSIST].
//
// [EXISTS]: https://redis.io/docs/latest/commands/exists/
// [UNLINK]: https://redis.io/docs/latest/commands/unlink/
// [PTTL]: https://redis.io/docs/latest/commands/pttl/
// [PEXPIRE]: https://redis.io/docs/latest/commands/pexpire/
// [PEXPIREAT]: https://redis.io/docs/latest/commands/pexpireat/
// [PERSIST]: https://redis.io/docs/latest/commands/persist/
type Field struct{ at keyRef }

func newField(r ref) Field { return Field{r.value()} }

// fieldSchema is the schema of handles that are a Field and nothing else, all of which are one to the compiler.
func fieldSchema[H ~struct{ Field }](node *dsl.Node, shared any) *schema[H] {
	return newSchemaOf(node, shared, func(r ref) H { return H(plainField{newField(r)}) })
}

// plainField is what such handles are. It has a name, as the compiler would make the methods of what has none anew
// for each handle.
type plainField struct{ Field }

// keyRefsOf are the places of such handles.
func keyRefsOf[H ~struct{ Field }](handles []H) []keyRef {
	places := make([]keyRef, len(handles))
	for i, handle := range handles {
		places[i] = plainField(handle).at
	}
	return places
}

// Like Store, Field is embedded in types that are made many times over, and the compiler
// repeats what is promoted for each: its methods are no more than calls of keyRef's.

// Path is the storage key.
func (f Field) Path() string { return f.at.key }

// Exists reports whether there is a value. One round trip (EXISTS).
func (f Field) Exists(ctx context.Context) (bool, error) {
	return f.at.askBool(ctx, "Exists", drivers.OpExists)
}

// Erase removes the value and reports whether there was one. One round trip (UNLINK).
func (f Field) Erase(ctx context.Context) (bool, error) {
	return f.at.change(ctx, "Erase", drivers.OpDelete)
}

// TTL is the time the value has left, to the millisecond; NoTTL if it stays for
// ever; ErrNotFound if there is none; the longest Duration if it is longer than that,
// 292 years. One round trip (PTTL).
func (f Field) TTL(ctx context.Context) (time.Duration, error) {
	return f.at.ttl(ctx)
}

// Expire lets the value end after d, rounded up to milliseconds, and reports
// whether there is one. A d that is not positive, or below a millisecond, is ErrInvalid.
// One round trip (PEXPIRE).
func (f Field) Expire(ctx context.Context, d time.Duration) (bool, error) {
	return f.at.expireIn(ctx, d)
}

// ExpireAt lets the value end at t, to the millisecond, and reports whether there
// is one. A moment in the past removes it; one that no driver counts to, in 146 million
// years, is ErrInvalid. One round trip (PEXPIREAT).
func (f Field) ExpireAt(ctx context.Context, t time.Time) (bool, error) {
	return f.at.expireAt(ctx, t)
}

// Persist lets the value stay for ever, and reports whether it had a TTL to lose.
// One round trip (PERSIST).
func (f Field) Persist(ctx context.Context) (bool, error) {
	return f.at.change(ctx, "Persist", drivers.OpPersist)
}

// What the methods of Field do.

// askBool executes a read without arguments that is answered with 1 or 0.
func (k *keyRef) askBool(ctx context.Context, op string, read drivers.Op) (bool, error) {
	reply, err := k.ask(ctx, op, read)
	return reply.Int == 1, err
}

// askInt executes a read without arguments that is answered with a number of things.
//
//go:noinline // into each of the many methods that are no more than this
func (k *keyRef) askInt(ctx context.Context, op string, read drivers.Op) (int, error) {
	reply, err := k.ask(ctx, op, read)
	return int(reply.Int), err
}

// change executes a write without arguments that is answered with 1 or 0.
func (k *keyRef) change(ctx context.Context, op string, write drivers.Op) (bool, error) {
	return k.doBool(ctx, op, &drivers.Command{Op: write})
}

func (k *keyRef) ttl(ctx context.Context) (time.Duration, error) {
	reply, err := k.ask(ctx, "TTL", drivers.OpTTL)
	switch {
	case err != nil:
		return 0, err
	case reply.Nil:
		return 0, k.fail("TTL", ErrNotFound)
	case reply.Int < 0:
		return NoTTL, nil
	}
	return milliseconds(reply.Int), nil
}

func (k *keyRef) expireIn(ctx context.Context, d time.Duration) (bool, error) {
	return k.expire(ctx, "Expire", drivers.In(d))
}

func (k *keyRef) expireAt(ctx context.Context, t time.Time) (bool, error) {
	return k.expire(ctx, "ExpireAt", drivers.At(t))
}
