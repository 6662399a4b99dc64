package kv

import (
	"errors"
	"fmt"
	"iter"
	"reflect"

	"github.com/kvstore-go/kvstore/drivers"
)

// movable is a handle that can be told where it lies, or be given another driver.
type movable interface {
	place(at ref)
	opened() (drivers.Driver, error)
	move(to drivers.Driver)
}

// rebind makes the same handle, or view of handles, on the driver that to chooses given
// the one all of it was opened on. A handle that carries an error keeps it.
func rebind[S any](store S, to func(opened drivers.Driver) (drivers.Driver, error)) (S, error) {
	var origin, chosen drivers.Driver
	for _, handle := range handlesOf(reflect.ValueOf(&store).Elem()) {
		opened, err := handle.opened()
		switch {
		case err != nil:
			return store, err
		case chosen == nil:
			origin = opened
			if chosen, err = to(opened); err != nil {
				return store, err
			}
		case !sameDriver(origin, opened):
			return store, errOtherDriver("a handle of the view")
		}
		handle.move(chosen)
	}
	if chosen == nil {
		return store, fail("Bind", "(no path)", drivers.Errorf(ErrInvalid, "a %v is no handle and no view of handles", reflect.TypeFor[S]()))
	}
	return store, nil
}

// handlesOf are the handles that an addressable handle, or view, consists of: those in
// its exported fields, at any depth, or else itself. (A view that embeds a StaticStore
// looks like a handle, and so does a handle that embeds another.)
func handlesOf(store reflect.Value) (handles []movable) {
	if store.Kind() != reflect.Struct {
		return nil
	}
	for i := range store.NumField() {
		if field := store.Type().Field(i); field.IsExported() && field.Tag.Get("kv") != "-" {
			handles = append(handles, handlesOf(store.Field(i))...)
		}
	}
	if handle, ok := store.Addr().Interface().(movable); ok && handles == nil {
		handles = []movable{handle}
	}
	return handles
}

// sameDriver reports whether two handles were opened on one driver.
func sameDriver(one, other drivers.Driver) bool {
	return reflect.ValueOf(one).Comparable() && one == other
}

// errOtherDriver is that of a handle that was opened on another driver than it is used with.
func errOtherDriver(path string) error {
	return drivers.Errorf(ErrInvalid, "%s was opened on another driver", path)
}

// errSpent is that of a handle whose batch or transaction does not take operations (any more).
func errSpent(what string) error {
	return fmt.Errorf("%w: %s", ErrInvalid, what)
}

// notListed is the listing of a driver that cannot list keys because of what it is.
func notListed(why string) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) { yield("", fmt.Errorf("%s: %w", why, errors.ErrUnsupported)) }
}
