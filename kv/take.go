package kv

import (
	"fmt"
	"reflect"
)

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
		return failedHandle[H](r.failed(r.path(), fmt.Errorf("%w: %v, not %v", ErrTypeMismatch, r.node.handle, reflect.TypeFor[H]())))
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
