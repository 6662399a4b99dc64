package kv

import (
	"errors"
	"fmt"
)

// CorruptElementError is an element that was taken out of a collection and does not fit
// the schema: it has its text, which is nowhere else any more. It is an ErrCorrupt.
type CorruptElementError struct {
	Text string // what was stored
	Err  error  // why it does not fit
}

// Error names the cause and the beginning of the text.
func (e *CorruptElementError) Error() string { return fmt.Sprintf("%v: %.200q", e.Err, e.Text) }

// Unwrap is the cause, an ErrCorrupt.
func (e *CorruptElementError) Unwrap() error { return e.Err }

// decodeTaken is decodeAll for elements that were taken out: those that do not fit are
// left out of the values and told of in the error, a CorruptElementError each.
func (c *codec[T]) decodeTaken(texts []string) ([]T, error) {
	values, err := c.decodeAll(texts)
	if err == nil {
		return values, nil
	}
	values = []T{}
	var corrupt []error
	for _, text := range texts {
		value, err := c.decode(text)
		if err != nil {
			corrupt = append(corrupt, &CorruptElementError{Text: text, Err: err})
			continue
		}
		values = append(values, value)
	}
	return values, errors.Join(corrupt...)
}
