package memory

import (
	"context"
	"iter"
	"strings"

	"github.com/kvstore-go/kvstore/drivers"
)

// pageSize bounds how much a scan does under the lock of the tree of keys.
const pageSize = 128

// Scan lists keys as drivers.Scanner says, in O(children listed), or for
// OpScanKeys in O(keys and segments below). It holds no lock while it yields, so
// the loop may call the driver.
func (d *Driver) Scan(ctx context.Context, cmd drivers.Command) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		if cmd.Op.Effect() != drivers.Lists {
			yield("", drivers.Errorf(drivers.ErrInvalid, "%v does not list keys", cmd.Op))
			return
		}
		for _, prefix := range cmd.Prefixes() {
			if !d.scanBelow(ctx, cmd.Op, strings.TrimSuffix(prefix, separator), yield) {
				return
			}
		}
	}
}

// scanBelow lists what lies below a prefix, and reports whether to go on.
func (d *Driver) scanBelow(ctx context.Context, op drivers.Op, prefix string, yield func(string, error) bool) bool {
	l := listing{op: op, above: len(prefix) + len(separator)}
	for first := true; first || len(l.frames) > 0; first = false {
		if err := d.ready(ctx); err != nil {
			yield("", err)
			return false
		}
		d.Sweep() // what is over must not be listed, and nothing in the tree is but for this
		for _, name := range d.page(&l, first, prefix) {
			if err := d.ready(ctx); err != nil {
				yield("", err)
				return false
			}
			if !yield(name, nil) {
				return false
			}
		}
	}
	return true
}

// page is the next names of a listing, none at its end and maybe none before it.
func (d *Driver) page(l *listing, first bool, prefix string) []string {
	d.keyTree.mu.RLock()
	defer d.keyTree.mu.RUnlock()
	if first {
		if n := d.keyTree.below(prefix); n != nil {
			l.enter(n)
		}
	}
	l.advance()
	return l.names
}

// listing is a walk through the tree of keys that can be left and resumed. A key that is
// there all the time keeps every node above it, and its place in each.
type listing struct {
	op        drivers.Op
	above     int     // the length of what is above the children of its prefix
	frames    []frame // the nodes that are being listed, each below the one before it
	names     []string
	remaining int // steps until the page is full: names listed, nodes entered and left
}

// frame is how far the listing of a node has come.
type frame struct {
	node   *keyNode
	leaf   *entry // listed last; nil before the first
	branch int64  // the id listed last
}

func (l *listing) enter(n *keyNode) { l.frames = append(l.frames, frame{node: n, branch: newest}) }

func (l *listing) leave() { l.frames = l.frames[:len(l.frames)-1] }

// advance fills a page.
func (l *listing) advance() {
	l.names, l.remaining = l.names[:0], pageSize
	for l.remaining > 0 && len(l.frames) > 0 {
		f := &l.frames[len(l.frames)-1]
		var next *slot[*keyNode]
		switch l.op {
		case drivers.OpScanLeaves:
			l.listLeaves(f, l.above)
		case drivers.OpScanBranches:
			l.listBranches(f)
		default:
			l.listLeaves(f, 0)
			next = f.node.branches.next(f.branch)
		}
		if l.remaining == 0 {
			return
		}
		l.remaining--
		if next == nil {
			l.leave()
			continue
		}
		f.branch = next.id
		l.enter(next.value)
	}
}

// listLeaves lists what is left of the keys directly below a node, each from some byte on, as far as the page goes.
func (l *listing) listLeaves(f *frame, from int) {
	for e := f.node.olderThan(f.leaf); e != nil && l.remaining > 0; e = f.node.olderThan(e) {
		l.list(e.key[from:])
		f.leaf = e
	}
}

// listBranches lists what is left of the branches of a node, as far as the page goes.
func (l *listing) listBranches(f *frame) {
	for s := range f.node.branches.before(f.branch) {
		if l.remaining == 0 {
			return
		}
		l.list(s.name)
		f.branch = s.id
	}
}

func (l *listing) list(name string) {
	l.remaining--
	l.names = append(l.names, name)
}
