package lockfile

import "github.com/kvstore-go/kvstore/dsl"

// What a kind has unless something else is declared is not written: it would hide what was declared.

// usualTexts are those of kinds.
var usualTexts = map[dsl.Kind]dsl.Notation{
	dsl.String: dsl.Plain, dsl.Bytes: dsl.Binary, dsl.Int: dsl.Signed, dsl.Float: dsl.Number, dsl.Bool: dsl.Truth, dsl.Time: dsl.Moment, dsl.Duration: dsl.Span,
	dsl.Set: dsl.Plain, dsl.List: dsl.Plain, dsl.SortedSet: dsl.Plain, dsl.Geo: dsl.Plain, dsl.Map: dsl.Plain, dsl.Stream: dsl.Plain, dsl.Topic: dsl.Plain, dsl.Queue: dsl.Plain,
}

// usualKeys are those of stores, and of maps.
const usualKeys = dsl.Plain

func hasKeys(kind dsl.Kind) bool { return kind == dsl.Dynamic || kind == dsl.Map }

// only reports whether a form says nothing but how values are written.
func (f form) only(text dsl.Notation) bool {
	return f.Text == text && f.Type == "" && f.Schema == nil && !f.HandWritten && len(f.Orders) == 0 && len(f.Fields) == 0
}

// short is the place without what is usual.
func (p *place) short() *place {
	short := *p
	if text, usual := usualTexts[p.kind()]; usual && len(p.Forms) == 1 && p.Forms[0].only(text) {
		short.Forms = nil
	}
	if hasKeys(p.kind()) && p.Keys != nil && p.Keys.only(usualKeys) {
		short.Keys = nil
	}
	if p.Element != nil {
		short.Element = p.Element.short()
	}
	if p.Fields != nil {
		short.Fields = make(map[string]*place, len(p.Fields))
	}
	for name, field := range p.Fields {
		short.Fields[name] = field.short()
	}
	return &short
}

// complete adds what is usual.
func (p *place) complete() {
	if text, usual := usualTexts[p.kind()]; usual && len(p.Forms) == 0 {
		p.Forms = []form{{Text: text}}
	}
	if hasKeys(p.kind()) && p.Keys == nil {
		p.Keys = &form{Text: usualKeys}
	}
	if p.Element != nil {
		p.Element.complete()
	}
	for _, field := range p.Fields {
		field.complete()
	}
}
