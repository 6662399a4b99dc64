package drivers

import (
	"errors"
	"fmt"
)

// The classes of failure a driver distinguishes. A driver joins the raw cause to
// one of them, so that errors.Is finds the class and errors.As the cause. What a
// driver cannot do at all is errors.ErrUnsupported; a context's error is returned
// as it is. Absence is no error: see Reply.Nil.
var (
	// ErrWrongType: the key holds a value of another Redis type. Nothing was changed.
	ErrWrongType = errors.New("the key holds a value of another type")
	// ErrInvalid: an argument that no driver accepts. Nothing was changed.
	ErrInvalid = errors.New("invalid value")
	// ErrCorrupt: what is stored is nothing that the operation can work on, such as a text that is to be added to and
	// is no number. It is an ErrInvalid. Nothing was changed.
	ErrCorrupt error = corrupt{}
	// ErrConflict: a watched key was changed by somebody else; nothing was applied.
	ErrConflict = errors.New("changed by somebody else meanwhile")
	// ErrDuplicate: a unique index has the value for another id; errors.As finds the
	// *DuplicateError. Nothing was changed.
	ErrDuplicate = errors.New("a unique index has this value already")
	// ErrIncomplete: a registry or an index does not have all that it should, or is not known
	// to. Nothing was changed.
	ErrIncomplete = errors.New("the registry or an index may have lost what it had: Reindex")
	// ErrCrossSlot: keys that must live in one hash slot of a cluster do not. Nothing was sent.
	ErrCrossSlot = errors.New("keys lie in different cluster slots")
	// ErrIndeterminate: the reply of a write was lost. It may or may not have
	// happened, and it was not sent a second time.
	ErrIndeterminate = errors.New("the reply was lost: the write may or may not have happened")
	// ErrUnavailable: the store could not take it now: it was out of reach, or is short of
	// memory, of replicas or of a master, loading, busy, or moving the key elsewhere. Nothing
	// was executed: it may be tried again.
	ErrUnavailable = errors.New("the store cannot take it now")
	// ErrDenied: the store does not allow it to whom the driver's client says it is.
	ErrDenied = errors.New("not allowed")
	// ErrMissed: a Subscriber or a Follower could not listen for a while, or not fast enough; what was
	// sent, or changed, meanwhile is lost to it. It goes on with what is from then on.
	ErrMissed = errors.New("something was missed")
	// ErrInterrupted: in the middle of a listing another server took the place of the one it
	// began at, in a failover or a restart, and cannot tell what is left; or a transaction
	// lost its connection, or its keys moved away, before anything was applied, which is
	// ErrUnavailable as well. Begin again.
	ErrInterrupted = errors.New("interrupted: begin again")
	// ErrClosed: the driver was closed.
	ErrClosed = errors.New("the driver is closed")
)

// Errorf makes an error of the class sentinel with a formatted explanation.
func Errorf(sentinel error, format string, args ...any) error {
	return Join(sentinel, fmt.Errorf(format, args...))
}

// Join makes cause, if there is one, an error of the class sentinel: errors.Is and errors.As find both. A cause that
// is of the same class, or of a wider one, does not say that again.
func Join(sentinel, cause error) error {
	if cause == nil {
		return nil
	}
	if joined, is := cause.(*classified); is && errors.Is(sentinel, joined.class) { //nolint:errorlint // what is around it says more
		cause = joined.cause
	}
	return &classified{class: sentinel, cause: cause}
}

// corrupt is the class ErrCorrupt.
type corrupt struct{}

func (corrupt) Error() string { return "the stored value does not fit the schema" }
func (corrupt) Unwrap() error { return ErrInvalid }

// invalid makes cause, if there is one, an ErrInvalid.
func invalid(cause error) error { return Join(ErrInvalid, cause) }

// classified prints on one line what errors.Join would print on two.
type classified struct{ class, cause error }

func (e *classified) Error() string   { return e.class.Error() + ": " + e.cause.Error() }
func (e *classified) Unwrap() []error { return []error{e.class, e.cause} }
