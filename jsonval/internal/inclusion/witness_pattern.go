package inclusion

import (
	"regexp/syntax"
	"strings"

	"github.com/kvstore-go/kvstore/jsonval/internal/ecma"
)

// matching is a short text that matches a pattern, or comes close.
func matching(pattern string) string {
	expression, err := ecma.Compile(pattern)
	if err != nil {
		return ""
	}
	translated, err := expression.Regexp()
	if err != nil {
		return ""
	}
	parsed, err := syntax.Parse(translated.String(), syntax.Perl)
	if err != nil {
		return ""
	}
	var b strings.Builder
	write(&b, parsed)
	return b.String()
}

// mostRepeated bounds the length of what a repetition makes.
const mostRepeated = 1000

func write(b *strings.Builder, e *syntax.Regexp) {
	switch e.Op {
	case syntax.OpLiteral:
		b.WriteString(string(e.Rune))
	case syntax.OpCharClass:
		if len(e.Rune) > 0 {
			b.WriteRune(preferred(e.Rune))
		}
	case syntax.OpAnyChar, syntax.OpAnyCharNotNL:
		b.WriteByte('a')
	case syntax.OpRepeat:
		for range min(e.Min, mostRepeated) {
			write(b, e.Sub[0])
		}
	case syntax.OpPlus, syntax.OpCapture:
		write(b, e.Sub[0])
	case syntax.OpConcat:
		for _, part := range e.Sub {
			write(b, part)
		}
	case syntax.OpAlternate:
		write(b, e.Sub[0])
	default: // what matches the empty text
	}
}

// preferred is a character of a class, one that reads well if there is any.
func preferred(class []rune) rune {
	for _, wanted := range "a0A-" {
		for i := 0; i+1 < len(class); i += 2 {
			if class[i] <= wanted && wanted <= class[i+1] {
				return wanted
			}
		}
	}
	return class[0]
}
