package kv

import (
	"context"
	"crypto/rand"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/samber/lo"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/dsl"
)

// Move carries all values below a store, or a single field, over to another place of the same schema, with their
// TTLs, and removes them from the old place: for a field that is renamed, or that gets another place in the schema.
// From and to are any two handles of one type: stores, fields, or views that embed their store, also on two drivers.
// Move returns how many values it moved, and how many keys and values stayed where they were.
//
// Each value is first written to the new place, as a whole and with its index entries, and then removed from the old
// one, in a transaction that holds only if nobody has changed it since it was read; otherwise it is carried over
// anew. So at any moment a value is at one of the two places, or for a short time at both, and what others write at
// the old place meanwhile is not lost. What they erase there in that short time may stay at the new place. If Move is
// cut off anywhere, repeating it within a week finishes it, and also carries over what others have written at the old
// place since.
//
// What the new place holds already is never lost. If it is equal to the value, the value is removed from the old
// place. If it is a copy that an earlier Move made, and nobody has changed it since, it is replaced. Anything else is
// ErrConditionFailed: both stay, until whoever knows which of them counts erases the other. As with Copy, keys that
// are not declared, and values that do not fit the schema or a unique index of the new place, stay as well. A stream
// that has groups stays too, and so does a map with fields that expire by themselves. The first of all these ends
// Move, unless OnRefused is told of it. Locks and limiters stay, as OnRefused says.
//
// If one place holds the other, or both are one place on two drivers, it is ErrInvalid. It needs a driver with
// transactions, else it is errors.ErrUnsupported. Each value is in memory as a whole while it moves.
//
// It takes a scan below dynamic stores, and five round trips for 256 values: WATCH with the reads, a mark that a copy
// is a copy, the copies, MULTI with UNLINK and EXEC, the marks again. In a cluster, values of different slots have
// four of these each for their own. A value that others write meanwhile, a stream, and a value whose new place holds
// something take as many for themselves, and a few more.
func Move[S any](ctx context.Context, from, to S, options ...SubtreeOption) (Transferred, error) {
	source, target, err := placesOf("Move", from, to)
	if err != nil {
		return Transferred{}, err
	}
	m := &mover{subtree: newSubtree(options), from: source, to: target}
	err = m.move(ctx)
	return m.transferred(0), err
}

// mover is a Move under way.
type mover struct {
	*subtree
	from, to ref
	marks    []string // to be taken away
}

func (m *mover) move(ctx context.Context) error {
	if err := m.apart(ctx); err != nil {
		return m.from.fail("Move", err)
	}
	err := m.from.pages(ctx, "Move", m.subtree, readPage, func(page []place) error {
		if err := m.page(ctx, page); err != nil {
			return err
		}
		return m.unmark(ctx)
	})
	if err == nil {
		err = m.from.unregister(ctx, "Move")
	}
	return err
}

// apart reports places that are one, seen through two drivers: there would be nothing left.
func (m *mover) apart(ctx context.Context) error {
	if err := m.from.driver.admit(ctx); err != nil {
		return err
	}
	to, from := m.to.path()+separator, m.from.path()+separator
	if m.from.driver.same(m.to.driver) || !strings.HasPrefix(to, from) && !strings.HasPrefix(from, to) {
		return nil
	}
	token := rand.Text()
	probe := m.mark(m.to.path(), token)
	probe.Expiry = drivers.In(time.Minute)
	if _, err := m.to.driver.Do(ctx, probe); err != nil {
		return err
	}
	probe.Op, probe.Value = drivers.OpSIsMember, token
	seen, err := m.from.driver.Do(ctx, probe)
	if err != nil {
		return err
	}
	if seen.Int == 1 {
		err = drivers.Errorf(ErrInvalid, "to where %s lies already", m.from.path())
	}
	_, gone := m.to.driver.Do(ctx, drivers.Command{Op: drivers.OpSRem, Key: probe.Key, Pattern: probe.Pattern, Values: []string{token}})
	return errors.Join(err, gone)
}

// page moves the values at places: those of one slot together, unless others get in between.
func (m *mover) page(ctx context.Context, places []place) error {
	changed, err := m.try(ctx, places)
	switch {
	case errors.Is(err, ErrCrossSlot) && len(places) > 1:
		for _, inSlot := range lo.PartitionBy(places, place.hashed) {
			if err := m.page(ctx, inSlot); err != nil {
				return err
			}
		}
		return nil
	case changed, errors.Is(err, ErrInterrupted):
		for _, p := range places {
			if err := m.insist(ctx, p); err != nil {
				return err
			}
		}
		return nil
	}
	return err
}

// hashed is what of the key a cluster chooses its slot by.
func (p place) hashed() string {
	_, rest, _ := strings.Cut(p.key, "{")
	if tag, _, ok := strings.Cut(rest, "}"); ok && tag != "" {
		return tag
	}
	return p.key
}

// insist moves a value that others are changing.
func (m *mover) insist(ctx context.Context, p place) error {
	err := m.patiently(ctx, m.from, p.key, func() (bool, error) {
		changed, err := m.try(ctx, []place{p})
		return !changed, err
	})
	if err != nil {
		return fail("Move", p.key, err)
	}
	return nil
}

// patiently tries to change a value that others change as well, or whose server is replaced.
func (m *mover) patiently(ctx context.Context, at ref, key string, try func() (done bool, err error)) error {
	patience := drivers.Patience()
	return optimistically(ctx, func(turn *turn) (bool, error) {
		if err := turn.await(ctx, at.driver.inside(), false, key); err != nil {
			return false, err
		}
		done, err := try()
		if errors.Is(err, ErrInterrupted) && patience.Wait(ctx) {
			return false, nil
		}
		return done, err
	})
}

// refusal is a value, or a key, that is left out.
type refusal struct {
	path string
	err  error
}

// refusals collects what is refused in a try, which is told of when that has succeeded.
func refusals() (*[]refusal, *subtree) {
	all := new([]refusal)
	return all, &subtree{whole: true, refused: func(path string, err error) { *all = append(*all, refusal{path, err}) }}
}

// tell tells of what was refused. What stays by its nature ends nothing, but for a value that should have gone.
func (m *mover) tell(refused []refusal) error {
	for _, r := range refused {
		if errors.Is(r.err, errStaying) && !errors.Is(r.err, errNotWhole) {
			m.leave(r.path, r.err)
		} else if err := m.refuse(r.path, r.err); err != nil {
			return err
		}
	}
	return nil
}

// try moves the values at places, in one slot, unless somebody has changed one of them meanwhile:
// then all of them are where they were, and some at the new place as well.
func (m *mover) try(ctx context.Context, places []place) (changed bool, err error) {
	tx, err := drivers.Begin(ctx, m.from.driver.inside(), places[0].key)
	if err != nil {
		return false, m.from.fail("Move", err)
	}
	defer tx.End()
	source := m.from.within(tx)
	refused, s := refusals()
	values, err := source.values(ctx, places, s)
	if err != nil {
		return false, err
	}
	written, err := m.write(ctx, values, s)
	if err == nil {
		err = remove(ctx, source, written)
	}
	switch {
	case errors.Is(err, drivers.ErrConflict):
		return true, nil
	case err != nil:
		return false, err
	}
	for _, value := range written {
		m.marks = append(m.marks, markKey(value.commands[0].Key))
	}
	if len(written) > 0 {
		m.advance(len(written))
	}
	return false, m.tell(*refused)
}

// values are the values at places, as a whole.
func (r ref) values(ctx context.Context, places []place, s *subtree) (values []record, err error) {
	err = r.records(ctx, "Move", places, s, func(rec record) error {
		if rec.more {
			last := &values[len(values)-1]
			last.values = append(last.values, rec.values...)
			return nil
		}
		values = append(values, rec)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return r.withoutFieldsThatExpire(ctx, values, s)
}

// withoutFieldsThatExpire refuses maps of which a field expires by itself, which no copy would.
func (r ref) withoutFieldsThatExpire(ctx context.Context, values []record, s *subtree) (kept []record, err error) {
	batch := drivers.NewBatch()
	for _, value := range values {
		if value.kind == dsl.Map {
			fields := lo.FilterMap(value.values, func(field string, i int) (string, bool) { return field, i%2 == 0 })
			batch.Add(value.at.addressed(drivers.Command{Op: drivers.OpHTTL, Values: fields}))
		}
	}
	switch path, err := r.run(ctx, batch); {
	case errors.Is(err, errors.ErrUnsupported): // so no field can expire
		return values, nil
	case err != nil:
		return nil, fail("Move", path, err)
	}
	items := batch.Items
	for _, value := range values {
		if value.kind == dsl.Map {
			lifetimes := items[0]
			items = items[1:]
			if slices.ContainsFunc(lifetimes.Reply.Ints, func(left int64) bool { return left >= 0 }) {
				s.leave(value.at.key, fail("Move", value.at.key, errNotWhole))
				continue
			}
		}
		kept = append(kept, value)
	}
	return kept, nil
}

// remove takes values away, all of them or none, in the transaction of source. It is ErrConflict if one was changed since it was read.
func remove(ctx context.Context, source ref, values []copied) error {
	batch := &drivers.Batch{Atomic: true}
	for _, value := range values {
		batch.Add(value.at.addressed(drivers.Command{Op: drivers.OpDelete}))
	}
	return source.runBatch(ctx, "Move", batch)
}
