package ecma

import (
	"errors"
	"fmt"
	"regexp/syntax"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	// deepestGroups keeps a pattern from exhausting the stack.
	deepestGroups = 250
	// mostRanges bounds the memory for the character classes of one pattern.
	mostRanges = 1 << 20
)

// parser reads a regular expression of ECMA-262 with the flag u, as JSON Schema wants it, into a tree of package regexp/syntax. It
// accepts what only Annex B allows, where that has one meaning: brackets and braces that stand for themselves, escaped punctuation,
// and classes next to a hyphen.
type parser struct {
	rest           string
	depth          int
	ranges         int
	ignoreCase     bool
	dotAll         bool
	groups         int
	names          map[string]bool
	highest        int      // of the groups that are referred to by number
	namesWanted    []string // those that are referred to by name
	unmatchableWhy string   // the first thing that cannot be matched, and why, in words
}

// parse returns the tree of a pattern, and in words what cannot be matched of it; where there is such a thing, the tree is not that
// of the pattern. The error says why it is not a pattern of ECMA-262.
func parse(source string) (tree *syntax.Regexp, beyondRegexp string, err error) {
	p := parser{rest: source, names: map[string]bool{}}
	tree, err = p.disjunction()
	if err != nil {
		return nil, "", err
	}
	if p.rest != "" {
		return nil, "", errors.New("a ) closes no group")
	}
	if p.highest > p.groups {
		return nil, "", fmt.Errorf(`\%d refers to a group that is not there`, p.highest)
	}
	for _, name := range p.namesWanted {
		if !p.names[name] {
			return nil, "", fmt.Errorf(`\k<%s> refers to a group that is not there`, name)
		}
	}
	return tree, p.unmatchableWhy, nil
}

func (p *parser) unmatchable(what string) *syntax.Regexp {
	if p.unmatchableWhy == "" {
		p.unmatchableWhy = what
	}
	return &syntax.Regexp{Op: syntax.OpEmptyMatch}
}

func (p *parser) accept(text string) bool {
	rest, found := strings.CutPrefix(p.rest, text)
	p.rest = rest
	return found
}

func (p *parser) next() rune {
	r, size := utf8.DecodeRuneInString(p.rest)
	p.rest = p.rest[size:]
	return r
}

func (p *parser) disjunction() (*syntax.Regexp, error) {
	either := &syntax.Regexp{Op: syntax.OpAlternate}
	for {
		alternative, err := p.alternative()
		if err != nil {
			return nil, err
		}
		either.Sub = append(either.Sub, alternative)
		if !p.accept("|") {
			break
		}
	}
	if len(either.Sub) == 1 {
		return either.Sub[0], nil
	}
	return either, nil
}

func (p *parser) alternative() (*syntax.Regexp, error) {
	sequence := &syntax.Regexp{Op: syntax.OpConcat}
	for p.rest != "" && p.rest[0] != '|' && p.rest[0] != ')' {
		term, err := p.term()
		if err != nil {
			return nil, err
		}
		sequence.Sub = append(sequence.Sub, term)
	}
	return sequence, nil
}

// term reads an assertion, or an atom with the quantifier behind it.
func (p *parser) term() (*syntax.Regexp, error) {
	switch {
	case p.accept("^"):
		return p.assertion(syntax.OpBeginText)
	case p.accept("$"):
		return p.assertion(syntax.OpEndText)
	case p.accept(`\b`):
		return p.wordBoundary(syntax.OpWordBoundary)
	case p.accept(`\B`):
		return p.wordBoundary(syntax.OpNoWordBoundary)
	case p.accept("(?<="), p.accept("(?<!"):
		if _, err := p.group(p.ignoreCase, p.dotAll); err != nil {
			return nil, err
		}
		p.unmatchable("a lookbehind, which package regexp cannot match")
		return p.assertion(syntax.OpEmptyMatch)
	}
	atom, err := p.atom()
	if err != nil {
		return nil, err
	}
	return p.quantified(atom)
}

func (p *parser) assertion(op syntax.Op) (*syntax.Regexp, error) {
	if _, _, found, _ := p.quantifier(); found {
		return nil, errors.New("an assertion is repeated")
	}
	return &syntax.Regexp{Op: op}, nil
}

func (p *parser) wordBoundary(op syntax.Op) (*syntax.Regexp, error) {
	if p.ignoreCase { // two letters beyond ASCII are word characters then
		p.unmatchable("a word boundary within (?i:...), which package regexp cannot match")
	}
	return p.assertion(op)
}

func (p *parser) atom() (*syntax.Regexp, error) {
	if _, _, found, _ := p.quantifier(); found {
		return nil, errors.New("a quantifier has nothing before it")
	}
	switch {
	case p.accept("."):
		if p.dotAll {
			return p.class(everyRune)
		}
		return p.class(lineTerminators.negated())
	case p.accept("["):
		return p.bracketed()
	case p.accept("("):
		return p.parenthesized()
	case p.accept(`\`):
		return p.escapedAtom()
	default:
		return p.literal(p.next()), nil
	}
}

func (p *parser) literal(r rune) *syntax.Regexp {
	literal := &syntax.Regexp{Op: syntax.OpLiteral, Rune: []rune{r}}
	if p.ignoreCase {
		literal.Flags = syntax.FoldCase
	}
	return literal
}

func (p *parser) class(set runeSet) (*syntax.Regexp, error) {
	if p.ranges += len(set) / 2; p.ranges > mostRanges {
		return nil, errors.New("its character classes are too large")
	}
	return &syntax.Regexp{Op: syntax.OpCharClass, Rune: set}, nil
}

func (p *parser) escapedAtom() (*syntax.Regexp, error) {
	if p.rest != "" && '1' <= p.rest[0] && p.rest[0] <= '9' {
		number, _ := p.digits()
		p.highest = max(p.highest, number)
		return p.unmatchable("a backreference, which package regexp cannot match"), nil
	}
	if p.accept("k<") {
		name, err := p.groupName()
		p.namesWanted = append(p.namesWanted, name)
		return p.unmatchable("a backreference, which package regexp cannot match"), err
	}
	if set, found, err := p.classEscape(); found || err != nil {
		if err != nil {
			return nil, err
		}
		if p.ignoreCase {
			set = set.folded()
		}
		return p.class(set)
	}
	r, err := p.characterEscape()
	return p.literal(r), err
}

// parenthesized reads a group from behind its parenthesis. None captures: nothing can refer to it.
func (p *parser) parenthesized() (*syntax.Regexp, error) {
	switch {
	case p.accept("?="), p.accept("?!"):
		_, err := p.group(p.ignoreCase, p.dotAll)
		return p.unmatchable("a lookahead, which package regexp cannot match"), err
	case p.accept("?<"):
		name, err := p.groupName()
		if err != nil {
			return nil, err
		}
		p.names[name] = true
		p.groups++
	case p.accept("?"):
		return p.modified()
	default:
		p.groups++
	}
	return p.group(p.ignoreCase, p.dotAll)
}

// modified reads a group from behind its question mark: (?:, or (?i-s: with any modifiers.
func (p *parser) modified() (*syntax.Regexp, error) {
	flags := p.rest[:len(p.rest)-len(strings.TrimLeft(p.rest, "ims-"))]
	p.rest = p.rest[len(flags):]
	on, off, negated := strings.Cut(flags, "-")
	both := on + off
	switch {
	case p.accept(":") && strings.Count(both, "i") <= 1 && strings.Count(both, "m") <= 1 && strings.Count(both, "s") <= 1 &&
		!strings.Contains(off, "-") && (!negated || both != ""):
	case flags != "" && strings.HasPrefix(p.rest, ")"):
		return nil, fmt.Errorf("(?%s) is no group of ECMA-262, which has (?%s:...)", flags, flags)
	default:
		return nil, fmt.Errorf("(?%s%.1s is no group of ECMA-262", flags, p.rest)
	}
	if strings.Contains(on, "m") {
		p.unmatchable("the modifier m, which package regexp cannot match")
	}
	set := func(flag string, otherwise bool) bool {
		return strings.Contains(on, flag) || otherwise && !strings.Contains(off, flag)
	}
	return p.group(set("i", p.ignoreCase), set("s", p.dotAll))
}

// group reads the rest of a group, with its parenthesis.
func (p *parser) group(ignoreCase, dotAll bool) (*syntax.Regexp, error) {
	if p.depth++; p.depth > deepestGroups {
		return nil, fmt.Errorf("groups are nested deeper than %d levels", deepestGroups)
	}
	before := *p
	p.ignoreCase, p.dotAll = ignoreCase, dotAll
	inside, err := p.disjunction()
	if err != nil {
		return nil, err
	}
	if !p.accept(")") {
		return nil, errors.New("missing closing )")
	}
	p.depth, p.ignoreCase, p.dotAll = before.depth-1, before.ignoreCase, before.dotAll
	return inside, nil
}

func (p *parser) groupName() (string, error) {
	name, rest, found := strings.Cut(p.rest, ">")
	p.rest = rest
	for i, r := range name {
		start := unicode.IsLetter(r) || r == '$' || r == '_' || unicode.Is(unicode.Nl, r)
		if !start && (i == 0 || !unicode.In(r, unicode.Nd, unicode.Mn, unicode.Mc, unicode.Pc)) {
			found = false
		}
	}
	if !found || name == "" {
		return "", errors.New("a group has a malformed name")
	}
	return name, nil
}

func (p *parser) quantified(atom *syntax.Regexp) (*syntax.Regexp, error) {
	low, high, found, err := p.quantifier()
	if err != nil || !found {
		return atom, err
	}
	p.accept("?") // which match is preferred makes no difference
	if _, _, again, _ := p.quantifier(); again {
		return nil, errors.New("a quantifier follows another one")
	}
	return &syntax.Regexp{Op: syntax.OpRepeat, Sub: []*syntax.Regexp{atom}, Min: low, Max: high}, nil
}

// quantifier reads *, +, ?, {n}, {n,} or {n,m}; high is negative where there is no upper bound. A brace that begins nothing of the kind
// stands for itself.
func (p *parser) quantifier() (low, high int, found bool, err error) {
	switch {
	case p.accept("*"):
		return 0, -1, true, nil
	case p.accept("+"):
		return 1, -1, true, nil
	case p.accept("?"):
		return 0, 1, true, nil
	}
	before := p.rest
	if !p.accept("{") {
		return 0, 0, false, nil
	}
	low, found = p.digits()
	high = low
	if found && p.accept(",") {
		if high, _ = p.digits(); strings.HasSuffix(before[:len(before)-len(p.rest)], ",") {
			high = -1
		}
	}
	if !found || !p.accept("}") {
		p.rest = before
		return 0, 0, false, nil
	}
	if high >= 0 && high < low {
		err = fmt.Errorf("the bounds of {%d,%d} are out of order", low, high)
	}
	return low, high, true, err
}

// digits reads a number. One beyond 32 bits becomes the greatest of them.
func (p *parser) digits() (number int, found bool) {
	length := len(p.rest) - len(strings.TrimLeft(p.rest, "0123456789"))
	parsed, err := strconv.ParseInt(p.rest[:length], 10, 32)
	p.rest = p.rest[length:]
	if length > 0 && err != nil {
		parsed = 1<<31 - 1
	}
	return int(parsed), length > 0
}

// characterEscape reads what stands for one character, from behind its backslash.
func (p *parser) characterEscape() (rune, error) {
	switch {
	case p.rest == "":
		return 0, errors.New(`it ends with a \`)
	case p.accept("u"):
		return p.unicodeEscape()
	case p.accept("x"):
		return p.hexadecimal("x", 2)
	case p.accept("c"):
		r := p.next()
		if r >= utf8.RuneSelf || !unicode.IsLetter(r) {
			return 0, errors.New(`\c has no letter`)
		}
		return r % 32, nil
	case p.accept("0"):
		if _, more := p.digits(); more {
			return 0, errors.New(`\0 is followed by a digit`)
		}
		return 0, nil
	}
	r := p.next()
	switch {
	case strings.ContainsRune("tnvfr", r):
		return []rune("\t\n\v\f\r")[strings.IndexRune("tnvfr", r)], nil
	case r < utf8.RuneSelf && !unicode.In(r, unicode.L, unicode.Nd):
		return r, nil
	default:
		return 0, fmt.Errorf(`\%c is no escape of ECMA-262`, r)
	}
}

// unicodeEscape reads \uXXXX, two of them for the halves of a surrogate pair, or \u{...}.
func (p *parser) unicodeEscape() (rune, error) {
	if p.accept("{") {
		digits, rest, _ := strings.Cut(p.rest, "}")
		p.rest = rest
		r, err := strconv.ParseUint(digits, 16, 64)
		if err != nil || r > unicode.MaxRune {
			return 0, fmt.Errorf(`\u{%s} is no character`, digits)
		}
		return rune(r), nil
	}
	first, err := p.hexadecimal("u", 4)
	if err != nil || first < 0xD800 || first >= 0xDC00 {
		return first, err
	}
	before := p.rest
	if p.accept(`\u`) {
		if second, err := p.hexadecimal("u", 4); err == nil && 0xDC00 <= second && second < 0xE000 {
			return (first-0xD800)<<10 + (second - 0xDC00) + 0x10000, nil
		}
	}
	p.rest = before
	return first, nil
}

func (p *parser) hexadecimal(escape string, length int) (rune, error) {
	if len(p.rest) >= length {
		if r, err := strconv.ParseUint(p.rest[:length], 16, 32); err == nil {
			p.rest = p.rest[length:]
			return rune(r), nil
		}
	}
	return 0, fmt.Errorf(`\%s wants %d hexadecimal digits`, escape, length)
}
