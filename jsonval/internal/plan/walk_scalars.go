package plan

import (
	"math"
	"unicode/utf8"

	"github.com/kvstore-go/kvstore/jsonval/internal/compiled"
	"github.com/kvstore-go/kvstore/jsonval/internal/violation"
)

// stringRules are the keywords for strings.
type stringRules struct {
	shortest, longest int
	tooShort, tooLong *violation.Violation
	bounded           bool // there is a rule about the length
	pattern           *pattern
	base64            bool
}

func newStringRules(s *compiled.Schema) *stringRules {
	r := &stringRules{bounded: s.MinLength != nil || s.MaxLength != nil, base64: s.Base64}
	r.shortest, r.longest = limitsOf(s.MinLength, s.MaxLength)
	r.tooShort, r.tooLong = violationPrefix(violation.MinLength{Want: r.shortest}), violationPrefix(violation.MaxLength{Want: r.longest})
	if s.Pattern != nil {
		r.pattern = newPattern(s.Pattern)
	}
	return r
}

func (w *walker) stringValue(i int, n *node) int {
	if n.matched != nil {
		if end := n.matched.scan(w.text, i+1); end >= 0 {
			return end + 1
		}
	}
	end, found := scanString(w.text, i+1)
	if end < 0 {
		return -1
	}
	if n.plain && n.format == nil && n.text == nil {
		return end + 1
	}
	content := w.text[i+1 : end]
	end++
	if found&escaped != 0 {
		w.unescaped = appendUnescaped(w.unescaped[:0], content)
		content = w.unescaped
	}
	switch {
	case n.acceptsString(content, found):
	case w.report == nil:
		return -1
	case n.constant != nil && !n.constant.containsString(content):
		return w.refuse(i, end, n.constant.why)
	case n.enum != nil && !n.enum.containsString(content):
		return w.refuse(i, end, n.enum.why)
	case n.format != nil && !n.format.accepts(content):
		return w.refuse(i, end, n.format.why)
	default:
		n.text.report(i, content, w.report)
	}
	return w.finish(i, end, n)
}

// acceptsString reports whether a string satisfies all assertions, the in-place applicators apart.
func (n *node) acceptsString(content []byte, found traits) bool {
	return (n.constant == nil || n.constant.containsString(content)) &&
		(n.enum == nil || n.enum.containsString(content)) &&
		(n.format == nil || n.format.accepts(content)) &&
		(n.text == nil || n.text.accept(content, found))
}

func (r *stringRules) accept(content []byte, found traits) bool {
	if r.bounded {
		length := len(content)
		if found != 0 {
			length = utf8.RuneCount(content)
		}
		if length < r.shortest || r.longest < length {
			return false
		}
	}
	return (r.pattern == nil || r.pattern.matches(content)) && (!r.base64 || isBase64(content))
}

func (r *stringRules) report(i int, content []byte, found *report) {
	length := utf8.RuneCount(content)
	if length < r.shortest {
		found.addCount(i, r.tooShort, length)
	}
	if length > r.longest {
		found.addCount(i, r.tooLong, length)
	}
	if r.pattern != nil && !r.pattern.matches(content) {
		found.add(i, r.pattern.why)
	}
	if r.base64 && !isBase64(content) {
		found.addKind(i, violation.ContentEncoding{Want: "base64"})
	}
}

func (w *walker) numberValue(i int, n *node) int {
	end, plain, ok := scanInteger(w.text, i)
	var literal literalNumber
	if ok {
		if n.plain {
			if n.number == nil || n.number.acceptInteger(plain) {
				return end
			}
			if w.report == nil {
				return -1
			}
		}
		literal = w.text[i:end]
	} else if end, literal = scanNumber(w.text, i); end < 0 {
		return -1
	}
	if n.integral && !literal.integral() {
		if w.report == nil {
			return -1
		}
		w.report.addMismatch(i, typeNumber, n.wanted, n.otherType)
		return end
	}
	if why := w.notEnumerated(i, n); why != nil {
		return w.refuse(i, end, why)
	}
	if n.number != nil && !w.inBounds(i, ok, plain, literal, n.number) {
		return -1
	}
	return w.finish(i, end, n)
}

// inBounds applies the rules to a number, whose value is known if it is an integer.
func (w *walker) inBounds(i int, isPlain bool, plain int64, literal literalNumber, rules *numberRules) bool {
	var broken []*violation.Violation
	switch {
	case isPlain && rules.acceptInteger(plain) || !isPlain && rules.accept(literal):
		return true
	case w.report == nil:
		return false
	case isPlain:
		broken = rules.brokenByInteger(plain)
	default:
		broken = rules.broken(literal)
	}
	for _, why := range broken {
		w.report.add(i, why)
	}
	return true
}

// limitsOf turns the bounds of a count, either of which may be missing, into numbers.
func limitsOf(least, most *int) (low, high int) {
	low, high = math.MinInt, math.MaxInt
	if least != nil {
		low = *least
	}
	if most != nil {
		high = *most
	}
	return low, high
}
