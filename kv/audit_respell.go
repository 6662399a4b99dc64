package kv

import (
	"strings"

	"github.com/kvstore-go/kvstore/dsl"
)

// mostRespelled is how many segments a key may have whose ids are looked for.
const mostRespelled = 32

// respelled is where the value of a key belongs whose ids are written as they are, colons and all, and
// not escaped. There is none where nothing of the schema, or more than one path of it, could be meant.
func (r ref) respelled(key string) (to ref, ok bool) {
	rest, below := strings.CutPrefix(key, r.path()+separator)
	segments := strings.Split(rest, separator)
	if !below || len(segments) > mostRespelled {
		return ref{}, false
	}
	found := 0
	r.readings(segments, func(at ref) bool {
		to, found = at, found+1
		return found < 2
	})
	return to, found == 1 && to.path() != key && len(to.path()) <= dsl.MaxKey
}

// readings yields the fields below r that segments may lead to, until yield returns false.
func (r ref) readings(segments []string, yield func(ref) bool) bool {
	switch {
	case !r.node.isStore():
		return len(segments) > 0 || yield(r)
	case len(segments) == 0:
		return true
	case r.node.element == nil:
		at, err := r.descend(segments[0])
		return err != nil || at.readings(segments[1:], yield)
	}
	if at, err := r.descend(segments[0]); err == nil && !at.readings(segments[1:], yield) {
		return false
	}
	for n := 1; n <= len(segments); n++ {
		written := strings.Join(segments[:n], separator)
		if n == 1 && r.checkSegment(written) == nil {
			continue // it is what it should be
		}
		id, err := r.node.shared.(interface {
			Canonical(text string) (string, error)
		}).Canonical(written)
		if err == nil {
			id, err = dsl.EscapeSegment(id)
		}
		if err == nil && !r.child(id).readings(segments[n:], yield) {
			return false
		}
	}
	return true
}
