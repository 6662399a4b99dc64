package gotext

import "reflect"

// Inspector judges what is stored: which older form it has, by the name of its Go type, or "" for the
// one that is written today; or why it cannot be read.
type Inspector interface {
	Inspect(text string) (older string, err error)
}

// Inspect implements Inspector.
func (c *Codec) Inspect(text string) (older string, err error) {
	if document := c.Document(); document != nil {
		return document.Inspect(text)
	}
	return "", c.Check(text)
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
type Pairs struct{ Keys, Values *Codec }

// Document is how values that are documents are written and read; nil for others.
func (p Pairs) Document() *Document { return p.Values.Document() }

// InspectPairs implements PairsInspector for some of a map.
func (p Pairs) InspectPairs(pairs []string) (older string, err error) {
	for name, text := range pairsOf(pairs) {
		if _, err := p.Keys.Inspect(name); err != nil {
			return "", err
		}
		form, err := p.Values.Inspect(text)
		if err != nil {
			return "", err
		}
		if form != "" {
			older = form
		}
	}
	return older, nil
}
