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

// ref is the place, and the error that the handle carries.
func (m movable) ref() (ref, error) {
	if m.store != nil {
		return *m.store, m.store.err()
	}
	return ref{m.field.driver, m.field.node, m.field.base()}, m.field.err()
}

func (m movable) opened() (*boundDriver, error) {
	if m.store != nil {
		return m.store.driver, m.store.err()
	}
	return m.field.driver, m.field.err()
}

func (m movable) move(to *boundDriver) {
	if m.store != nil {
		m.store.driver = to
		return
	}
	m.field.driver = to
}

// rebinding chooses the driver that handles are bound to, given the one they were opened on.
type rebinding func(opened *boundDriver) (*boundDriver, error)

// rebind makes the same handle, or view of handles, on the driver that to chooses given
// the one all of it was opened on. A handle that carries an error keeps it.
func rebind[S any](store S, to rebinding) (S, error) {
	err := rebindHandles(&store, to)
	return store, err
}

func rebindHandles(pointer any, to rebinding) error {
	store := reflect.ValueOf(pointer).Elem()
	var origin, chosen *boundDriver
	for _, handle := range handlesOf(store) {
		opened, err := handle.opened()
		switch {
		case err != nil:
			return err
		case chosen == nil:
			origin = opened
			if chosen, err = to(opened); err != nil {
				return err
			}
		case !origin.same(opened):
			return errOtherDriver("a handle of the view")
		}
		handle.move(chosen)
	}
	if chosen == nil {
		return errNoHandles(store.Type())
	}
	return nil
}

func errNoHandles(kind reflect.Type) error {
	if kind.Kind() == reflect.Pointer {
		return drivers.Errorf(ErrInvalid, "%s is a pointer: pass the handle, or the view of handles, by value", handleName(kind))
	}
	return drivers.Errorf(ErrInvalid, "%s is neither a handle nor a view of handles", handleName(kind))
}

// handlesOf are the handles that an addressable handle, or view, consists of: the places in
// their Fields and Stores, which are in its embedded or exported fields, at any depth.
func handlesOf(store reflect.Value) (handles []movable) {
	if store.Kind() != reflect.Struct {
		return nil
	}
	for i := range store.NumField() {
		field := store.Type().Field(i)
		if place, is := movableOf(store.Field(i)); is {
			handles = append(handles, place)
		} else if (field.IsExported() || field.Anonymous) && field.Tag.Get("kv") != "-" {
			handles = append(handles, handlesOf(store.Field(i))...)
		}
	}
	return handles
}

// placeIn is the place of an addressable handle, or of the Store that a view embeds.
func placeIn(store reflect.Value) (_ movable, found bool) {
	if store.Kind() != reflect.Struct {
		return movable{}, false
	}
	for i := range store.NumField() {
		place, found := movableOf(store.Field(i))
		if !found && store.Type().Field(i).Anonymous {
			place, found = placeIn(store.Field(i))
		}
		if found {
			return place, true
		}
	}
	return movable{}, false
}

// rootOf is the place of a store or a field. A view must embed its StaticStore.
func rootOf(op string, store any) (ref, error) {
	if handle := reflect.Indirect(reflect.ValueOf(store)); handle.IsValid() {
		addressable := reflect.New(handle.Type()).Elem()
		addressable.Set(handle)
		if place, found := placeIn(addressable); found {
			return place.ref()
		}
	}
	return ref{}, fail(op, noPath, drivers.Errorf(ErrInvalid, "a %T is no handle: hand over a store, or embed StaticStore in the view", store))
}

// movableOf is what a field of a Field, or of a Store, holds. It is not exported.
func movableOf(field reflect.Value) (_ movable, is bool) {
	switch field.Type() {
	case reflect.TypeFor[keyRef]():
		return movable{field: (*keyRef)(field.Addr().UnsafePointer())}, true
	case reflect.TypeFor[ref]():
		return movable{store: (*ref)(field.Addr().UnsafePointer())}, true
	}
	return movable{}, false
}

// declared is the place of the declared field called name.
func (r ref) declared(name string) ref {
	if r.err() != nil {
		return r
	}
	field, ok := r.node.fields[name]
	if !ok {
		return r.failed(r.path()+separator+name, ErrUndeclared)
	}
	return r.in(field)
}

// handle makes the handle of a place, if it is of the declared type and carries no error.
func handle[H any](r ref) H {
	if bind, ok := r.bind().(func(ref) H); ok {
		return bind(r)
	}
	return failedHandle[H](r)
}

// bind is how handles of the place are made, nil if it carries an error.
func (r ref) bind() any {
	if r.err() != nil {
		return nil
	}
	return r.node.bind
}

// failedHandle is a handle, or a view of handles, every operation of which
// returns the error that r carries, or that it is no handle of r.
//
//go:noinline // its handle is on the heap
func failedHandle[H any](r ref) H {
	var h H
	failHandles(r, reflect.ValueOf(&h).Elem())
	return h
}

func failHandles(r ref, handle reflect.Value) {
	if r.err() == nil {
		r = r.failed(r.path(), fmt.Errorf("%w: %s, not %s", ErrTypeMismatch, handleName(r.node.handle), handleName(handle.Type())))
	}
	for _, handle := range handlesOf(handle) {
		handle.place(r)
	}
}
