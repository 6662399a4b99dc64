package kv

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/dsl"
)

// auditPage is how many keys are looked at in one round trip.
const auditPage = 512

// visit is a stored key with what was read of it.
type visit struct {
	place
	ttl     drivers.Reply
	content content // of a document that fits
	known   bool    // whether there is one
	erased  bool    // by a repair
}

// walk goes through the keys page by page.
func (a *auditing) walk(ctx context.Context) error {
	r := a.root
	own := place{key: r.path(), node: r.node}
	if r.node.isStore() {
		own = place{key: r.path(), undeclared: fmt.Errorf("%w: a store lies there, and no value", ErrUndeclared)}
	}
	page := append(make([]place, 0, auditPage), own)
	batch := drivers.NewBatch()
	flush := func() error {
		err := a.look(ctx, page, batch)
		page = page[:0]
		return err
	}
	if !r.node.isStore() {
		return flush()
	}
	for key, err := range r.scan(ctx, drivers.OpScanKeys) {
		if err != nil {
			return err
		}
		if page = append(page, r.locate(key)); len(page) == auditPage {
			if err := flush(); err != nil {
				return err
			}
		}
	}
	return flush()
}

// look reads a page of keys, in one round trip, and judges them. The batch is used page after page.
func (a *auditing) look(ctx context.Context, page []place, batch *drivers.Batch) error {
	batch.Items = batch.Items[:0]
	for i := range page {
		p := &page[i]
		ask := func(cmd drivers.Command) {
			cmd.Key, cmd.Pattern = p.key, a.root.node.pattern
			batch.Items = append(batch.Items, drivers.Item{Command: cmd})
		}
		if p.node != nil && p.node.node.Kind() == dsl.Topic {
			p.node, p.undeclared = nil, fmt.Errorf("%w: a topic stores nothing", ErrUndeclared)
		}
		if p.node != nil {
			ask(a.examiner(p.node).read)
		} else {
			ask(drivers.Command{Op: drivers.OpExists})
		}
		ask(drivers.Command{Op: drivers.OpTTL})
		if a.usage != nil && a.usage.row(p).measures() {
			ask(drivers.Command{Op: drivers.OpMemoryUsage})
		}
	}
	if err := a.root.driver.DoBatch(ctx, batch); err != nil {
		return err
	}
	visits, items := make([]visit, 0, len(page)), batch.Items
	for i := range page {
		v := visit{place: page[i], ttl: items[1].Reply}
		read, ttl := &items[0], &items[1]
		items = items[2:]
		if len(items) > 0 && items[0].Command.Op == drivers.OpMemoryUsage {
			a.usage.measured(&v.place, &items[0])
			items = items[1:]
		}
		if ttl.Err != nil {
			return fail("Audit", v.key, ttl.Err)
		}
		if ttl.Reply.Nil {
			continue // it is gone by now
		}
		if a.usage != nil {
			a.usage.count(&v.place, ttl.Reply.Int)
		}
		if err := a.judge(ctx, &v, read); err != nil {
			return err
		}
		if v.node != nil && len(v.node.indexed) > 0 && !v.erased {
			visits = append(visits, v)
		}
	}
	return a.auditRegistered(ctx, visits)
}

// judge tells what is amiss with a key that is there.
func (a *auditing) judge(ctx context.Context, v *visit, read *drivers.Item) error {
	if v.node == nil {
		return a.judgeUndeclared(ctx, v)
	}
	switch {
	case errors.Is(read.Err, ErrWrongType):
		return a.tell(Finding{Kind: WrongType, Path: v.key, Err: a.wrongType(v)}, func() error { return a.eraseWrongType(ctx, v) })
	case read.Err != nil && !ofOneValue(read.Err):
		return fail("Audit", v.key, read.Err)
	case read.Err != nil:
		return a.tell(Finding{Kind: CorruptValue, Path: v.key, Err: read.Err}, func() error { return a.eraseCorrupt(ctx, v) })
	}
	if err := a.examiner(v.node).examine(a, ctx, v, read); err != nil {
		return err
	}
	if v.ttl.Int < 0 && v.node.expiry.Mode == drivers.ExpireIn {
		err := fmt.Errorf("it stays for ever, and the schema lets it end after %v", drivers.Span(v.node.expiry.Millis, time.Millisecond))
		return a.tell(Finding{Kind: MissingTTL, Path: v.key, Err: err}, func() error { return a.startTTL(ctx, v) })
	}
	return nil
}

func (a *auditing) wrongType(v *visit) error {
	return drivers.Errorf(ErrWrongType, "it holds no %v", v.node.node.Kind())
}

func (a *auditing) judgeUndeclared(ctx context.Context, v *visit) error {
	if to, ok := a.root.respelled(v.key); ok {
		return a.tell(Finding{Kind: MisspelledID, Path: v.key, Err: v.undeclared, Canonical: to.path()}, func() error { return a.rename(ctx, v.key, to) })
	}
	if a.raw == nil {
		return a.tell(Finding{Kind: UndeclaredKey, Path: v.key, Err: v.undeclared}, func() error { return a.erase(ctx, v.key) })
	}
	var exported error
	if !a.repairs[UndeclaredKey] {
		if exported = a.export(ctx, v.key); exported != nil && !errors.Is(exported, errors.ErrUnsupported) {
			return fail("Audit", v.key, exported)
		}
	}
	return a.tell(Finding{Kind: UndeclaredKey, Path: v.key, Err: v.undeclared, Unrepaired: exported}, func() error { return a.exportAndErase(ctx, v.key) })
}
