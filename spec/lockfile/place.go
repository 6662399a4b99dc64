package lockfile

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/kvstore-go/kvstore/dsl"
)

// place is a node of a schema.
type place struct {
	Kind      string           `json:"kind"`
	Colocated bool             `json:"colocated,omitempty"`
	TTL       string           `json:"ttl,omitempty"`
	Sliding   bool             `json:"sliding,omitempty"`
	Slots     string           `json:"slots,omitempty"`
	Overflow  string           `json:"overflow,omitempty"`
	Cap       int              `json:"cap,omitempty"`
	Lease     string           `json:"lease,omitempty"`
	Rates     []string         `json:"rates,omitempty"`
	Keys      *form            `json:"keys,omitempty"`
	Indexes   map[string]index `json:"indexes,omitempty"` // by name, with that of the keys themselves, which is empty
	Forms     []form           `json:"forms,omitempty"`   // the newest first

	Fields  map[string]*place `json:"fields,omitempty"`
	Element *place            `json:"element,omitempty"`
}

// index is an index of a dynamic store.
type index struct {
	By     []string `json:"by,omitempty"`
	Unique bool     `json:"unique,omitempty"`
}

// form is dsl.Form.
type form struct {
	Text        dsl.Notation    `json:"text"`
	Type        string          `json:"type,omitempty"` // of what marshals itself
	Schema      json.RawMessage `json:"schema,omitempty"`
	HandWritten bool            `json:"handWritten,omitempty"`
	Orders      [][]string      `json:"orders,omitempty"` // of what is found by its text
	Fields      map[string]part `json:"fields,omitempty"`
}

// part is dsl.FormField.
type part struct {
	form
	Required bool   `json:"required,omitempty"`
	Default  string `json:"default,omitempty"`
}

func placeOf(n *dsl.Node) *place {
	p := &place{Kind: n.Kind().String(), Colocated: n.Tagged(), TTL: span(n.TTL()), Sliding: n.Sliding(), Cap: n.Cap(), Lease: span(n.Lease())}
	if n.Kind() == dsl.BitSet {
		p.Slots, p.Overflow = n.Bits().String(), n.Bits().Overflow
	}
	for _, rate := range n.Rates() {
		p.Rates = append(p.Rates, fmt.Sprintf("%d per %v, at most %d at once", rate.Count, rate.Period, rate.Burst))
	}
	if n.Keys().Notation != "" {
		keys := formOf(n.Keys(), true)
		p.Keys = &keys
	}
	if declared := n.Index(); declared != nil {
		p.Indexes = map[string]index{"": {}}
		for i, name := range declared.Names {
			p.Indexes[name] = index{}
			if i < len(declared.Values) {
				p.Indexes[name] = index{By: declared.Values[i].Kinds, Unique: declared.Values[i].Unique}
			}
		}
	}
	for _, f := range n.Forms() {
		p.Forms = append(p.Forms, formOf(f, foundByText[n.Kind()]))
	}
	if n.Element() != nil {
		p.Element = placeOf(n.Element())
	}
	if n.Kind() == dsl.Static {
		p.Fields = map[string]*place{}
	}
	for _, field := range n.Fields() {
		p.Fields[field.Name] = placeOf(field.Node)
	}
	return p
}

// foundByText are the kinds whose elements are found by their text, as the keys of maps are; those of lists by their place, too.
var foundByText = map[dsl.Kind]bool{dsl.Set: true, dsl.SortedSet: true, dsl.Geo: true, dsl.List: true}

func formOf(f dsl.Form, byText bool) form {
	written := form{Text: f.Notation, HandWritten: f.HandWritten}
	if f.Schema != "" {
		written.Schema = json.RawMessage(f.Schema)
	}
	if byText {
		written.Orders = f.Orders
	}
	if f.Notation == dsl.Marshaled {
		written.Type = f.Type
	}
	if f.Notation == dsl.HashFields {
		written.Fields = map[string]part{}
	}
	for _, field := range f.Fields {
		written.Fields[field.Name] = part{formOf(field.Form, false), field.Required, field.Default}
	}
	return written
}

// span is a length of time, or nothing.
func span(d time.Duration) string {
	if d == 0 {
		return ""
	}
	return d.String()
}

var kinds = func() map[string]dsl.Kind {
	named := map[string]dsl.Kind{}
	for _, kind := range dsl.Kinds() {
		named[kind.String()] = kind
	}
	return named
}()

func (p *place) kind() dsl.Kind { return kinds[p.Kind] }

// written is the place, or the form, as JSON, to be compared.
func written(part any) string {
	text, err := json.Marshal(part)
	if err != nil { // a schema that is no JSON, which is compared as it is
		return fmt.Sprintf("%v", part)
	}
	return string(text)
}

// alone is the place without what lies below it.
func (p *place) alone() place {
	alone := *p
	alone.Fields, alone.Element = nil, nil
	return alone
}
