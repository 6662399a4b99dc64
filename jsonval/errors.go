package jsonval

import (
	"errors"
	"fmt"
	"strings"
	"unsafe"

	"github.com/kvstore-go/kvstore/jsonval/internal/violation"
)

// ErrInvalid is matched, through [errors.Is], by every refusal of a value by [Codec.Encode] and of a text by
// [Codec.Decode].
var ErrInvalid = errors.New("jsonval: invalid JSON value")

// Violation is one rule that a value or a text breaks.
type Violation struct {
	// Pointer is the RFC 6901 JSON pointer of the offending value; it is empty for the document itself.
	Pointer string
	// Keyword is the JSON Schema keyword that is broken ("minimum", "required", ...) or, for what no schema says, one of:
	// "maxSize" and "maxDepth" (the limits of the codec), "syntax", "uniqueNames" (a member name occurs twice), "utf8"
	// (invalid UTF-8, or an escape that is half a surrogate pair),
	// "number" (NaN, an infinity, or a literal too long to be compared), "cycle" (a value that contains itself),
	// "marshal" and "unmarshal" (encoding/json, or a method that it calls, refused the value), "schema" (the schema is false).
	Keyword string
	// Message states the rule and the kind of thing found. It does not repeat the value, which may be a secret.
	Message string
}

// String returns the violation on one line, a very long pointer cut short.
func (v Violation) String() string {
	pointer := v.Pointer
	switch {
	case pointer == "":
		pointer = "document root"
	case len(pointer) > maxPrintedPointer:
		pointer = strings.ToValidUTF8(pointer[:maxPrintedPointer], "") + "..."
	}
	return fmt.Sprintf("%s: %s (%s)", pointer, v.Message, v.Keyword)
}

// maxPrinted caps the violations that Error writes out, and maxPrintedPointer the bytes of a pointer that String does: a
// member name can be a megabyte.
const (
	maxPrinted        = 10
	maxPrintedPointer = 200
)

// ValidationError is the refusal of a value or a text. Violations are in document order. The first 100 are kept, or fewer where
// their pointers take more than a megabyte; Error says how many there are in all.
type ValidationError struct {
	Violations []Violation

	omitted int   // violations beyond those
	cause   error // the error of encoding/json or of a method that it called, when there is one
}

// Error returns one line for one violation, and otherwise a count followed by a line for each of the first ten.
func (e *ValidationError) Error() string {
	total := len(e.Violations) + e.omitted
	switch total {
	case 0:
		return ErrInvalid.Error()
	case 1:
		return e.Violations[0].String()
	}
	var text strings.Builder
	fmt.Fprintf(&text, "%d violations:", total)
	printed := e.Violations[:min(len(e.Violations), maxPrinted)]
	for _, violation := range printed {
		text.WriteString("\n  " + violation.String())
	}
	if more := total - len(printed); more > 0 {
		fmt.Fprintf(&text, "\n  and %d more", more)
	}
	return text.String()
}

// Unwrap returns [ErrInvalid] and, where there is one, the error of encoding/json or of the marshal or unmarshal method
// that failed. That cause may repeat parts of the value; the message of a ValidationError does not.
func (e *ValidationError) Unwrap() []error {
	if e.cause == nil {
		return []error{ErrInvalid}
	}
	return []error{ErrInvalid, e.cause}
}

// refusal is a ValidationError of one violation.
func refusal(cause error, pointer, keyword, message string) *ValidationError {
	return &ValidationError{Violations: []Violation{{Pointer: pointer, Keyword: keyword, Message: message}}, cause: cause}
}

// refused returns the error for what an engine refuses, or nil.
func refused(found violation.Refusal) error {
	if found.Empty() {
		return nil
	}
	// The two types of violations have the same fields, which the compiler sees to: no need to copy them.
	violations := unsafe.Slice((*Violation)(unsafe.SliceData(found.Violations)), len(found.Violations))
	return &ValidationError{Violations: violations, omitted: found.Omitted, cause: found.Cause}
}
