package gotext

import (
	"errors"
	"fmt"
	"reflect"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/kv/internal/forms"
)

// Hash is how structs of a Go type are written to hashes, and read in whatever form they are
// stored. It is the newest form.
type Hash struct {
	*Struct
	kind    reflect.Type
	forms   *forms.Forms // nil if there is the declared form alone
	structs []*Struct    // of the forms, the newest first
}

// HashOf makes the plan of a struct type and its older forms, or says everything that is wrong with them.
func HashOf(kind reflect.Type, older Older) (*Hash, error) {
	newest, mistakes := StructOf(kind)
	hash := &Hash{newest, kind, nil, []*Struct{newest}}
	if older.None() {
		return hash, mistakes
	}
	all, err := older.forms(kind)
	mistakes = errors.Join(mistakes, err)
	for _, form := range all.Types()[1:] {
		plan, err := StructOf(form)
		if len(older.validation(form)) > 0 {
			err = errors.Join(err, fmt.Errorf("validation of %v: a hash has that of its jsonschema tags alone", form))
		}
		hash.structs, mistakes = append(hash.structs, plan), errors.Join(mistakes, err)
	}
	hash.forms = all
	return hash, mistakes
}

// Forms are the forms of the structs, or nil if there is the declared one alone.
func (h *Hash) Forms() *forms.Forms { return h.forms }

// Found is the form that a hash is stored in.
type Found struct {
	form int
	part bool // it lacks fields that are required, and fits no form
}

// Read sets what a pointer points to, a zero struct, to what is stored, or fails with ErrCorrupt.
func (h *Hash) Read(pairs []string, pointer any) error {
	if h.forms == nil {
		return h.Decode(pairs, reflect.ValueOf(pointer).Elem())
	}
	_, err := h.forms.Read(pointer, storedPairs{h, pairs})
	return ofStored(err)
}

// ReadPart is Read for a hash that may lack fields.
func (h *Hash) ReadPart(pairs []string, pointer any) (found Found, err error) {
	into := reflect.ValueOf(pointer).Elem()
	if h.forms != nil {
		if found.form, err = h.forms.Read(pointer, storedPairs{h, pairs}); err == nil {
			return found, nil
		}
		into.SetZero()
		if failed := (*forms.Error)(nil); errors.As(err, &failed) {
			return found, ofStored(err)
		}
	}
	missing, err := h.DecodePart(pairs, into)
	return Found{part: missing > 0}, err
}

// Rewrite is what is stored of a struct in place of what was found: in the form that is written, with the fields that belong
// to neither.
func (h *Hash) Rewrite(pointer any, pairs []string, found Found) ([]string, error) {
	next, written, err := h.write(pointer, found.form == 0 && !found.part)
	if err != nil {
		return nil, err
	}
	for name, text := range pairsOf(pairs) {
		if written.Field(name) == nil && h.structs[found.form].Field(name) == nil {
			next = append(next, name, text)
		}
	}
	return next, nil
}

// Write is what is stored of a struct, fields and values by turns, or ErrInvalid.
func (h *Hash) Write(pointer any) ([]string, error) {
	pairs, _, err := h.write(pointer, false)
	return pairs, err
}

func (h *Hash) write(pointer any, foundNewest bool) (pairs []string, written *Struct, err error) {
	if h.forms == nil {
		pairs, err = h.Encode(reflect.ValueOf(pointer).Elem())
		return pairs, h.Struct, err
	}
	err = h.forms.Write(pointer, foundNewest, func(form int, pointer any) (err error) {
		written = h.structs[form]
		pairs, err = written.Encode(reflect.ValueOf(pointer).Elem())
		return err
	})
	if err != nil && !errors.Is(err, drivers.ErrInvalid) {
		err = drivers.Join(drivers.ErrInvalid, err)
	}
	return pairs, written, err
}

// Renew is a hash as it would be written today, and the type whose form it has if that is an older one than is written. It fails
// for a hash that cannot be read.
func (h *Hash) Renew(pairs []string) (renewed []string, older reflect.Type, err error) {
	pointer := reflect.New(h.kind).Interface()
	if h.forms == nil {
		return pairs, nil, h.Read(pairs, pointer)
	}
	form, err := h.forms.Read(pointer, storedPairs{h, pairs})
	if err != nil || !h.forms.Older(form) {
		return pairs, nil, ofStored(err)
	}
	if renewed, err = h.Rewrite(pointer, pairs, Found{form: form}); err != nil {
		return pairs, nil, ofStored(err)
	}
	return renewed, h.forms.Types()[form], nil
}

// AsNewest is a hash, which may lack fields, as the newest form would be stored.
func (h *Hash) AsNewest(pairs []string) ([]string, error) {
	pointer := reflect.New(h.kind)
	found, err := h.ReadPart(pairs, pointer.Interface())
	if err != nil || found.form == 0 {
		return pairs, err
	}
	return h.Encode(pointer.Elem())
}

// Alike reports whether a field is in the newest form what it is in the form that is written.
func (h *Hash) Alike(field *Field) bool {
	if h.forms.StoredAs() == nil {
		return true
	}
	other := h.structs[h.forms.Stored()].Field(field.Name)
	return other != nil && other.Stored == field.Stored
}

// ofStored is an error of what is stored as ErrCorrupt.
func ofStored(err error) error {
	if err == nil || errors.Is(err, ErrCorrupt) {
		return err
	}
	return drivers.Join(ErrCorrupt, err)
}

// storedPairs is a hash that has one of the forms.
type storedPairs struct {
	*Hash
	pairs []string
}

func (s storedPairs) Read(form int, pointer any) (fits, exact bool) {
	plan := s.structs[form]
	err := plan.Decode(s.pairs, reflect.ValueOf(pointer).Elem())
	return err == nil, plan.knows(s.pairs)
}

func (s storedPairs) Refusal() error {
	return s.structs[0].Decode(s.pairs, reflect.New(s.kind).Elem())
}

func (s storedPairs) Check(form int, pointer any) error {
	_, err := s.structs[form].Encode(reflect.ValueOf(pointer).Elem())
	return err
}

// knows reports whether all pairs are fields of the struct.
func (p *Struct) knows(pairs []string) bool {
	for name := range pairsOf(pairs) {
		if p.byName[name] == nil {
			return false
		}
	}
	return true
}
