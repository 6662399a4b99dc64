package ecma

import (
	"errors"
	"fmt"
	"regexp"
	"regexp/syntax"
	"slices"
	"sort"
	"strings"
	"unicode"
)

// runeSet is a set of characters, as the first and the last of each range, in order and apart.
type runeSet []rune

var (
	everyRune       = runeSet{0, unicode.MaxRune}
	decimalDigits   = runeSet{'0', '9'}
	wordCharacters  = runeSet{'0', '9', 'A', 'Z', '_', '_', 'a', 'z'}
	lineTerminators = runeSet{'\n', '\n', '\r', '\r', 0x2028, 0x2029}
	// whiteSpace is what ECMA-262 calls white space and line terminators.
	whiteSpace = united(lineTerminators, runeSet{'\t', '\t', '\v', '\f', 0xFEFF, 0xFEFF}, ofTables(unicode.Zs))
)

func united(sets ...runeSet) runeSet {
	type span struct{ low, high rune }
	var spans []span
	for _, set := range sets {
		for i := 0; i < len(set); i += 2 {
			spans = append(spans, span{set[i], set[i+1]})
		}
	}
	sort.Slice(spans, func(i, j int) bool { return spans[i].low < spans[j].low })
	var all runeSet
	for _, s := range spans {
		if last := len(all) - 1; last > 0 && s.low <= all[last]+1 {
			all[last] = max(all[last], s.high)
		} else {
			all = append(all, s.low, s.high)
		}
	}
	return all
}

func ofTables(tables ...*unicode.RangeTable) runeSet {
	var all runeSet
	add := func(low, high, stride rune) {
		if stride == 1 {
			all = append(all, low, high)
			return
		}
		for r := low; r <= high; r += stride {
			all = append(all, r, r)
		}
	}
	for _, table := range tables {
		for _, r := range table.R16 {
			add(rune(r.Lo), rune(r.Hi), rune(r.Stride))
		}
		for _, r := range table.R32 {
			add(rune(r.Lo), rune(r.Hi), rune(r.Stride))
		}
	}
	return united(all)
}

func (s runeSet) negated() runeSet {
	var others runeSet
	low := rune(0)
	for i := 0; i < len(s); i += 2 {
		if low < s[i] {
			others = append(others, low, s[i]-1)
		}
		low = s[i+1] + 1
	}
	if low <= unicode.MaxRune {
		others = append(others, low, unicode.MaxRune)
	}
	return others
}

// folded adds the characters that differ from one of the set in their case alone.
func (s runeSet) folded() runeSet {
	const last = 0x1E943 // that has another case
	var others runeSet
	for i := 0; i < len(s); i += 2 {
		for r := s[i]; r <= min(s[i+1], last); r++ {
			for other := unicode.SimpleFold(r); other != r; other = unicode.SimpleFold(other) {
				others = append(others, other, other)
			}
		}
	}
	return united(s, others)
}

var posixClass = regexp.MustCompile(`^\[:\^?[a-z]+:\]`)

// bracketed reads a character class from behind its bracket.
func (p *parser) bracketed() (*syntax.Regexp, error) {
	inverted := p.accept("^")
	var sets []runeSet
	for !p.accept("]") {
		if p.rest == "" {
			return nil, errors.New("missing closing ]")
		}
		if name := posixClass.FindString(p.rest); name != "" {
			return nil, fmt.Errorf("%s is no class of ECMA-262", name)
		}
		first, one, err := p.classAtom()
		if err != nil {
			return nil, err
		}
		sets = append(sets, first)
		if len(p.rest) < 2 || p.rest[0] != '-' || p.rest[1] == ']' {
			continue
		}
		p.next()
		last, alsoOne, err := p.classAtom()
		switch {
		case err != nil:
			return nil, err
		case !one || !alsoOne: // the hyphen stands for itself
			sets = append(sets, runeSet{'-', '-'}, last)
		case first[0] > last[0]:
			return nil, fmt.Errorf("the range %q to %q is out of order", first[0], last[0])
		default:
			sets = append(sets, runeSet{first[0], last[0]})
		}
	}
	set := united(sets...)
	if p.ignoreCase {
		set = set.folded()
	}
	if inverted {
		set = set.negated()
	}
	return p.class(set)
}

// classAtom reads a character, or an escape for several, within brackets.
func (p *parser) classAtom() (set runeSet, one bool, err error) {
	if p.rest == "" {
		return nil, false, errors.New("missing closing ]")
	}
	r := p.next()
	if r == '\\' {
		if set, found, err := p.classEscape(); found || err != nil {
			return set, false, err
		}
		if p.accept("b") {
			r = '\b'
		} else if r, err = p.characterEscape(); err != nil {
			return nil, false, err
		}
	}
	return runeSet{r, r}, true, nil
}

// classEscape reads what stands for several characters, from behind its backslash.
func (p *parser) classEscape() (set runeSet, found bool, err error) {
	if p.rest == "" {
		return nil, false, nil
	}
	letter := p.rest[0]
	switch letter | ' ' {
	case 'd':
		set = decimalDigits
	case 's':
		set = whiteSpace
	case 'w':
		set = wordCharacters
		if p.ignoreCase {
			set = set.folded()
		}
	case 'p':
	default:
		return nil, false, nil
	}
	p.next()
	if letter|' ' == 'p' {
		if set, err = p.property(); err != nil {
			return nil, false, err
		}
	}
	if unicode.IsUpper(rune(letter)) {
		set = set.negated()
	}
	return set, true, nil
}

// property reads the name of a Unicode property in braces.
func (p *parser) property() (runeSet, error) {
	text, rest, found := strings.Cut(p.rest, "}")
	text, opened := strings.CutPrefix(text, "{")
	if !found || !opened {
		return nil, errors.New(`\p wants a property in braces`)
	}
	p.rest = rest
	var tables []*unicode.RangeTable
	switch name, value, _ := strings.Cut(text, "="); name {
	case "General_Category", "gc":
		tables = categoryNamed(value)
	case "Script", "sc":
		if table := unicode.Scripts[value]; table != nil {
			tables = []*unicode.RangeTable{table}
		}
	default:
		switch text {
		case "Any":
			return everyRune, nil
		case "ASCII":
			return runeSet{0, unicode.MaxASCII}, nil
		case "Assigned":
			return ofTables(unicode.Categories["Cn"]).negated(), nil
		}
		if tables = categoryNamed(text); tables == nil {
			tables = propertyNamed(text)
		}
	}
	if tables == nil {
		p.unmatchable(`the property \p{` + text + `}, which is not known here`)
	}
	return ofTables(tables...), nil
}

func categoryNamed(name string) []*unicode.RangeTable {
	if short, found := unicode.CategoryAliases[name]; found {
		name = short
	}
	if table := unicode.Categories[name]; table != nil {
		return []*unicode.RangeTable{table}
	}
	return nil
}

// propertyNamed returns the tables of a property that is true or false of a character.
func propertyNamed(name string) []*unicode.RangeTable {
	lower := []*unicode.RangeTable{unicode.Ll, unicode.Other_Lowercase}
	upper := []*unicode.RangeTable{unicode.Lu, unicode.Other_Uppercase}
	switch name {
	case "Lowercase", "Lower":
		return lower
	case "Uppercase", "Upper":
		return upper
	case "Alphabetic", "Alpha":
		return slices.Concat(lower, upper, []*unicode.RangeTable{unicode.Lt, unicode.Lm, unicode.Lo, unicode.Nl, unicode.Other_Alphabetic})
	case "Hyphen", "Prepended_Concatenation_Mark", "Modifier_Combining_Mark",
		"IDS_Unary_Operator", "ID_Compat_Math_Start", "ID_Compat_Math_Continue": // which ECMA-262 leaves out
		return nil
	}
	if table := unicode.Properties[name]; table != nil && !strings.HasPrefix(name, "Other_") {
		return []*unicode.RangeTable{table}
	}
	return nil
}
