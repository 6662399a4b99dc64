package lockfile

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"time"

	"github.com/kvstore-go/kvstore/dsl"
	"github.com/kvstore-go/kvstore/jsonval/schemas"
)

// notations are those that there are.
var notations = []dsl.Notation{
	dsl.Document, dsl.Plain, dsl.Binary, dsl.Signed, dsl.Unsigned, dsl.Number, dsl.Truth, dsl.Moment, dsl.Span, dsl.Marshaled, dsl.HashFields,
}

var slots = regexp.MustCompile(`^[iu][1-9][0-9]?$`)

// check reports what makes no sense in a place that was read from a file.
func (p *place) check(at path) error {
	if p == nil {
		return at.errorf("there is nothing")
	}
	kind, known := kinds[p.Kind]
	switch {
	case !known:
		return at.errorf("there is no kind %q", p.Kind)
	case (kind == dsl.Dynamic) != (p.Element != nil):
		return at.errorf("a dynamic store has an element, and nothing else has")
	case kind != dsl.Static && len(p.Fields) > 0:
		return at.errorf("a %v has no fields", kind)
	case (kind == dsl.BitSet) != slots.MatchString(p.Slots):
		return at.errorf("a bitset has slots, and nothing else has: %q", p.Slots)
	case p.Cap < 0:
		return at.errorf("a cap of %d", p.Cap)
	case p.Keys != nil && !hasKeys(kind):
		return at.errorf("a %v has no keys", kind)
	}
	for _, text := range []string{p.TTL, p.Lease} {
		if d, err := time.ParseDuration(text); text != "" && (err != nil || d.String() != text) {
			return at.errorf("%q is no length of time", text)
		}
	}
	forms := slices.Clone(p.Forms)
	if p.Keys != nil {
		forms = append(forms, *p.Keys)
	}
	for _, f := range forms {
		if err := f.check(); err != nil {
			return at.errorf("%w", err)
		}
	}
	if p.Element != nil {
		if err := p.Element.check(at.below("*", p.Element)); err != nil {
			return err
		}
	}
	for name, field := range p.Fields {
		if field == nil {
			return at.errorf("the field %q is nothing", name)
		}
		if err := field.check(at.below(name, field)); err != nil {
			return err
		}
	}
	return nil
}

func (f form) check() error {
	if !slices.Contains(notations, f.Text) {
		return fmt.Errorf("there is no text of kind %q", f.Text)
	}
	if f.Text == dsl.Document && f.Schema == nil {
		return errors.New("a document without a schema")
	}
	if f.Schema != nil {
		if _, err := schemas.Compare(f.schema(), f.schema()); err != nil {
			return err
		}
	}
	if f.Text != dsl.HashFields && len(f.Fields) > 0 {
		return fmt.Errorf("a text of kind %q has no fields", f.Text)
	}
	for name, field := range f.Fields {
		if err := field.check(); err != nil {
			return fmt.Errorf("the field %q: %w", name, err)
		}
	}
	return nil
}
