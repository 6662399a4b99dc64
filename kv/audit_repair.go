package kv

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/kvstore-go/kvstore/drivers"
)

// repairTries bounds how often a repair is made anew because somebody wrote meanwhile.
const repairTries = 8

// guarded executes what decide wants to be done about a key, in one step, provided that the key is
// still what decide has seen.
func (a *auditing) guarded(ctx context.Context, key string, decide func(tx drivers.Transaction) ([]drivers.Command, error)) error {
	if err := a.root.driver.admit(ctx); err != nil {
		return err
	}
	var err error
	for range repairTries {
		err = drivers.Watch(ctx, a.root.driver.inside(), []string{key}, func(tx drivers.Transaction) error {
			commands, err := decide(tx)
			if err != nil || len(commands) == 0 {
				return err
			}
			batch := drivers.NewBatch(commands...)
			for i := range batch.Items {
				batch.Items[i].Command.Pattern = a.root.node.pattern
			}
			return commit(ctx, tx, batch)
		})
		if !errors.Is(err, ErrConflict) {
			return err
		}
	}
	return err
}

// ask reads a key that is watched.
func (a *auditing) ask(ctx context.Context, tx drivers.Driver, key string, cmd drivers.Command) (drivers.Reply, error) {
	cmd.Key, cmd.Pattern = key, a.root.node.pattern
	return tx.Do(ctx, cmd)
}

// erasing is the commands that erase a declared key, which nothing more is to be said of then.
func erasing(v *visit) []drivers.Command {
	v.erased = true
	return []drivers.Command{v.addressed(drivers.Command{Op: drivers.OpDelete})}
}

// erase erases a key that nothing declares, whatever it holds.
func (a *auditing) erase(ctx context.Context, key string) error {
	_, err := a.ask(ctx, a.root.driver, key, drivers.Command{Op: drivers.OpDelete})
	return err
}

// eraseWrongType erases a key as long as it holds another type than is declared.
func (a *auditing) eraseWrongType(ctx context.Context, v *visit) error {
	return a.guarded(ctx, v.key, func(tx drivers.Transaction) ([]drivers.Command, error) {
		_, err := a.ask(ctx, tx, v.key, v.how.read)
		if errors.Is(err, ErrWrongType) {
			return erasing(v), nil
		}
		return nil, err
	})
}

// eraseCorrupt erases a value as long as it does not fit.
func (a *auditing) eraseCorrupt(ctx context.Context, v *visit) error {
	how := v.how
	return a.guarded(ctx, v.key, func(tx drivers.Transaction) ([]drivers.Command, error) {
		exists, err := a.ask(ctx, tx, v.key, drivers.Command{Op: drivers.OpExists})
		if err != nil || exists.Int == 0 {
			return nil, err
		}
		reply, err := a.ask(ctx, tx, v.key, how.read)
		if err == nil && how.whole != nil {
			_, _, err = how.whole(reply)
		}
		switch {
		case err == nil:
			return nil, nil
		case errors.Is(err, ErrInvalid):
			return erasing(v), nil
		}
		return nil, err
	})
}

// remove takes an element out of a collection as long as it is what was judged.
func (a *auditing) remove(ctx context.Context, v *visit, found audited) error {
	found.remove = v.addressed(found.remove)
	if found.check.Op == drivers.OpInvalid {
		_, err := a.ask(ctx, a.root.driver, v.key, found.remove)
		return err
	}
	return a.guarded(ctx, v.key, func(tx drivers.Transaction) ([]drivers.Command, error) {
		reply, err := a.ask(ctx, tx, v.key, found.check)
		if err != nil || !found.unchanged(reply) {
			return nil, err
		}
		return []drivers.Command{found.remove}, nil
	})
}

// startTTL gives a key the time to live of the schema as long as it has none.
func (a *auditing) startTTL(ctx context.Context, v *visit) error {
	return a.guarded(ctx, v.key, func(tx drivers.Transaction) ([]drivers.Command, error) {
		ttl, err := a.ask(ctx, tx, v.key, drivers.Command{Op: drivers.OpTTL})
		if err != nil || ttl.Nil || ttl.Int >= 0 {
			return nil, err
		}
		return []drivers.Command{v.addressed(drivers.Command{Op: drivers.OpExpire, Expiry: v.node.expiry})}, nil
	})
}

// rename moves the value of a key to where Take looks for it. It is there before it leaves its old key, so
// that whoever repeats it finishes what was cut off.
func (a *auditing) rename(ctx context.Context, from string, to ref) error {
	return a.guarded(ctx, from, func(tx drivers.Transaction) ([]drivers.Command, error) {
		rec, exists, err := a.wholeOf(ctx, tx, from, to)
		if err != nil || !exists {
			return nil, err
		}
		if err := a.putAt(ctx, to, rec); err != nil {
			return nil, err
		}
		return []drivers.Command{{Op: drivers.OpDelete, Key: from}}, nil
	})
}

// putAt stores a record where it belongs, unless something else is there.
func (a *auditing) putAt(ctx context.Context, to ref, rec record) error {
	commands, err := a.root.storing(rec)
	if err != nil {
		return err
	}
	return a.guarded(ctx, to.path(), func(tx drivers.Transaction) ([]drivers.Command, error) {
		there, exists, err := a.wholeOf(ctx, tx, to.path(), to)
		switch {
		case err != nil:
			return nil, fmt.Errorf("%s: %w", to.path(), err)
		case !exists:
			return commands, nil
		case rec.digest() != there.digest():
			return nil, fmt.Errorf("%w: %s holds something else", ErrConditionFailed, to.path())
		}
		return nil, nil
	})
}

// wholeOf is all of the value of a key, read as one of the node of to.
func (a *auditing) wholeOf(ctx context.Context, tx drivers.Driver, key string, to ref) (rec record, exists bool, err error) {
	kind := to.node.kind()
	how := transferOf(kind)
	if !how.exists() {
		return rec, false, drivers.Errorf(ErrInvalid, "a %v cannot be moved", kind)
	}
	rec = record{segments: a.root.segmentsOf(to.path()), kind: kind}
	ttl, err := a.ask(ctx, tx, key, drivers.Command{Op: drivers.OpTTL})
	if err != nil || ttl.Nil {
		return rec, false, err
	}
	rec.ends = endOf(ttl, time.Now().UnixMilli())
	read := how.read
	read.Key, read.Pattern = key, to.node.pattern
	for reply, err := range how.replies(ctx, tx, read) {
		if err != nil {
			return rec, false, err
		}
		rec.values = append(rec.values, how.parts(reply)...)
	}
	return rec, true, nil
}
