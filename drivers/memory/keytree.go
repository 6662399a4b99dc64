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
	leaves   orderedMap[struct{}] // last segments of keys
	branches orderedMap[*keyNode] // segments that have keys below them
}

const separator = ":"

// add enters a new key, in O(segments).
func (t *keyTree) add(key string) {
	if !strings.Contains(key, separator) {
		return // below no prefix
	}
	t.mu.Lock()
	n := &t.root
	for {
		segment, rest, more := strings.Cut(key, separator)
		if !more {
			n.leaves.add(segment, struct{}{})
			break
		}
		n, key = n.grow(segment), rest
	}
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
func (t *keyTree) remove(key string) {
	if !strings.Contains(key, separator) {
		return
	}
	t.mu.Lock()
	last := strings.LastIndex(key, separator)
	n := t.below(key[:last])
	n.leaves.remove(key[last+1:])
	for n.parent != nil && n.leaves.len()+n.branches.len() == 0 {
		n.parent.branches.remove(n.name)
		n = n.parent
	}
	t.mu.Unlock()
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
