package jsonval

import (
	"fmt"
	"regexp"
	"sync"
)

// expression is a regular expression of ECMA-262, as schemas have it. Package regexp does the matching; there are expressions that are
// well formed, and that it cannot match.
type expression struct {
	source string
	// compiled is made when it is asked for: whether a text is a regular expression at all (the format "regex") is known before.
	compiled func() (*regexp.Regexp, error)
}

// newExpression returns an error for a source that is not in the syntax of ECMA-262.
func newExpression(source string) (*expression, error) {
	tree, beyondRegexp, err := parseECMA(source)
	if err != nil {
		return nil, fmt.Errorf("%q is not a regular expression of ECMA-262: %w", source, err)
	}
	return &expression{source: source, compiled: sync.OnceValues(func() (*regexp.Regexp, error) {
		if beyondRegexp != "" {
			return nil, fmt.Errorf("%q has %s", source, beyondRegexp)
		}
		translated, err := write(tree)
		if err != nil {
			return nil, fmt.Errorf("%q %w", source, err)
		}
		compiled, err := regexp.Compile(translated.text)
		if err != nil {
			return nil, fmt.Errorf("%q is beyond package regexp: %w", source, err)
		}
		return compiled, nil
	})}, nil
}

// compileExpression returns an expression that can be matched.
func compileExpression(source string) (*expression, error) {
	e, err := newExpression(source)
	if err == nil {
		_, err = e.compiled()
	}
	return e, err
}

func (e *expression) String() string { return e.source }

// MatchString is called only of expressions that compile.
func (e *expression) MatchString(text string) bool {
	compiled, err := e.compiled()
	return err == nil && compiled.MatchString(text)
}

// unmatchable stands for an expression that cannot be matched, and says why when it is to be.
func unmatchable(source string, why error) *expression {
	return &expression{source: source, compiled: func() (*regexp.Regexp, error) { return nil, why }}
}

// Regexp returns what package regexp matches in its place.
func (e *expression) Regexp() (*regexp.Regexp, error) { return e.compiled() }
