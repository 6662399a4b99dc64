package kv

import (
	"cmp"
	"context"
	"reflect"

	"github.com/kvstore-go/kvstore/drivers"
)

// documentPage is documents that are read, or swapped, while something else is done.
type documentPage struct {
	places []place
	batch  *drivers.Batch // a command for each
	err    error
	done   chan struct{}
}

// begin executes the commands of a page, if there are any. One round trip.
func (p *documentPage) begin(ctx context.Context, at ref) *documentPage {
	p.done = make(chan struct{})
	if len(p.batch.Items) == 0 {
		close(p.done)
		return p
	}
	go func() {
		defer close(p.done)
		p.err = at.driver.DoBatch(ctx, p.batch)
	}()
	return p
}

func (p *documentPage) wait() {
	if p != nil {
		<-p.done
	}
}

func readDocuments(ctx context.Context, at ref, places []place) *documentPage {
	p := &documentPage{places: places, batch: drivers.NewBatch()}
	for _, place := range places {
		p.batch.Add(place.addressed(drivers.Command{Op: drivers.OpGet}))
	}
	return p.begin(ctx, at)
}

// documents goes on with a page that is being read, and with those before it: while the store reads one
// page and swaps another, a third is renewed.
func (m *migration) documents(ctx context.Context, at ref, page []place) error {
	read, swapped := m.reading, m.swapping
	m.reading, m.swapping = readDocuments(ctx, at, page), nil
	var failed error
	if read != nil {
		swaps, err := m.renew(ctx, read)
		if failed = err; err == nil {
			m.swapping = swaps.begin(ctx, at)
		}
	}
	if swapped != nil {
		changed, err := m.swapped(swapped)
		if failed = cmp.Or(failed, err); failed == nil && len(changed) > 0 {
			failed = m.insist(ctx, at, changed)
		}
	}
	if failed != nil {
		return at.fail("Migrate", failed)
	}
	return nil
}

// lastDocuments goes on with the last page, and ends with all that were before it.
func (m *migration) lastDocuments(ctx context.Context, at ref, page []place) error {
	for range 3 { // read, renewed, swapped
		if err := m.documents(ctx, at, page); err != nil {
			return err
		}
		page = nil
	}
	return nil
}

// end waits for what an error has left under way.
func (m *migration) end() {
	m.reading.wait()
	m.swapping.wait()
}

// insist migrates documents that others change meanwhile.
func (m *migration) insist(ctx context.Context, at ref, places []place) error {
	return at.value().optimistically(ctx, func() (done bool, err error) {
		swaps, err := m.renew(ctx, readDocuments(ctx, at, places))
		if err == nil {
			places, err = m.swapped(swaps.begin(ctx, at))
		}
		return len(places) == 0, err
	})
}

// renew makes the commands that swap those of the documents read that have an older form. The others are counted.
func (m *migration) renew(ctx context.Context, page *documentPage) (swaps *documentPage, err error) {
	if page.wait(); page.err != nil {
		return nil, page.err
	}
	swaps = &documentPage{batch: drivers.NewBatch()}
	for i, p := range page.places {
		reply, err := page.batch.Items[i].Reply, page.batch.Items[i].Err
		if err == nil && reply.Nil {
			continue // it is not there, or ended meanwhile
		}
		var next content
		var older reflect.Type
		if err == nil {
			next, older, err = p.node.shared.(*document).renew(reply.Value)
		}
		switch {
		case err != nil:
			if err := m.refused(p.key, err); err != nil {
				return nil, err
			}
		case older == nil:
			m.report.Current++
		case m.dry:
			m.report.Rewritten++
		default:
			cmd := drivers.Command{Op: drivers.OpCompareAndSwap, Extra: &drivers.Extra{Expected: reply.Value}, Value: next.text}
			value := keyRef{node: p.node, key: p.key}
			value.indexing(&cmd, next.entries)
			value.address(&cmd)
			swaps.batch.Add(cmd)
			swaps.places = append(swaps.places, p)
		}
	}
	m.advance(len(page.places))
	return swaps, ctx.Err()
}

// swapped counts documents that were swapped, and returns those that were changed meanwhile.
func (m *migration) swapped(page *documentPage) (changed []place, err error) {
	if page.wait(); page.err != nil {
		return nil, page.err
	}
	for i, p := range page.places {
		switch item := page.batch.Items[i]; {
		case item.Err != nil:
			if err := m.refused(p.key, item.Err); err != nil {
				return nil, err
			}
		case item.Reply.Int == 1:
			m.report.Rewritten++
		default:
			changed = append(changed, p)
		}
	}
	return changed, nil
}

// hash migrates a struct in a hash.
func (m *migration) hash(ctx context.Context, at keyRef) error {
	plan := at.hash()
	return at.optimistically(ctx, func() (done bool, err error) {
		current, err := at.ask(ctx, "Migrate", drivers.OpHGetAll)
		if err != nil || len(current.Values) == 0 {
			return true, err
		}
		next, older, err := plan.Renew(current.Values)
		switch {
		case err != nil:
			return false, err
		case older == nil:
			m.report.Current++
			return true, nil
		case !m.dry:
			cmd := drivers.HCompareAndSet(current.Values, next)
			if swapped, err := at.doBool(ctx, "Migrate", &cmd); err != nil || !swapped {
				return false, err
			}
		}
		m.report.Rewritten++
		return true, nil
	})
}
