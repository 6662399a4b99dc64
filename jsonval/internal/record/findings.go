package record

import (
	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/santhosh-tekuri/jsonschema/v6/kind"

	"github.com/kvstore-go/kvstore/jsonval/internal/violation"
)

// maxDescribed caps the failures that are put into words and into order. A hostile document has one for every two bytes.
const maxDescribed = 10_000

// findings are the violations behind a failed validation, whose causes form a tree.
type findings struct {
	described []violation.Violation
	seen      map[violation.Violation]bool // described: under a recursive schema one failure comes again and again
	omitted   int                          // failures beyond maxDescribed
}

// refuse turns a failed validation of a text into a refusal. Of a document with more than maxDescribed failures, it
// is the validator's random order of members that decides which are described.
func refuse(text []byte, failed *jsonschema.ValidationError) violation.Refusal {
	found := &findings{seen: map[violation.Violation]bool{}}
	found.collect(failed)
	violations := inDocumentOrder(text, found.described)
	kept := min(len(violations), violation.MaxKept)
	return violation.Refusal{Violations: violations[:kept:kept], Omitted: found.omitted + len(violations) - kept}
}

func (f *findings) collect(failed *jsonschema.ValidationError) {
	switch failed.ErrorKind.(type) {
	case *kind.AnyOf, *kind.OneOf:
		f.collectAlternatives(failed)
		return
	case *kind.PropertyNames, *kind.Contains, *kind.MinContains:
		f.add(failed) // the causes are about names, or about items that need not match
		return
	}
	if len(failed.Causes) == 0 {
		f.add(failed)
	}
	for _, cause := range failed.Causes {
		f.collect(cause)
	}
}

func (f *findings) add(failed *jsonschema.ValidationError) {
	if len(f.described) >= maxDescribed {
		f.omitted++
		return
	}
	for _, violation := range describe(failed) {
		if !f.seen[violation] {
			f.seen[violation] = true
			f.described = append(f.described, violation)
		}
	}
}

// collectAlternatives reports a failed anyOf or oneOf. When exactly one alternative is of the type that was found, its
// violations say what is wrong: "want null" is noise where an object is missing a member. When none is, that is what is
// wrong. Otherwise the keyword itself is reported.
func (f *findings) collectAlternatives(failed *jsonschema.ValidationError) {
	var plausible []*jsonschema.ValidationError
	mismatch := kind.Type{}
	for _, cause := range failed.Causes {
		if other := typeMismatch(cause, len(failed.InstanceLocation)); other != nil {
			mismatch.Got = other.Got
			mismatch.Want = append(mismatch.Want, other.Want...)
		} else {
			plausible = append(plausible, cause)
		}
	}
	switch {
	case len(plausible) == 1:
		f.collect(plausible[0])
	case len(plausible) == 0 && mismatch.Got != "":
		f.add(&jsonschema.ValidationError{InstanceLocation: failed.InstanceLocation, ErrorKind: &mismatch})
	default:
		f.add(failed)
	}
}

// typeMismatch returns the failure by which a value at that depth is of another type altogether; of alternatives, all have to
// fail so.
func typeMismatch(failed *jsonschema.ValidationError, depth int) *kind.Type {
	if len(failed.InstanceLocation) != depth {
		return nil
	}
	merged := &kind.Type{}
	alternatives := false
	switch failure := failed.ErrorKind.(type) {
	case *kind.Type:
		return failure
	case *kind.AnyOf, *kind.OneOf:
		alternatives = len(failed.Causes) > 0
	case *kind.PropertyNames:
		return nil // the causes are about names
	}
	for _, cause := range failed.Causes {
		mismatch := typeMismatch(cause, depth)
		switch {
		case mismatch == nil && alternatives:
			return nil
		case mismatch == nil:
		case !alternatives:
			return mismatch
		default:
			merged.Got = mismatch.Got
			merged.Want = append(merged.Want, mismatch.Want...)
		}
	}
	if !alternatives {
		return nil
	}
	return merged
}
