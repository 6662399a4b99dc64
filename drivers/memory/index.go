package memory

import (
	"strings"
	"sync"
)

// index knows the children of every prefix: a tree of the segments between the
// colons of the keys. It changes only when keys come and go, so that one lock is
// enough; commands on keys that are there do not meet here. The lock is taken
// under those of shards, never the other way round.
type index struct {
	mu   sync.RWMutex
	root node
}

// node is a prefix that has keys below it. An empty segment is a segment like any
// other: "a::b" is b below "" below a.
type node struct {
	parent   *node
	name     string           // its segment
	leaves   roster[struct{}] // last segments of keys
	branches roster[*node]    // segments that have keys below them
}

const separator = ":"

// add enters a new key, in O(segments).
func (ix *index) add(key string) {
	if !strings.Contains(key, separator) {
		return // below no prefix
	}
	ix.mu.Lock()
	n := &ix.root
	for {
		segment, rest, more := strings.Cut(key, separator)
		if !more {
			n.leaves.add(segment, struct{}{})
			break
		}
		n, key = n.grow(segment), rest
	}
	ix.mu.Unlock()
}

// grow is the branch of that name, which it adds if need be.
func (n *node) grow(name string) *node {
	if branch := n.branch(name); branch != nil {
		return branch
	}
	// The branch may outlive the key whose memory name is a part of.
	branch := &node{parent: n, name: strings.Clone(name)}
	n.branches.add(branch.name, branch)
	return branch
}

func (n *node) branch(name string) *node {
	if i := n.branches.find(name); i >= 0 {
		return n.branches.slots[i].value
	}
	return nil
}

// remove forgets a key that was added, and the prefixes that lose their last key by it.
func (ix *index) remove(key string) {
	if !strings.Contains(key, separator) {
		return
	}
	ix.mu.Lock()
	last := strings.LastIndex(key, separator)
	n := ix.below(key[:last])
	n.leaves.remove(key[last+1:])
	for n.parent != nil && n.leaves.len()+n.branches.len() == 0 {
		n.parent.branches.remove(n.name)
		n = n.parent
	}
	ix.mu.Unlock()
}

// below is the node of prefix, or nil if there is no key below it.
func (ix *index) below(prefix string) *node {
	n := &ix.root
	for more := true; more && n != nil; {
		var segment string
		segment, prefix, more = strings.Cut(prefix, separator)
		n = n.branch(segment)
	}
	return n
}
