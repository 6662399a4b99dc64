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
	l := listing{op: op}
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
			l.enter(n, prefix)
		}
	}
	l.advance()
	return l.names
}

// listing is a walk through the tree of keys that can be left and resumed. A key that is
// there all the time keeps every node above it, and its place in each.
type listing struct {
	op        drivers.Op
	frames    []frame // the nodes that are being listed, each below the one before it
	path      []byte  // the key of the last of them, with a separator
	names     []string
	remaining int // steps until the page is full: names listed, nodes entered and left
}

// frame is how far the listing of a node has come.
type frame struct {
	node         *keyNode
	above        int   // the length of path without it
	leaf, branch int64 // the ids listed last
}

func (l *listing) enter(n *keyNode, segment string) {
	l.frames = append(l.frames, frame{n, len(l.path), newest, newest})
	l.path = append(append(l.path, segment...), separator...)
}

func (l *listing) leave() {
	top := len(l.frames) - 1
	l.path = l.path[:l.frames[top].above]
	l.frames = l.frames[:top]
}

// advance fills a page.
func (l *listing) advance() {
	l.names, l.remaining = l.names[:0], pageSize
	for l.remaining > 0 && len(l.frames) > 0 {
		f := &l.frames[len(l.frames)-1]
		var next *slot[*keyNode]
		switch l.op {
		case drivers.OpScanLeaves:
			list(l, &f.node.leaves, &f.leaf, "")
		case drivers.OpScanBranches:
			list(l, &f.node.branches, &f.branch, "")
		default:
			if f.node.leaves.len() > 0 {
				list(l, &f.node.leaves, &f.leaf, string(l.path))
			}
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
		l.enter(next.value, next.name)
	}
}

// list lists what is left of an orderedMap, as far as the page goes.
func list[V any](l *listing, names *orderedMap[V], cursor *int64, prefix string) {
	for s := range names.before(*cursor) {
		if l.remaining == 0 {
			return
		}
		l.remaining--
		*cursor = s.id
		l.names = append(l.names, prefix+s.name)
	}
}
