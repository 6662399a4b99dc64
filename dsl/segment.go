package dsl

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"
)

// Separator stands between the segments of a key.
const Separator = ":"

// MaxKey is the longest key in bytes. Redis itself stops at 512 MB; a key this
// long is a mistake long before that.
const MaxKey = 64 << 10

// ErrBadKey: a segment that cannot be part of a key (empty, too long, not UTF-8),
// or a stored key that no path leads to.
var ErrBadKey = errors.New("bad key")

const hexDigits = "0123456789ABCDEF"

// mustEscape marks the bytes that would be read as something else: the separator,
// the escape itself, a cluster's hash tags, glob characters and controls.
var mustEscape = func() (table [256]bool) {
	for _, c := range []byte("%:{}*?[]\\\x7F") {
		table[c] = true
	}
	for c := range 0x20 {
		table[c] = true
	}
	return table
}()

// EscapeSegment encodes one dynamic segment: % : { } * ? [ ] \ and control
// characters become %XX, everything else stays as it is. Different segments have
// different encodings, and UnescapeSegment gives the segment back. Empty segments,
// invalid UTF-8 and segments beyond MaxKey are ErrBadKey.
func EscapeSegment(segment string) (string, error) {
	switch {
	case segment == "":
		return "", fmt.Errorf("%w: an empty segment", ErrBadKey)
	case len(segment) > MaxKey:
		return "", fmt.Errorf("%w: a segment of %d bytes, at most %d", ErrBadKey, len(segment), MaxKey)
	case !utf8.ValidString(segment):
		return "", fmt.Errorf("%w: %q is not UTF-8", ErrBadKey, shorten(segment))
	}
	escapes := 0
	for i := range len(segment) {
		if mustEscape[segment[i]] {
			escapes++
		}
	}
	if escapes == 0 {
		return segment, nil
	}
	var escaped strings.Builder
	escaped.Grow(len(segment) + 2*escapes)
	for i := range len(segment) {
		c := segment[i]
		if !mustEscape[c] {
			escaped.WriteByte(c)
			continue
		}
		escaped.WriteByte('%')
		escaped.WriteByte(hexDigits[c>>4])
		escaped.WriteByte(hexDigits[c&0xF])
	}
	return escaped.String(), nil
}

// UnescapeSegment decodes what EscapeSegment made. Anything EscapeSegment would
// have written differently (%3a, %41, a bare *) is ErrBadKey, so that one segment
// has one key.
func UnescapeSegment(escaped string) (string, error) {
	segment := escaped
	if strings.IndexByte(escaped, '%') >= 0 {
		var plain strings.Builder
		for i := 0; i < len(escaped); i++ {
			c := escaped[i]
			if c == '%' && i+2 < len(escaped) {
				high := strings.IndexByte(hexDigits, escaped[i+1])
				low := strings.IndexByte(hexDigits, escaped[i+2])
				if high >= 0 && low >= 0 {
					c, i = byte(high<<4|low), i+2
				}
			}
			plain.WriteByte(c)
		}
		segment = plain.String()
	}
	canonical, err := EscapeSegment(segment)
	if err != nil {
		return "", err
	}
	if canonical != escaped {
		return "", fmt.Errorf("%w: %q is not how a segment is written", ErrBadKey, shorten(escaped))
	}
	return segment, nil
}

// TagSegment is an escaped segment as it is stored: in braces if it leads to a tagged
// node. Redis Cluster chooses the slot of a key by what stands in its first braces.
func (n *Node) TagSegment(escaped string) string { return tag(escaped, n.tagged) }

func tag(segment string, tagged bool) string {
	if tagged {
		return "{" + segment + "}"
	}
	return segment
}

// UntagSegment takes the braces off a stored segment that leads to n, or returns
// ErrBadKey if it has none and should, or the other way round.
func (n *Node) UntagSegment(stored string) (escaped string, err error) {
	if !n.tagged {
		return stored, nil // escaping leaves no braces
	}
	if len(stored) < 2 || stored[0] != '{' || stored[len(stored)-1] != '}' {
		return "", fmt.Errorf("%w: %q is not a hash tag", ErrBadKey, shorten(stored))
	}
	return stored[1 : len(stored)-1], nil
}

// IndexSegment is the first segment of the keys that hold what stores keep of their keys:
// so no listing of what lies below a path meets them. No key of a store is written like this.
const IndexSegment = "%index"

// RegistryKey is the key of the registry of the dynamic store at path. Braces of a hash tag
// in the path put both into one slot.
func RegistryKey(path string) string { return IndexSegment + Separator + path }

// indexed takes apart the key of a registry, or of an index: the path of the store, and the
// name of the index, if it is one.
func indexed(key string) (path, name string, isIndex, ok bool) {
	path, ok = strings.CutPrefix(key, IndexSegment+Separator)
	if !ok {
		return "", "", false, false
	}
	path, name, isIndex = strings.Cut(path, Separator+Separator)
	return path, name, isIndex, true
}

// Join makes the key of a path of dynamic segments.
func Join(segments ...string) (string, error) {
	if len(segments) == 0 {
		return "", fmt.Errorf("%w: an empty path", ErrBadKey)
	}
	escaped := make([]string, len(segments))
	for i, segment := range segments {
		var err error
		if escaped[i], err = EscapeSegment(segment); err != nil {
			return "", err
		}
	}
	key := strings.Join(escaped, Separator)
	if len(key) > MaxKey {
		return "", fmt.Errorf("%w: a key of %d bytes, at most %d", ErrBadKey, len(key), MaxKey)
	}
	return key, nil
}

// Split gives back the segments a key was joined from.
func Split(key string) ([]string, error) {
	segments := strings.Split(key, Separator)
	for i, escaped := range segments {
		var err error
		if segments[i], err = UnescapeSegment(escaped); err != nil {
			return nil, err
		}
	}
	return segments, nil
}

// shorten keeps error messages about hostile input readable.
func shorten(text string) string {
	const most = 64
	if len(text) <= most {
		return text
	}
	return text[:most] + "…"
}
