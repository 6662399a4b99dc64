package gotext

import (
	"errors"
	"reflect"

	"github.com/samber/lo"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/jsonval"
	"github.com/kvstore-go/kvstore/kv/internal/forms"
)

// Older says of a value which other forms it has.
type Older struct {
	Upgrades []Upgrade
	StoreAs  *forms.Step
}

// Upgrade leads from an older form to a newer one.
type Upgrade struct {
	forms.Step
	Validation []jsonval.Option // of the older form
}

// None reports whether the declared form is the only one.
func (o Older) None() bool { return len(o.Upgrades) == 0 && o.StoreAs == nil }

// forms are those of a type.
func (o Older) forms(newest reflect.Type) (*forms.Forms, error) {
	return forms.Of(newest, lo.Map(o.Upgrades, func(u Upgrade, _ int) forms.Step { return u.Step }), o.StoreAs)
}

// validation is the options for a type that is a form.
func (o Older) validation(form reflect.Type) []jsonval.Option {
	upgrade, _ := lo.Find(o.Upgrades, func(u Upgrade) bool { return u.From == form })
	return upgrade.Validation
}

// Document is how documents of a Go type are written, and read in whatever form they are stored. It
// knows types by reflection alone, and is given pointers to values.
type Document struct {
	kind   reflect.Type
	forms  *forms.Forms         // nil if there is the declared form alone
	codecs []*jsonval.TypeCodec // of the forms, the newest first
	// canonical says that documents which are the same to == have one text.
	canonical bool
}

// DocumentOf is how documents of a type are written and read; validation is for the declared form.
func DocumentOf(kind reflect.Type, validation []jsonval.Option, older Older) (*Document, error) {
	codec, mistakes := jsonval.NewTypeCodec(kind, validation...)
	document := &Document{kind: kind, codecs: []*jsonval.TypeCodec{codec}}
	if older.None() {
		return document, mistakes
	}
	all, err := older.forms(kind)
	mistakes = errors.Join(mistakes, err)
	for _, form := range all.Types()[1:] {
		codec, err := jsonval.NewTypeCodec(form, older.validation(form)...)
		document.codecs, mistakes = append(document.codecs, codec), errors.Join(mistakes, err)
	}
	document.forms = all
	return document, mistakes
}

// Encode is what is stored of what a pointer points to. Of foundNewest see [forms.Forms.Write].
func (d *Document) Encode(pointer any, foundNewest bool) (text string, err error) {
	write := func(form int, pointer any) (err error) {
		text, err = d.codecs[form].EncodeFrom(pointer)
		return err
	}
	if d.forms == nil {
		err = write(0, pointer)
	} else {
		err = d.forms.Write(pointer, foundNewest, write)
	}
	if d.canonical && err == nil {
		text = withoutNegativeZeros(text)
	}
	return text, err
}

// Forms are the forms of the documents, or nil if there is the declared one alone.
func (d *Document) Forms() *forms.Forms {
	if d == nil {
		return nil
	}
	return d.forms
}

// Decode sets what a pointer points to, which is zero, to what is stored. After an error it is undefined.
func (d *Document) Decode(text string, pointer any) (foundNewest bool, err error) {
	if d.forms == nil {
		return true, d.codecs[0].DecodeInto(text, pointer)
	}
	form, err := d.forms.Read(pointer, &storedText{Document: d, text: text})
	return form == 0, err
}

// Renew is a text as it would be written today, with the value that it has, and the type whose form it has if that is an older
// one than is written; else it is the text itself. It is ErrCorrupt for a text that cannot be read.
func (d *Document) Renew(text string) (renewed string, value any, older reflect.Type, err error) {
	value = reflect.New(d.kind).Interface()
	if d.forms == nil {
		if err := d.codecs[0].DecodeInto(text, value); err != nil {
			return "", nil, nil, drivers.Join(ErrCorrupt, err)
		}
		return text, value, nil, nil
	}
	stored := &storedText{Document: d, text: text}
	form, err := d.forms.Read(value, stored)
	switch {
	case err != nil:
		return "", nil, nil, drivers.Join(ErrCorrupt, err)
	case !d.forms.Older(form):
		return text, value, nil, nil
	case d.forms.StoredAs() == nil:
		renewed = stored.newest // it has been checked by writing it
	default:
		if renewed, err = d.Encode(value, false); err != nil {
			return "", nil, nil, drivers.Join(ErrCorrupt, err)
		}
	}
	return renewed, value, d.forms.Types()[form], nil
}

// storedText is a text that has one of a document's forms.
type storedText struct {
	*Document
	text   string
	newest string // the text of what it has become, once that is checked
}

func (s *storedText) Read(form int, pointer any) (fits, exact bool) {
	return s.codecs[form].DecodeExactly(s.text, pointer)
}

func (s *storedText) Refusal() error {
	return s.codecs[0].DecodeInto(s.text, reflect.New(s.kind).Interface())
}

func (s *storedText) Check(form int, pointer any) (err error) {
	if form > 0 {
		_, err = s.codecs[form].EncodeFrom(pointer)
		return err
	}
	s.newest, err = s.Encode(pointer, true)
	return err
}
