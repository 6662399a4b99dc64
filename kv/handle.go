package kv

import (
	"fmt"
	"reflect"

	"github.com/kvstore-go/kvstore/drivers"
)

// movable is what is inside of a handle, and can be told where it lies, or be given another
// driver: the place of its Field, or of its Store.
type movable struct {
	field *keyRef
	store *ref
}

func (m movable) place(at ref) {
	if m.store != nil {
		*m.store = at
		return
	}
	*m.field = at.value()
}

func (m movable) opened() (boundDriver, error) {
	if m.store != nil {
		return m.store.driver, m.store.err()
	}
	return m.field.driver, m.field.err()
}

func (m movable) move(to boundDriver) {
	if m.store != nil {
		m.store.driver = to
		return
	}
	m.field.driver = to
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

// handlesOf are the handles that an addressable handle, or view, consists of: the places in
// their Fields and Stores, which are in its embedded or exported fields, at any depth.
func handlesOf(store reflect.Value) (handles []movable) {
	if store.Kind() != reflect.Struct {
		return nil
	}
	for i := range store.NumField() {
		field := store.Type().Field(i)
		switch {
		case field.Type == reflect.TypeFor[keyRef](): // of a Field; it is not exported
			handles = append(handles, movable{field: (*keyRef)(store.Field(i).Addr().UnsafePointer())})
		case field.Type == reflect.TypeFor[ref](): // of a Store
			handles = append(handles, movable{store: (*ref)(store.Field(i).Addr().UnsafePointer())})
		case (field.IsExported() || field.Anonymous) && field.Tag.Get("kv") != "-":
			handles = append(handles, handlesOf(store.Field(i))...)
		}
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
