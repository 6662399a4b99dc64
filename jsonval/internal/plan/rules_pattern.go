package plan

import (
	"encoding/binary"
	"regexp"
	"regexp/syntax"
	"slices"
	"unicode/utf8"

	"github.com/kvstore-go/kvstore/jsonval/internal/ecma"
	"github.com/kvstore-go/kvstore/jsonval/internal/violation"
)

// pattern is a regular expression. Those that are simple enough also have a table of states that takes one step for each
// byte of ASCII text.
type pattern struct {
	why    *violation.Violation
	regexp *regexp.Regexp
	steps  []uint16 // by state and byte; nil when there is no table
	ends   []bool   // by state: whether a text that ends there matches
}

const maxStates = 128

// newPattern takes an expression of a schema that is compiled: it can be matched.
func newPattern(e *ecma.Expression) *pattern {
	compiled, _ := e.Regexp()
	p := &pattern{regexp: compiled, why: violationOf(violation.Pattern{Want: e.String()})}
	if parsed, err := syntax.Parse(compiled.String(), syntax.Perl); err == nil {
		if program, err := syntax.Compile(parsed.Simplify()); err == nil {
			p.build(program)
		}
	}
	return p
}

func (p *pattern) matches(content []byte) bool {
	if p.steps == nil {
		return p.regexp.MatchString(string(content))
	}
	state := 0
	for _, c := range content {
		if c >= utf8.RuneSelf {
			return p.regexp.MatchString(string(content))
		}
		state = int(p.steps[state*utf8.RuneSelf+int(c)])
	}
	return p.ends[state]
}

// scan reads a string of ASCII without escapes, from behind its opening quote, while it matches it. It returns the position of the
// closing quote, or a negative number where the string does not match, or is another one.
func (p *pattern) scan(text []byte, i int) int {
	state := 0
	for ; uint(i) < uint(len(text)); i++ {
		c := text[i]
		if c == '"' {
			if p.ends[state] {
				return i
			}
			break
		}
		if c < ' ' || c == '\\' || c >= utf8.RuneSelf {
			break
		}
		state = int(p.steps[state*utf8.RuneSelf+int(c)])
	}
	return -1
}

// build makes a table of the program by the subset construction. There is none for a program that looks at more than the
// beginning and the end of the text, or that has too many states.
func (p *pattern) build(program *syntax.Prog) {
	for _, instruction := range program.Inst {
		if instruction.Op == syntax.InstEmptyWidth &&
			syntax.EmptyOp(instruction.Arg)&^(syntax.EmptyBeginText|syntax.EmptyEndText) != 0 {
			return
		}
	}
	begin := []uint32{uint32(program.Start)}
	states := [][]uint32{begin}
	known := map[string]uint16{}
	var steps []uint16
	var ends []bool
	for at := 0; at < len(states); at++ {
		// The first state is the only one at the beginning of the text; it is never entered again.
		at0 := syntax.EmptyOp(0)
		if at == 0 {
			at0 = syntax.EmptyBeginText
		}
		open, done := closure(program, states[at], at0)
		_, doneAtEnd := closure(program, states[at], at0|syntax.EmptyEndText)
		ends = append(ends, done || doneAtEnd)
		for c := range rune(utf8.RuneSelf) {
			if done { // whatever follows
				steps = append(steps, uint16(at))
				continue
			}
			next := []uint32{uint32(program.Start)} // a match may start anywhere
			for _, pc := range open {
				if program.Inst[pc].MatchRune(c) {
					next = append(next, program.Inst[pc].Out)
				}
			}
			slices.Sort(next)
			next = slices.Compact(next)
			key := stateKey(next)
			state, ok := known[key]
			if !ok {
				if len(states) == maxStates {
					return
				}
				state = uint16(len(states))
				known[key] = state
				states = append(states, next)
			}
			steps = append(steps, state)
		}
	}
	p.steps, p.ends = steps, ends
}

// closure returns the instructions that read a character and can be reached without reading any, and whether the match is
// complete by then.
func closure(program *syntax.Prog, from []uint32, holds syntax.EmptyOp) (open []uint32, done bool) {
	visited := make([]bool, len(program.Inst))
	var visit func(pc uint32)
	visit = func(pc uint32) {
		if visited[pc] {
			return
		}
		visited[pc] = true
		switch instruction := program.Inst[pc]; instruction.Op {
		case syntax.InstMatch:
			done = true
		case syntax.InstAlt, syntax.InstAltMatch:
			visit(instruction.Out)
			visit(instruction.Arg)
		case syntax.InstCapture, syntax.InstNop:
			visit(instruction.Out)
		case syntax.InstEmptyWidth:
			if syntax.EmptyOp(instruction.Arg)&^holds == 0 {
				visit(instruction.Out)
			}
		case syntax.InstFail:
		default:
			open = append(open, pc)
		}
	}
	for _, pc := range from {
		visit(pc)
	}
	return open, done
}

func stateKey(state []uint32) string {
	var key []byte
	for _, pc := range state {
		key = binary.LittleEndian.AppendUint32(key, pc)
	}
	return string(key)
}
