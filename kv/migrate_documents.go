package kv

import (
	"context"
	"reflect"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/kv/internal/gotext"
)

// renew is a document as it would be written today, if it has an older form. See gotext.Document.Renew.
func (d *document) renew(text string) (next content, older reflect.Type, err error) {
	renewed, value, older, err := d.codec.Renew(text)
	if err != nil {
		return content{}, nil, err
	}
	next, err = d.content(renewed, value)
	return next, older, err
}

// documentPage is documents that are read, or being read.
type documentPage struct {
	places []place
	read   *drivers.Batch
	err    error
	done   chan struct{}
}

// readDocuments begins to read documents. One round trip.
func readDocuments(ctx context.Context, at ref, places []place) *documentPage {
	p := &documentPage{places: places, read: drivers.NewBatch(), done: make(chan struct{})}
	for _, place := range places {
		p.read.Items = append(p.read.Items, drivers.Item{Command: drivers.Command{Op: drivers.OpGet, Key: place.key, Pattern: place.node.pattern}})
	}
	go func() {
		defer close(p.done)
		p.err = at.driver.DoBatch(ctx, p.read)
	}()
	return p
}

func (p *documentPage) wait() {
	if p != nil {
		<-p.done
	}
}

// documents migrates a page of documents. Those that are changed meanwhile make the next.
func (m *migration) documents(ctx context.Context, at ref, page *documentPage) error {
	if page == nil {
		return nil
	}
	looked := len(page.places)
	err := at.value().optimistically(ctx, func() (done bool, err error) {
		changed, err := m.documentsOnce(ctx, at, page)
		if len(changed) > 0 {
			page = readDocuments(ctx, at, changed)
		}
		return len(changed) == 0, err
	})
	page.wait()
	if err != nil {
		return at.fail("Migrate", err)
	}
	m.advance(looked)
	return nil
}

// documentsOnce migrates documents, and returns those that were changed meanwhile.
func (m *migration) documentsOnce(ctx context.Context, at ref, page *documentPage) (changed []place, err error) {
	if page.wait(); page.err != nil {
		return nil, page.err
	}
	swaps := drivers.NewBatch()
	var swapped []place
	for i, p := range page.places {
		reply, err := page.read.Items[i].Reply, page.read.Items[i].Err
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
			cmd := drivers.Command{Op: drivers.OpCompareAndSwap, Expected: reply.Value, Value: next.text}
			value := keyRef{at.driver, p.node, p.key}
			value.indexing(&cmd, next.entries)
			value.address(&cmd)
			swaps.Items, swapped = append(swaps.Items, drivers.Item{Command: cmd}), append(swapped, p)
		}
	}
	if err := at.driver.DoBatch(ctx, swaps); err != nil {
		return nil, err
	}
	for i, p := range swapped {
		switch item := swaps.Items[i]; {
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
	plan := at.node.shared.(*gotext.Hash)
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
