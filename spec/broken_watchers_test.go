package spec_test

import (
	"context"

	"github.com/kvstore-go/kvstore/drivers"
)

func brokenWatchers() []brokenDriver {
	watching := func(wrap func(tx drivers.Transaction, d able) drivers.Transaction) func(drivers.Driver) drivers.Driver {
		return func(d drivers.Driver) drivers.Driver { return watcher{d.(able), wrap} }
	}
	return []brokenDriver{
		{"never sees a conflict", `^watching is ErrConflict, and applies nothing, where somebody wrote the key`, watching(
			func(_ drivers.Transaction, d able) drivers.Transaction { return blind{d} })},
		{"watches the first key only", `^watching is ErrConflict for a change of any of its keys`, watching(
			func(tx drivers.Transaction, _ able) drivers.Transaction { return shortSighted{tx} })},
		{"does not watch what it reads", `^a transaction watches what it reads: GET`, watching(
			func(tx drivers.Transaction, d able) drivers.Transaction { return unwatchedReads{tx, d} })},
		{"watches the first key of a read only", `^a transaction watches what it reads: SUNION`, watching(
			func(tx drivers.Transaction, d able) drivers.Transaction { return firstKeyReads{unwatchedReads{tx, d}} })},
		{"goes on after the end of a transaction", `^a transaction that is ended can do nothing more`, watching(
			func(tx drivers.Transaction, _ able) drivers.Transaction { return endless{tx} })},
	}
}

type watcher struct {
	able
	wrap func(tx drivers.Transaction, d able) drivers.Transaction
}

func (d watcher) Begin(ctx context.Context, key string) (drivers.Transaction, error) {
	tx, err := d.able.Begin(ctx, key)
	if err != nil {
		return nil, err
	}
	return d.wrap(tx, d.able), nil
}

// blind is a transaction that watches nothing.
type blind struct{ able }

func (blind) Watch(context.Context, ...string) error { return nil }
func (blind) End()                                   {}

// shortSighted is a transaction that watches the first of several keys.
type shortSighted struct{ drivers.Transaction }

func (tx shortSighted) Watch(ctx context.Context, keys ...string) error {
	return tx.Transaction.Watch(ctx, keys[:1]...)
}

// unwatchedReads is a transaction that watches what it is told to alone.
type unwatchedReads struct {
	drivers.Transaction
	outside able
}

func (tx unwatchedReads) Do(ctx context.Context, cmd drivers.Command) (drivers.Reply, error) {
	return tx.outside.Do(ctx, cmd)
}

// firstKeyReads watches cmd.Key, and forgets cmd.Keys.
type firstKeyReads struct{ unwatchedReads }

func (tx firstKeyReads) Do(ctx context.Context, cmd drivers.Command) (drivers.Reply, error) {
	if err := tx.Watch(ctx, cmd.Key); err != nil {
		return drivers.Reply{}, err
	}
	return tx.unwatchedReads.Do(ctx, cmd)
}

// endless is a transaction that does not end.
type endless struct{ drivers.Transaction }

func (endless) End() {}
