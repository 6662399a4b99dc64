package gotext

import (
	"reflect"

	"github.com/kvstore-go/kvstore/drivers"
)

// Inspector judges what is stored: which older form it has, by the name of its Go type, or "" for the
// one that is written today; or why it cannot be read.
type Inspector interface {
	Inspect(text string) (older string, err error)
}

// InspectorOf judges by a codec, a *Codec of any type; nil for what is none.
func InspectorOf(codec any) Inspector {
	how, ok := codec.(interface{ Document() *Document })
	pointer := reflect.ValueOf(codec)
	if !ok || pointer.IsNil() { // a mistake of the schema
		return nil
	}
	if document := how.Document(); document != nil {
		return document
	}
	if check := pointer.Elem().FieldByName("Check"); check.IsValid() {
		return checked(check.Interface().(func(string) error))
	}
	return nil
}

// checked judges what has one form.
type checked func(text string) error

// Inspect implements Inspector.
func (c checked) Inspect(text string) (older string, err error) {
	if err := c(text); err != nil {
		return "", drivers.Join(ErrCorrupt, err)
	}
	return "", nil
}

func acceptAll(string) error { return nil }

func checkBy[T any](parse func(string) (T, error)) func(string) error {
	return func(text string) error {
		_, err := parse(text)
		return err
	}
}

// checking is a check that texts of a type can be read. Inlined, it would be made anew for each.
//
//go:noinline
func (t text) checking(kind reflect.Type) func(string) error {
	return func(stored string) error { return t.parse(stored, reflect.New(kind).Elem()) }
}

// Inspect implements Inspector.
func (d *Document) Inspect(text string) (older string, err error) {
	_, _, form, err := d.Renew(text)
	return nameOf(form), err
}

func nameOf(form reflect.Type) string {
	if form == nil {
		return ""
	}
	return form.String()
}

// AcceptsAll reports whether a codec has nothing to judge: every text is a value.
func AcceptsAll(codec any) bool { return codec == any(Strings) || codec == any(Bytes) }

// PairsInspector is Inspector of fields and values by turns.
type PairsInspector interface {
	InspectPairs(pairs []string) (older string, err error)
}

// InspectPairs implements PairsInspector for the whole of a hash.
func (h *Hash) InspectPairs(pairs []string) (older string, err error) {
	_, form, err := h.Renew(pairs)
	return nameOf(form), err
}

// Pairs are how the keys and the values of a map are read.
type Pairs struct {
	keys, values Inspector
	document     *Document
}

// PairsOf are those of two codecs.
func PairsOf(keys, values interface{ Document() *Document }) *Pairs {
	pairs := &Pairs{keys: InspectorOf(keys), values: InspectorOf(values)}
	if pairs.values != nil {
		pairs.document = values.Document()
	}
	return pairs
}

// Document is how values that are documents are written and read; nil for others.
func (p *Pairs) Document() *Document { return p.document }

// InspectPairs implements PairsInspector for some of a map.
func (p *Pairs) InspectPairs(pairs []string) (older string, err error) {
	for name, text := range pairsOf(pairs) {
		if _, err := p.keys.Inspect(name); err != nil {
			return "", err
		}
		form, err := p.values.Inspect(text)
		if err != nil {
			return "", err
		}
		if form != "" {
			older = form
		}
	}
	return older, nil
}
