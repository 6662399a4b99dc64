package ecma

import (
	"fmt"
	"regexp"
	"regexp/syntax"
	"strings"
	"unicode/utf8"
)

const (
	// mostRepeats is how often package regexp repeats a part, repetitions within each other multiplied.
	mostRepeats = 1000
	// largestRepetition bounds, in characters, what a repetition beyond that is written out to.
	largestRepetition = 10_000
)

// fragment is a part of a pattern in the syntax of package regexp.
type fragment struct {
	text    string // may be repeated as it is
	repeats int    // how often something within it is repeated at most
	size    int    // in characters and classes of them, with everything repeated
}

// translate translates a tree. It fails where a repetition is too large.
func translate(tree *syntax.Regexp) (fragment, error) {
	parts := make([]fragment, len(tree.Sub))
	whole := fragment{repeats: 1}
	var texts []string
	for i, sub := range tree.Sub {
		var err error
		if parts[i], err = translate(sub); err != nil {
			return fragment{}, err
		}
		whole.repeats = max(whole.repeats, parts[i].repeats)
		whole.size += parts[i].size
		texts = append(texts, parts[i].text)
	}
	whole.size = max(1, whole.size)
	switch tree.Op {
	case syntax.OpConcat:
		whole.text = "(?:" + strings.Join(texts, "") + ")"
		if len(parts) == 1 {
			return parts[0], nil
		}
	case syntax.OpAlternate:
		whole.text = "(?:" + strings.Join(texts, "|") + ")"
	case syntax.OpRepeat:
		return repeat(parts[0], tree.Min, tree.Max)
	case syntax.OpLiteral:
		whole.text = quoteRune(tree.Rune[0])
		if tree.Flags&syntax.FoldCase != 0 {
			whole.text = "(?i:" + whole.text + ")"
		}
	case syntax.OpCharClass:
		whole.text = quoteSet(tree.Rune)
	case syntax.OpBeginText:
		whole.text = `(?:\A)`
	case syntax.OpEndText:
		whole.text = `(?:\z)`
	case syntax.OpWordBoundary:
		whole.text = `(?:\b)`
	case syntax.OpNoWordBoundary:
		whole.text = `(?:\B)`
	default:
		whole.text = "(?:)"
	}
	return whole, nil
}

// repeat repeats a part. What package regexp does not repeat so often is written several times.
func repeat(part fragment, low, high int) (fragment, error) {
	times := max(1, low, high)
	if times <= mostRepeats/part.repeats {
		text := "(?:" + part.text + bounds(low, high) + ")"
		return fragment{text: text, repeats: part.repeats * times, size: part.size * times}, nil
	}
	if times > largestRepetition/part.size {
		return fragment{}, fmt.Errorf("has a repetition of %d times, which is too large", times)
	}
	chunk := max(1, mostRepeats/part.repeats)
	var b strings.Builder
	b.WriteString("(?:")
	for rest := low; rest > 0; rest -= chunk {
		once := min(rest, chunk)
		b.WriteString(part.text + bounds(once, once))
	}
	if high < 0 {
		b.WriteString(part.text + "*")
	} else {
		upTo(&b, part.text, high-low, chunk)
	}
	b.WriteString(")")
	return fragment{text: b.String(), repeats: part.repeats * chunk, size: part.size * times}, nil
}

// upTo writes a part for any number of times up to a limit: either less than one chunk, or one chunk and the rest. It is not written
// as chunk after chunk, each up to its limit, because a text would then match in very many ways at once.
func upTo(b *strings.Builder, part string, limit, chunk int) {
	if limit <= chunk {
		b.WriteString(part + bounds(0, limit))
		return
	}
	b.WriteString("(?:" + part + bounds(chunk, chunk))
	upTo(b, part, limit-chunk, chunk)
	b.WriteString("|" + part + bounds(0, chunk-1) + ")")
}

func bounds(low, high int) string {
	if high < 0 {
		return fmt.Sprintf("{%d,}", low)
	}
	return fmt.Sprintf("{%d,%d}", low, high)
}

// quoteRune returns a pattern that matches one character. Half of a surrogate pair is none, and occurs in no text.
func quoteRune(r rune) string {
	if !utf8.ValidRune(r) {
		return quoteSet(nil)
	}
	return regexp.QuoteMeta(string(r))
}

func quoteSet(set runeSet) string {
	if len(set) == 0 {
		return `[^\x{0}-\x{10FFFF}]`
	}
	var b strings.Builder
	b.WriteByte('[')
	for i := 0; i < len(set); i += 2 {
		fmt.Fprintf(&b, `\x{%X}-\x{%X}`, set[i], set[i+1])
	}
	b.WriteByte(']')
	return b.String()
}
