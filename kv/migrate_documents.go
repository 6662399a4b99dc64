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

// documents migrates a page of documents. Those that are changed meanwhile make the next.
func (m *migration) documents(ctx context.Context, at ref, page []place) error {
	looked := len(page)
	err := at.value().optimistically(ctx, func() (done bool, err error) {
		page, err = m.documentsOnce(ctx, at, page)
		return len(page) == 0, err
	})
	if err != nil {
		return at.fail("Migrate", err)
	}
	m.advance(looked)
	return nil
}

// documentsOnce migrates documents, and returns those that were changed meanwhile.
func (m *migration) documentsOnce(ctx context.Context, at ref, page []place) (changed []place, err error) {
	read, swaps := drivers.NewBatch(), drivers.NewBatch()
	for _, p := range page {
		read.Items = append(read.Items, drivers.Item{Command: drivers.Command{Op: drivers.OpGet, Key: p.key, Pattern: p.node.pattern}})
	}
	if err := at.driver.DoBatch(ctx, read); err != nil {
		return nil, err
	}
	var swapped []place
	for i, p := range page {
		reply, err := read.Items[i].Reply, read.Items[i].Err
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
