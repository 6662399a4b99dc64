package kv

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/dsl"
	"github.com/kvstore-go/kvstore/kv/internal/gotext"
)

// The classes of failure, for errors.Is. What a driver cannot do at all is
// errors.ErrUnsupported; the errors of contexts come through as they are.
var (
	// ErrNotFound: there is no single value there, no struct, no such key of a map, field, member,
	// place, position, or group. An absent collection is empty and an absent slot 0, without an error.
	ErrNotFound = errors.New("not found")
	// ErrUndeclared: the schema has no such name, or no path that leads to a stored key.
	ErrUndeclared = dsl.ErrUndeclared
	// ErrTypeMismatch: Take was asked for another type of handle than the schema declares, or a
	// field of a hash or an index for another type of values.
	ErrTypeMismatch = errors.New("declared as another type")
	// ErrWrongType: the key holds another Redis type than the schema declares. Nothing was changed.
	ErrWrongType = drivers.ErrWrongType
	// ErrInvalid: a value or an argument that is not allowed; for documents errors.As
	// finds the *jsonval.ValidationError with every violation. Nothing was changed.
	ErrInvalid = drivers.ErrInvalid
	// ErrCorrupt: what is stored does not fit the schema: foreign bytes, or a document
	// of an older schema. It is an ErrInvalid that the caller's own value is not the
	// cause of; errors.As finds the violations. Nothing was changed.
	ErrCorrupt = gotext.ErrCorrupt
	// ErrConditionFailed: IfAbsent or IfExists did not hold. Nothing was changed.
	ErrConditionFailed = errors.New("the condition of the write does not hold")
	// ErrConflict: other writers kept changing the value until the tries were used up. Nothing was changed.
	ErrConflict = drivers.ErrConflict
	// ErrDuplicate: a unique index of the collection has the value for another document;
	// errors.As finds the *DuplicateError. Nothing was changed.
	ErrDuplicate = drivers.ErrDuplicate
	// ErrIncomplete: what a store keeps of its keys, its registry or an index, may have lost what
	// it had, as a server that evicts keys may drop any, or it was declared when there was data
	// already. Reindex mends it. Nothing was changed.
	ErrIncomplete = drivers.ErrIncomplete
	// ErrOverflow: a sum that does not fit into 64 bits, into declared bounds, or into a
	// slot declared with Fail. Nothing was changed.
	ErrOverflow = errors.New("the number does not fit")
	// ErrBadKey: a key that is empty, too long or not UTF-8, or a stored key that is not canonical.
	ErrBadKey = dsl.ErrBadKey
	// ErrCrossSlot: keys that one operation needs together lie in different slots of a cluster.
	ErrCrossSlot = drivers.ErrCrossSlot
	// ErrIndeterminate: the reply of a write was lost. It may or may not have
	// happened; it was not sent a second time.
	ErrIndeterminate = drivers.ErrIndeterminate
	// ErrNotStored: what Fetch has loaded could not be stored. It is returned beside the error, which has the cause.
	ErrNotStored = errors.New("what was loaded is not stored")
	// ErrUnavailable: the store could not take it now: it was out of reach, or is short of
	// memory, of replicas or of a master, loading, busy, or moving the key elsewhere. Nothing
	// was changed: it may be tried again.
	ErrUnavailable = drivers.ErrUnavailable
	// ErrDenied: the store does not allow it to the user that the driver's client logs in as.
	ErrDenied = drivers.ErrDenied
	// ErrMissed: messages of a topic were lost; a subscription goes on with the next.
	ErrMissed = drivers.ErrMissed
	// ErrInterrupted: a failover or a restart of the server came in the middle of a listing
	// (Keys, All, Find, …), which does not know what is left: list again. What came was there.
	// Of Atomic it is ErrUnavailable as well: whenever it began again, it lost its connection or its keys.
	ErrInterrupted = drivers.ErrInterrupted
	// ErrClosed: the driver was closed.
	ErrClosed = drivers.ErrClosed
)

// DuplicateError says which document has a value of a unique index. It is an ErrDuplicate.
type DuplicateError struct {
	Index  string // the name of the index
	Holder string // the key of the document, as text
}

// Error names the index and the holder.
func (e *DuplicateError) Error() string {
	return fmt.Sprintf("%v: %s, held by %s", ErrDuplicate, e.Index, e.Holder)
}

// Unwrap is ErrDuplicate.
func (e *DuplicateError) Unwrap() error { return ErrDuplicate }

// declaredDuplicate tells of a duplicate in the terms of the schema instead of storage's.
func declaredDuplicate(err error) error {
	var duplicate *drivers.DuplicateError
	if !errors.As(err, &duplicate) {
		return err
	}
	holder, unescape := dsl.UnescapeSegment(duplicate.Holder)
	if unescape != nil {
		holder = duplicate.Holder
	}
	return &DuplicateError{Index: duplicate.Index[strings.LastIndex(duplicate.Index, dsl.Separator)+1:], Holder: holder}
}

// Error is what every operation returns on failure: what was attempted, where,
// and the cause, which errors.Is and errors.As see through.
type Error struct {
	Op   string // the operation as it is called: Read, Take, Open
	Path string // the storage key
	Err  error

	element string // that is not there: the text of a member, of a key of a map, a place of a list
}

// Error is one line: operation, path, cause, and the element that is not there.
func (e *Error) Error() string {
	message := fmt.Sprintf("kv: %s %s: %v", e.Op, e.Path, e.Err)
	switch {
	case e.element == "":
		return message
	case strconv.CanBackquote(e.element):
		return fmt.Sprintf("%s: %.200s", message, e.element)
	}
	return fmt.Sprintf("%s: %.200q", message, e.element)
}

// Unwrap is the cause.
func (e *Error) Unwrap() error { return e.Err }

// CorruptElementError is an element that was taken out of a collection and does not fit
// the schema: it has its text, which is nowhere else any more, but for a job that was taken. It is
// an ErrCorrupt.
type CorruptElementError struct {
	Text string // what was stored
	Err  error  // why it does not fit
}

// Error names the cause and the beginning of the text.
func (e *CorruptElementError) Error() string { return fmt.Sprintf("%v: %.200q", e.Err, e.Text) }

// Unwrap is the cause, an ErrCorrupt.
func (e *CorruptElementError) Unwrap() error { return e.Err }

// ofOneValue reports an error that says something of one value only.
func ofOneValue(err error) bool {
	return isAny(err, ErrNotFound, ErrInvalid, ErrWrongType, ErrBadKey, ErrDuplicate)
}

// isAny reports an error of any of the classes.
func isAny(err error, classes ...error) bool {
	return slices.ContainsFunc(classes, func(class error) bool { return errors.Is(err, class) })
}

// fail wraps err once: what already names its operation and path stays as it is.
func fail(op, path string, err error) error {
	if wrapped, ok := err.(*Error); ok { //nolint:errorlint // only the outermost counts
		return wrapped
	}
	return &Error{Op: op, Path: cmp.Or(path, noPath), Err: declaredDuplicate(err)}
}

// The paths of what is at no place.
const (
	noPath          = "(no path)"
	transactionPath = "(transaction)"
	batchPath       = "(batch)"
)

// errNoFunction is that of an operation that is given nil for a function it needs.
var errNoFunction = drivers.Errorf(ErrInvalid, "the function is nil")

// errUnopened is the error of a handle that is a zero value.
var errUnopened = fmt.Errorf("%w: the handle does not come from Open and Take", ErrUndeclared)

// errOtherDriver is that of a handle that was opened on another driver than it is used with.
func errOtherDriver(path string) error {
	return drivers.Errorf(ErrInvalid, "%s was opened on another driver", path)
}

// errSpent is that of a handle whose batch or transaction does not take operations (any more).
func errSpent(what string) error {
	return fmt.Errorf("%w: %s", ErrInvalid, what)
}

// errEnough ends a loop that somebody has left.
var errEnough = errors.New("no more findings are wanted")
