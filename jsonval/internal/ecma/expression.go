// Package ecma translates the regular expressions of ECMA-262, which schemas have, for package regexp.
package ecma

import (
	"fmt"
	"regexp"
	"sync"
)

// Expression is a regular expression of ECMA-262, as schemas have it. Package regexp does the matching; there are expressions that are
// well formed, and that it cannot match.
type Expression struct {
	source string
	// compiled is made when it is asked for: whether a text is a regular expression at all (the format "regex") is known before.
	compiled func() (*regexp.Regexp, error)
}

// New returns an error for a source that is not in the syntax of ECMA-262.
func New(source string) (*Expression, error) {
	tree, beyondRegexp, err := parse(source)
	if err != nil {
		return nil, fmt.Errorf("%q is not a regular expression of ECMA-262: %w", source, err)
	}
	return &Expression{source: source, compiled: sync.OnceValues(func() (*regexp.Regexp, error) {
		if beyondRegexp != "" {
			return nil, fmt.Errorf("%q has %s", source, beyondRegexp)
		}
		translated, err := translate(tree)
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

// Compile returns an expression that can be matched.
func Compile(source string) (*Expression, error) {
	e, err := New(source)
	if err == nil {
		_, err = e.compiled()
	}
	return e, err
}

func (e *Expression) String() string { return e.source }

// MatchString is called only of expressions that compile.
func (e *Expression) MatchString(text string) bool {
	compiled, err := e.compiled()
	return err == nil && compiled.MatchString(text)
}

// Unmatchable stands for an expression that cannot be matched, and says why when it is to be.
func Unmatchable(source string, why error) *Expression {
	return &Expression{source: source, compiled: func() (*regexp.Regexp, error) { return nil, why }}
}

// Regexp returns what package regexp matches in its place.
func (e *Expression) Regexp() (*regexp.Regexp, error) { return e.compiled() }
