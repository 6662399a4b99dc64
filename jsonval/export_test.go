package jsonval

import "reflect"

// SchemaOf reflects a type that only exists at run time, as NewCodec does.
func SchemaOf(t reflect.Type) ([]byte, error) {
	o, err := newOptions(nil)
	if err != nil {
		return nil, err
	}
	reflected, err := reflectSchema(t, o)
	if err != nil {
		return nil, err
	}
	_, err = compileSchema(reflected.text, o.limits, true)
	return reflected.text, err
}
