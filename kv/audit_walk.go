package kv

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/dsl"
)

// auditPage is how many keys are looked at in one round trip: about what a page of SCAN has.
const auditPage = 1024

// visit is a stored key with what was read of it.
type visit struct {
	place
	how     *examiner // nil for a key that nothing declares
	kept    bool      // of what a store keeps of its keys
	asked   int       // how many items of the batch are about it
	ttl     drivers.Reply
	content content // of a document that fits
	known   bool    // whether there is one
	erased  bool    // by a repair
}

// auditedPage is keys with what was read of them, or why there are no more.
type auditedPage struct {
	visits []visit
	batch  *drivers.Batch // for each of them the value; perhaps the time to live; perhaps the bytes
	err    error
}

// pagesUnderWay is how many pages there are at a time: one is listed, one is read, one is judged, and one is on its way.
const pagesUnderWay = 4

// walk goes through the keys. A page is read while the one before it is judged, and the one behind it is listed.
func (a *auditing) walk(ctx context.Context) error {
	ahead, cancel := context.WithCancel(ctx)
	used, listed, read := make(chan *auditedPage, pagesUnderWay), make(chan *auditedPage), make(chan *auditedPage)
	for range pagesUnderWay {
		used <- &auditedPage{batch: drivers.NewBatch()}
	}
	go func() {
		defer close(listed)
		a.listPages(ahead, used, listed)
	}()
	go func() {
		defer close(read)
		for page := range listed {
			if page.err == nil {
				page.err = a.read(ahead, page)
			}
			select {
			case read <- page:
			case <-ahead.Done(): // and what lists ends, too
			}
		}
	}()
	defer func() {
		cancel()
		for range read { // until nothing is under way any more
		}
	}()
	for page := range read {
		if page.err != nil {
			return page.err
		}
		if err := a.look(ctx, page); err != nil {
			return err
		}
		used <- page
	}
	return ctx.Err()
}

// listPages lists the keys, page by page, into those that were used.
func (a *auditing) listPages(ctx context.Context, used <-chan *auditedPage, listed chan<- *auditedPage) {
	r := a.root
	a.registries = r.registry() + separator
	page := <-used
	flush := func(err error) bool {
		page.err = err
		select {
		case listed <- page:
		case <-ctx.Done():
			return false
		}
		select {
		case page = <-used:
			page.visits = page.visits[:0]
			return true
		case <-ctx.Done():
			return false
		}
	}
	own := place{key: r.path(), node: r.node}
	if r.node.isStore() {
		own = place{key: r.path(), undeclared: fmt.Errorf("%w: a store lies there, and no value", ErrUndeclared)}
	}
	page.visits = append(page.visits, a.visiting(own))
	if r.node.isStore() {
		page.visits = append(page.visits, visit{place: place{key: r.registry()}, kept: true})
		for key, err := range r.driver.Scan(ctx, a.listing()) {
			if err != nil {
				flush(err)
				return
			}
			if strings.HasPrefix(key, a.registries) && isMark(key) {
				continue // it ends by itself
			}
			if page.visits = append(page.visits, a.visitingKey(key)); len(page.visits) == auditPage && !flush(nil) {
				return
			}
		}
	}
	flush(nil)
}

// listing lists the keys below the root, and those of what stores below it keep of their keys.
func (a *auditing) listing() drivers.Command {
	return drivers.Command{Op: drivers.OpScanKeys, Key: a.root.path(), Extra: &drivers.Extra{Keys: []string{a.root.registry()}}, Pattern: a.root.node.pattern}
}

func (a *auditing) visitingKey(key string) visit {
	if strings.HasPrefix(key, a.registries) {
		return visit{place: place{key: key}, kept: true}
	}
	return a.visiting(a.root.locate(key))
}

func (a *auditing) visiting(p place) visit {
	switch {
	case p.node == nil:
		return visit{place: p}
	case p.node.kind() == dsl.Topic:
		return visit{place: place{key: p.key, undeclared: fmt.Errorf("%w: a topic stores nothing", ErrUndeclared)}}
	}
	return visit{place: p, how: a.examiner(p.node)}
}

// read reads a page of keys in one round trip. The time to live is only asked for where something follows from it.
func (a *auditing) read(ctx context.Context, page *auditedPage) error {
	batch := page.batch
	batch.Items = batch.Items[:0]
	for i := range page.visits {
		v := &page.visits[i]
		if v.asked = 0; v.kept {
			continue
		}
		ask := func(cmd drivers.Command) {
			v.asked++
			cmd.Key, cmd.Pattern = v.key, a.root.node.pattern
			batch.Add(cmd)
		}
		if v.how != nil {
			ask(v.how.read)
		}
		if v.how == nil || v.how.timed || a.usage != nil {
			ask(drivers.Command{Op: drivers.OpTTL})
		}
		if a.usage != nil && a.usage.measure(v.node) {
			ask(drivers.Command{Op: drivers.OpMemoryUsage})
		}
	}
	err := a.root.driver.DoBatch(ctx, batch)
	if a.usage != nil && err == nil {
		a.usage.measured(page)
	}
	return err
}

// look judges a page of keys.
func (a *auditing) look(ctx context.Context, page *auditedPage) error {
	registered, kept, items := []*visit(nil), []string(nil), page.batch.Items
	for i := range page.visits {
		if page.visits[i].kept {
			kept = append(kept, page.visits[i].key)
			continue
		}
		v, read, ttl := &page.visits[i], &items[0], &items[0]
		if v.how != nil && v.asked > 1 {
			ttl = &items[1]
		}
		items = items[v.asked:]
		if ttl.Command.Op == drivers.OpTTL {
			if ttl.Err != nil {
				return fail("Audit", v.key, ttl.Err)
			}
			if v.ttl = ttl.Reply; v.ttl.Nil {
				continue // it is gone by now
			}
		}
		if a.usage != nil {
			a.usage.count(v.node, v.ttl.Int)
		}
		if err := a.judge(ctx, v, read); err != nil {
			return err
		}
		if v.node != nil && len(v.node.indexed) > 0 && !v.erased {
			registered = append(registered, v)
		}
	}
	if err := a.auditRegistered(ctx, registered); err != nil {
		return err
	}
	return a.auditKept(ctx, kept)
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
	if err := v.how.examine(a, ctx, v, read); err != nil {
		return err
	}
	if v.how.timed && v.ttl.Int < 0 && v.node.expiry.Mode == drivers.ExpireIn {
		err := fmt.Errorf("it stays for ever, and the schema lets it end after %v", milliseconds(v.node.expiry.Millis))
		return a.tell(Finding{Kind: MissingTTL, Path: v.key, Err: err}, func() error { return a.startTTL(ctx, v) })
	}
	return nil
}

func (a *auditing) wrongType(v *visit) error {
	return drivers.Errorf(ErrWrongType, "it holds no %v", v.node.kind())
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
