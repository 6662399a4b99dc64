package inclusion

import (
	"math/big"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// bound is where numbers end.
type bound struct {
	at        *big.Rat
	exclusive bool
}

// lowest is the bound from below, and highest that from above, of numbers; nil if there is none.
func (f facts) lowest() *bound {
	return f.tightest(1, func(s *jsonschema.Schema) (*big.Rat, *big.Rat) { return s.Minimum, s.ExclusiveMinimum })
}

func (f facts) highest() *bound {
	return f.tightest(-1, func(s *jsonschema.Schema) (*big.Rat, *big.Rat) { return s.Maximum, s.ExclusiveMaximum })
}

func (f facts) tightest(sign int, bounds func(*jsonschema.Schema) (inclusive, exclusive *big.Rat)) *bound {
	var tightest *bound
	offer := func(at *big.Rat, exclusive bool) {
		if at == nil {
			return
		}
		if tightest != nil {
			if order := at.Cmp(tightest.at) * sign; order < 0 || order == 0 && !exclusive {
				return
			}
		}
		tightest = &bound{at, exclusive}
	}
	for _, s := range f.schemas {
		inclusive, exclusive := bounds(s)
		offer(inclusive, false)
		offer(exclusive, true)
	}
	if tightest != nil && f.types&fraction == 0 { // an integer is at the next one at least
		next := new(big.Int).Div(tightest.at.Num(), tightest.at.Denom()) // the floor
		whole := tightest.at.IsInt()
		switch {
		case sign > 0 && (!whole || tightest.exclusive):
			next.Add(next, big.NewInt(1))
		case sign < 0 && whole && tightest.exclusive:
			next.Sub(next, big.NewInt(1))
		}
		tightest = &bound{new(big.Rat).SetInt(next), false}
	}
	return tightest
}

// within reports whether numbers beyond a bound, inside of which they are, are inside of another.
func (b *bound) within(at *big.Rat, exclusive bool, sign int) bool {
	if b == nil {
		return false
	}
	order := b.at.Cmp(at) * sign
	return order > 0 || order == 0 && (b.exclusive || !exclusive)
}

func (p *prover) numbers(s *jsonschema.Schema, f facts) bool {
	if f.types&number == 0 {
		return true
	}
	shown := true
	f = f.of(number)
	for _, rule := range []struct {
		keyword   string
		at        *big.Rat
		exclusive bool
		sign      int
	}{
		{"minimum", s.Minimum, false, 1}, {"exclusiveMinimum", s.ExclusiveMinimum, true, 1},
		{"maximum", s.Maximum, false, -1}, {"exclusiveMaximum", s.ExclusiveMaximum, true, -1},
	} {
		if rule.at == nil {
			continue
		}
		inside := f.lowest()
		if rule.sign < 0 {
			inside = f.highest()
		}
		if !inside.within(rule.at, rule.exclusive, rule.sign) {
			shown = p.fail(rule.keyword)
		}
	}
	if s.MultipleOf != nil && !f.multiples(s.MultipleOf) {
		shown = p.fail("multipleOf")
	}
	return shown
}

// multiples reports whether all numbers are multiples of one.
func (f facts) multiples(of *big.Rat) bool {
	divides := func(step *big.Rat) bool { return of.Sign() != 0 && new(big.Rat).Quo(step, of).IsInt() }
	return f.types&fraction == 0 && divides(big.NewRat(1, 1)) ||
		f.some(func(s *jsonschema.Schema) bool { return s.MultipleOf != nil && divides(s.MultipleOf) })
}

func (p *prover) texts(s *jsonschema.Schema, f facts) bool {
	if f.types&text == 0 {
		return true
	}
	shown := true
	if s.MinLength != nil && f.least(func(o *jsonschema.Schema) *int { return o.MinLength }) < *s.MinLength && *s.MinLength > 0 {
		shown = p.fail("minLength")
	}
	if s.MaxLength != nil && !f.below(*s.MaxLength, func(o *jsonschema.Schema) *int { return o.MaxLength }) {
		shown = p.fail("maxLength")
	}
	if s.Pattern != nil && !f.some(func(o *jsonschema.Schema) bool { return o.Pattern != nil && o.Pattern.String() == s.Pattern.String() }) {
		shown = p.fail("pattern")
	}
	if s.ContentEncoding != nil && !f.some(func(o *jsonschema.Schema) bool {
		return o.ContentEncoding != nil && o.ContentEncoding.Name == s.ContentEncoding.Name
	}) {
		shown = p.fail("contentEncoding")
	}
	return shown
}

// below reports whether a number of things is known to be at most so many.
func (f facts) below(limit int, bound func(*jsonschema.Schema) *int) bool {
	most, bounded := f.most(bound)
	return bounded && most <= limit
}
