package kv

import (
	"fmt"
	"reflect"

	"github.com/kvstore-go/kvstore/drivers"
)

// movable is a handle that can be told where it lies, or be given another driver.
type movable interface {
	place(at ref)
	opened() (boundDriver, error)
	move(to boundDriver)
}

// rebind makes the same handle, or view of handles, on the driver that to chooses given
// the one all of it was opened on. A handle that carries an error keeps it.
func rebind[S any](store S, to func(opened boundDriver) (boundDriver, error)) (S, error) {
	var origin, chosen boundDriver
	for _, handle := range handlesOf(reflect.ValueOf(&store).Elem()) {
		opened, err := handle.opened()
		switch {
		case err != nil:
			return store, err
		case chosen.driver == nil:
			origin = opened
			if chosen, err = to(opened); err != nil {
				return store, err
			}
		case !origin.same(opened):
			return store, errOtherDriver("a handle of the view")
		}
		handle.move(chosen)
	}
	if chosen.driver == nil {
		return store, fail("Bind", "(no path)", drivers.Errorf(ErrInvalid, "a %s is no handle and no view of handles", handleName(reflect.TypeFor[S]())))
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

// take makes the handle of the declared field called name.
func take[H any](r ref, name string) H {
	if err := r.err(); err != nil {
		return failedHandle[H](r)
	}
	field, ok := r.node.fields[name]
	if !ok {
		return failedHandle[H](r.failed(r.path()+separator+name, ErrUndeclared))
	}
	return handle[H](r.in(field))
}

// handle makes the handle of a place, if it is of the declared type.
func handle[H any](r ref) H {
	bind, ok := r.node.bind.(func(ref) H)
	if !ok {
		return failedHandle[H](r.failed(r.path(), fmt.Errorf("%w: %s, not %s", ErrTypeMismatch, handleName(r.node.handle), handleName(reflect.TypeFor[H]()))))
	}
	return bind(r)
}

// failedHandle is a handle, or a view of handles, every operation of which
// returns the error that r carries.
func failedHandle[H any](r ref) H {
	var h H
	for _, handle := range handlesOf(reflect.ValueOf(&h).Elem()) {
		handle.place(r)
	}
	return h
}
