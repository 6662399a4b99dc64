// Package forms knows that values had other Go types once, and how each of these becomes the next. It decides
// which of its forms a stored value has; how a form is written and read is its caller's.
package forms

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
)

// Step makes a value of one type of a value of another. A function of a user is behind it.
type Step struct {
	From, To reflect.Type
	// apply is given a pointer to a From, and returns one to a To.
	apply func(from any) (to any, err error)
}

// StepBy is the step that a function makes, none that can be taken if the function is nil.
func StepBy[From, To any](change func(From) (To, error)) Step {
	if change == nil {
		return Step{From: reflect.TypeFor[From](), To: reflect.TypeFor[To]()}
	}
	return Step{reflect.TypeFor[From](), reflect.TypeFor[To](), func(from any) (any, error) {
		to, err := change(*from.(*From))
		return &to, err
	}}
}

// Error is the failure of a step: its function failed or panicked, or made a value that the
// schema refuses.
type Error struct {
	From, To reflect.Type
	Err      error
}

func (e *Error) Error() string { return fmt.Sprintf("from %v to %v: %v", e.From, e.To, e.Err) }

// Unwrap is the cause.
func (e *Error) Unwrap() error { return e.Err }

// take makes the step. What the function panics with is an error.
func (s Step) take(from any, check func(to any) error) (to any, err error) {
	defer func() {
		if cause := recover(); cause != nil {
			err = fmt.Errorf("it panicked: %v", cause)
		}
		if err != nil {
			to, err = nil, &Error{s.From, s.To, err}
		}
	}()
	if to, err = s.apply(from); err != nil {
		return nil, err
	}
	return to, check(to)
}

// Forms are the forms of a value.
type Forms struct {
	forms []form
	// storeAs leads from the newest form to the one that is written, which is stored.
	storeAs *Step
	stored  int
}

// form is one of them. All but the newest are turned into the next by a step.
type form struct {
	kind reflect.Type
	step Step
	next int
}

// Of are the forms of a type that the steps end in, the newest first: what takes fewer steps is newer, then
// what was declared first. storeAs is nil if the newest is what is written.
func Of(newest reflect.Type, steps []Step, storeAs *Step) (*Forms, error) {
	f := &Forms{forms: []form{{kind: newest}}, storeAs: storeAs}
	mistakes := twice(newest, steps)
	if len(mistakes) > 0 {
		return f, errors.Join(mistakes...)
	}
	for at := 0; at < len(f.forms); at++ {
		for _, step := range steps {
			if step.To == f.forms[at].kind {
				f.forms = append(f.forms, form{step.From, step, at})
			}
		}
	}
	for _, step := range steps {
		if step.apply == nil {
			mistakes = append(mistakes, fmt.Errorf("the Upgrade from %v to %v has no function", step.From, step.To))
		}
		if f.indexOf(step.From) < 0 {
			mistakes = append(mistakes, fmt.Errorf("an Upgrade from %v to %v does not lead to %v", step.From, step.To, newest))
		}
	}
	if storeAs != nil && len(mistakes) == 0 {
		f.stored = f.indexOf(storeAs.To)
		switch {
		case storeAs.From != newest:
			mistakes = append(mistakes, fmt.Errorf("StoreAs of a %v, where a %v is declared", storeAs.From, newest))
		case storeAs.apply == nil:
			mistakes = append(mistakes, fmt.Errorf("the StoreAs of %v has no function", storeAs.To))
		case f.stored <= 0:
			mistakes = append(mistakes, fmt.Errorf("StoreAs %v, from which no Upgrade leads back", storeAs.To))
		}
	}
	return f, errors.Join(mistakes...)
}

// twice are the types that steps begin with more than once. The newest begins none.
func twice(newest reflect.Type, steps []Step) (mistakes []error) {
	from := map[reflect.Type]bool{}
	for _, step := range steps {
		switch {
		case step.From == newest:
			mistakes = append(mistakes, fmt.Errorf("an Upgrade from %v, which is the newest form", newest))
		case from[step.From]:
			mistakes = append(mistakes, fmt.Errorf("two Upgrades from %v", step.From))
		}
		from[step.From] = true
	}
	return mistakes
}

func (f *Forms) indexOf(kind reflect.Type) int {
	for i, form := range f.forms {
		if form.kind == kind {
			return i
		}
	}
	return -1
}

// Types are the types of the forms, the newest first.
func (f *Forms) Types() []reflect.Type {
	types := make([]reflect.Type, len(f.forms))
	for i, form := range f.forms {
		types[i] = form.kind
	}
	return types
}

// Older reports whether a form is older than the one that is written.
func (f *Forms) Older(number int) bool { return f != nil && number > f.stored }

// Stored is the number of the form that is written.
func (f *Forms) Stored() int { return f.stored }

// StoredAs is the type that is written in place of the newest, or nil.
func (f *Forms) StoredAs() reflect.Type {
	if f == nil || f.storeAs == nil {
		return nil
	}
	return f.storeAs.To
}

// Stored is a value that is stored in one of the forms, which go by their numbers among [Forms.Types].
type Stored interface {
	// Read sets what pointer points to, which is zero, to the value, if it fits the form. It is exact if nothing of it is
	// unknown to the form. If it does not fit, what pointer points to is undefined.
	Read(form int, pointer any) (fits, exact bool)
	// Refusal says why it does not fit the newest form.
	Refusal() error
	// Check refuses a value that could not be written.
	Check(form int, pointer any) error
}

// Read sets what into points to, a zero value of the newest type, to what is stored, and returns the number of
// the form that it has: the newest without anything that is unknown to it or, if there is none, the newest. After an error what
// into points to is undefined.
func (f *Forms) Read(into any, stored Stored) (number int, err error) {
	fits, exact := stored.Read(0, into)
	if fits && exact {
		return 0, nil
	}
	var older any
	found := -1
	for i := 1; i < len(f.forms); i++ {
		pointer := reflect.New(f.forms[i].kind).Interface()
		fitsOlder, exact := stored.Read(i, pointer)
		if fitsOlder && (exact || found < 0 && !fits) {
			older, found = pointer, i
		}
		if fitsOlder && exact {
			break
		}
	}
	switch {
	case found < 0 && !fits:
		return 0, f.tried(stored.Refusal())
	case found < 0:
		return 0, nil
	}
	for at := found; at != 0; at = f.forms[at].next {
		next := f.forms[at].next
		if older, err = f.forms[at].step.take(older, func(to any) error { return stored.Check(next, to) }); err != nil {
			return found, err
		}
	}
	reflect.ValueOf(into).Elem().Set(reflect.ValueOf(older).Elem())
	return found, nil
}

// tried adds to a refusal which other forms were tried.
func (f *Forms) tried(refused error) error {
	names := make([]string, 0, len(f.forms)-1)
	for _, form := range f.forms[1:] {
		names = append(names, form.kind.String())
	}
	return fmt.Errorf("%w; nor does it have an older form: %s", refused, strings.Join(names, ", "))
}

// Write has a value of the newest type written by write, which is given the number of a form and a value of it: that
// of the newest, or the one that is stored in its place. What was found stored in the newest form stays in it: others write that already,
// and it may hold what the older form has no place for.
func (f *Forms) Write(pointer any, foundNewest bool, write func(form int, pointer any) error) error {
	if err := write(0, pointer); err != nil || f.storeAs == nil || foundNewest {
		return err
	}
	_, err := f.storeAs.take(pointer, func(older any) error { return write(f.stored, older) })
	return err
}
