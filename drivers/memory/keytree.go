package memory

import (
	"strings"
	"sync"
)

// keyTree knows the children of every prefix: a tree of the segments between the
// colons of the keys. It changes only when keys come and go, so that one lock is
// enough; commands on keys that are there do not meet here. The lock is taken
// under those of shards, never the other way round.
type keyTree struct {
	mu   sync.RWMutex
	root keyNode
}

// keyNode is a prefix that has keys below it. An empty segment is a segment like any
// other: "a::b" is b below "" below a.
type keyNode struct {
	parent   *keyNode
	name     string               // its segment
	newest   *entry               // of the keys directly below it, each of which leads to an older one
	branches orderedMap[*keyNode] // segments that have keys below them
}

const separator = ":"

// add enters a new key, in O(segments).
func (t *keyTree) add(e *entry) {
	above, below := e.above()
	if !below {
		return
	}
	t.mu.Lock()
	n := &t.root
	for more := true; more; {
		var segment string
		segment, above, more = strings.Cut(above, separator)
		n = n.grow(segment)
	}
	if e.older = n.newest; e.older != nil {
		e.older.newer = e
	}
	n.newest = e
	t.mu.Unlock()
}

// grow is the branch of that name, which it adds if need be.
func (n *keyNode) grow(name string) *keyNode {
	if branch := n.branch(name); branch != nil {
		return branch
	}
	// The branch may outlive the key whose memory name is a part of.
	branch := &keyNode{parent: n, name: strings.Clone(name)}
	n.branches.add(branch.name, branch)
	return branch
}

func (n *keyNode) branch(name string) *keyNode {
	if i := n.branches.find(name); i >= 0 {
		return n.branches.slots[i].value
	}
	return nil
}

// remove forgets a key that was added, and the prefixes that lose their last key by it.
//
// What is gone goes on leading to those that were older than it: a listing that has come so far finds
// its way from there. Nothing that stays leads to what is gone.
func (t *keyTree) remove(e *entry) {
	above, below := e.above()
	if !below {
		return
	}
	t.mu.Lock()
	n := t.below(above)
	if e.older != nil {
		e.older.newer = e.newer
	}
	if e.newer != nil {
		e.newer.older = e.older
	} else {
		n.newest = e.older
	}
	e.newer = e
	for n.parent != nil && n.empty() {
		n.parent.branches.remove(n.name)
		n = n.parent
	}
	t.mu.Unlock()
}

func (n *keyNode) empty() bool { return n.newest == nil && n.branches.len() == 0 }

// above is the prefix that a key lies directly below, if there is one.
func (e *entry) above() (prefix string, below bool) {
	last := strings.LastIndex(e.key, separator)
	return e.key[:max(last, 0)], last >= 0
}

// gone reports that a key was removed from the tree since it was seen there.
func (e *entry) gone() bool { return e.newer == e }

// olderThan is the next of the keys below n that are older than one that was seen there, be that gone or
// not, or the newest if none was seen; nil if there is none.
func (n *keyNode) olderThan(seen *entry) *entry {
	if seen == nil {
		return n.newest
	}
	e := seen.older
	for e != nil && e.gone() {
		e = e.older
	}
	return e
}

// below is the node of prefix, or nil if there is no key below it.
func (t *keyTree) below(prefix string) *keyNode {
	n := &t.root
	for more := true; more && n != nil; {
		var segment string
		segment, prefix, more = strings.Cut(prefix, separator)
		n = n.branch(segment)
	}
	return n
}
