package kv

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"

	"github.com/kvstore-go/kvstore/drivers"
)

// FindingKind is what a Finding of Audit is about.
type FindingKind uint8

const (
	// UndeclaredKey: no declaration covers the key. ErrUndeclared, or ErrBadKey where a segment of it is no id.
	UndeclaredKey FindingKind = 1 + iota
	// MisspelledID: Take cannot reach the key, because an id in it is not written as Take writes it, but
	// as a program does that joins ids with colons as they are. Canonical is where Take looks.
	MisspelledID
	// WrongType: the key holds another Redis type than is declared. ErrWrongType.
	WrongType
	// CorruptValue: a value, or an element of one, that does not fit the schema. ErrCorrupt.
	CorruptValue
	// OlderForm: a value, or an element of one, that has an older form than is written today. Migrate rewrites it.
	OlderForm
	// MissingTTL: the schema has a time to live, and the key has none: it was written with
	// NoExpiry, or made to Persist, or it was there before the time to live was declared.
	MissingTTL
	// StaleIndex: a registry or an index disagrees with what is stored, or may have lost what it had; see
	// Check, whose findings these are. What has expired, or was erased field by field, is among them until it is met.
	StaleIndex

	endOfKinds
)

var findingKinds = [endOfKinds]string{
	UndeclaredKey: "undeclared key", MisspelledID: "misspelled id", WrongType: "wrong type", CorruptValue: "corrupt value",
	OlderForm: "older form", MissingTTL: "missing TTL", StaleIndex: "stale index",
}

// String is the kind in a few words.
func (k FindingKind) String() string {
	if k == 0 || k >= endOfKinds {
		return fmt.Sprintf("FindingKind(%d)", uint8(k))
	}
	return findingKinds[k]
}

// Finding is something that Audit has found amiss.
type Finding struct {
	Kind FindingKind
	Path string // the stored key
	// At is the place within the value that it is about: a member, a field, the number of an element, the id
	// of an entry or a job; of a StaleIndex the name of the index. It is empty for all of a value, and for a registry.
	At  string
	Err error // what is the matter, an *Error
	// Canonical is, for a MisspelledID, the key that Take makes of the id.
	Canonical string
	// Form is, for an OlderForm, the Go type of the form.
	Form string
	// Repaired says that it was found and is no more. Where a repair was asked for and is not made, Unrepaired says why.
	Repaired   bool
	Unrepaired error
}

// String is the finding in a line.
func (f Finding) String() string {
	text := fmt.Sprintf("%v: %v", f.Kind, f.Err)
	if f.Canonical != "" {
		text += ": it should be " + f.Canonical
	}
	switch {
	case f.Repaired:
		text += " (repaired)"
	case f.Unrepaired != nil:
		text += fmt.Sprintf(" (not repaired: %v)", f.Unrepaired)
	}
	return text
}

// AuditOption is an option of Audit: Repair, ExportUndeclared, OnUsage.
type AuditOption func(*auditing)

// Repair lets Audit mend what it finds of these kinds, and nothing else; a kind that is none is ErrInvalid:
//
//   - UndeclaredKey: the key is erased. ExportUndeclared saves it before.
//   - MisspelledID: the key becomes its Canonical, with its TTL, and with its indexes and registries. What
//     is there already is never overwritten: where it is something else, Unrepaired is ErrConditionFailed.
//   - WrongType: the key is erased.
//   - CorruptValue: the value is erased, or of a collection the element.
//   - MissingTTL: the key gets the TTL of the schema, from now.
//   - StaleIndex: as Reindex does it. A collection, or a store whose registry may have lost
//     something, is gone through as a whole then.
//
// An OlderForm is a matter of Migrate, and ErrInvalid here. A repair is made only if what was found is
// still there, in one step with making sure of it: somebody who writes meanwhile loses nothing,
// and is ErrConflict if he goes on for long. It needs a driver with transactions.
func Repair(kinds ...FindingKind) AuditOption {
	return func(a *auditing) {
		for _, kind := range kinds {
			if kind == 0 || kind >= endOfKinds || kind == OlderForm {
				a.mistake = drivers.Errorf(ErrInvalid, "a Repair of the kind %v", kind)
				continue
			}
			a.repairs[kind] = true
		}
	}
}

// ExportUndeclared has Audit write every UndeclaredKey to w, as it is stored, whether it is erased or not: if it
// is, then only after w has taken it. ImportUndeclared reads it, and describes the file.
func ExportUndeclared(w io.Writer) AuditOption {
	return func(a *auditing) {
		if a.raw = newRawWriter(w); w == nil {
			a.mistake = drivers.Errorf(ErrInvalid, "ExportUndeclared to nothing")
		}
	}
}

// OnUsage has Audit count what it goes through, and calls report once, at the end. There is a row for each declared
// path that has keys below it, in the order of the paths, and one without a path for the keys that no declaration
// covers. Where the loop is left early, report is not called.
func OnUsage(report func([]Usage)) AuditOption {
	return func(a *auditing) {
		if a.usage = newUsageTable(report); report == nil {
			a.mistake = drivers.Errorf(ErrInvalid, "OnUsage without a function")
		}
	}
}

// Audit goes through all that is stored below a store, or through one field, and yields what does not fit the schema:
// see FindingKind. It changes nothing but what Repair names. What is wrong with a key is a Finding, not an error. An
// error ends the loop; running Audit again finds what is left.
//
// Node is a store or a field. Of a store, that is every key that begins with its path, declared or not: below
// static stores, too, where Keys and Erase look at declared fields alone. Of a field it is its key.
//
// Locks, limiters and topics have nothing but a type; strings, bytes, bit sets and bitmaps are never corrupt. Of streams, groups are
// not looked at; of queues, the texts of the jobs are. What is written meanwhile may come as a finding that is none.
//
// It is one pass: a SCAN of the database, and for a page of 1024 keys a round trip for their values and
// times to live, and another if they are registered. A collection takes a round trip for every 512 elements
// (128 entries of a stream), so that memory does not grow with what is stored; documents and hashes are read whole. Registries and indexes
// cost what Check does. Without Repair it sends no write, and can be run on a replica. A repair is some
// four round trips.
//
// In a batch or a transaction it is errors.ErrUnsupported.
//
// In Redis: [SCAN], [PTTL], [MEMORY USAGE], and what reads the values.
//
// [SCAN]: https://redis.io/docs/latest/commands/scan/
// [PTTL]: https://redis.io/docs/latest/commands/pttl/
// [MEMORY USAGE]: https://redis.io/docs/latest/commands/memory-usage/
func Audit(ctx context.Context, node interface{ Path() string }, options ...AuditOption) iter.Seq2[Finding, error] {
	return func(yield func(Finding, error) bool) {
		a := &auditing{examiners: map[*bound]*examiner{}, rebuilt: map[string]bool{}, yield: yield}
		for option := range given(options) {
			option(a)
		}
		err := a.begin(node)
		if err == nil {
			err = a.run(ctx)
		}
		if err != nil && !errors.Is(err, errEnough) {
			yield(Finding{}, fail("Audit", a.root.path(), err))
		}
	}
}

// auditing is an audit under way.
type auditing struct {
	root       ref
	mistake    error // of an option
	repairs    [endOfKinds]bool
	raw        *rawWriter
	usage      *usageTable
	examiners  map[*bound]*examiner // for who reads the pages alone
	rebuilt    map[string]bool      // the registries that were
	registries string               // what the keys of registries and indexes below the root begin with
	yield      func(Finding, error) bool
}

func (a *auditing) begin(node any) (err error) {
	if a.root, err = rootOf("Audit", node); err != nil {
		return err
	}
	if a.root.driver.isConfined() {
		return fmt.Errorf("an audit within a batch or a transaction: %w", errors.ErrUnsupported)
	}
	return a.mistake
}

func (a *auditing) run(ctx context.Context) error {
	if err := a.walk(ctx); err != nil {
		return err
	}
	if a.usage != nil {
		a.usage.done()
	}
	return nil
}

// tell yields a finding, after it was repaired, if that is asked for.
func (a *auditing) tell(found Finding, repair func() error) error {
	found.Err = fail("Audit", found.Path, found.Err)
	var ended error
	if a.repairs[found.Kind] {
		err := repair()
		found.Repaired = err == nil
		if err != nil {
			found.Unrepaired = fail("Audit", found.Path, err)
			if !ofOneRepair(err) {
				ended = err
			}
		}
	}
	if !a.yield(found, nil) {
		return errEnough
	}
	return ended
}

// ofOneRepair reports an error after which the audit goes on.
func ofOneRepair(err error) bool {
	return ofOneValue(err) || isAny(err, ErrConflict, ErrConditionFailed, ErrIncomplete, ErrDenied, ErrCrossSlot, ErrUndeclared, errors.ErrUnsupported)
}
