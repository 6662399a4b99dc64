// Package inclusion decides whether each value that one JSON Schema accepts is accepted by another.
//
// Two sides look at it. One proves that the newer schema accepts all: keyword by keyword, with what the older one says of the
// same place. The other looks for a value that the older schema accepts and the newer one refuses, which the validator of record
// confirms. Where neither succeeds, nobody can tell: no verdict is a guess.
package inclusion

import (
	"slices"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/kvstore-go/kvstore/jsonval/internal/record"
)

// Verdict is what became of a comparison.
type Verdict uint8

// The verdicts.
const (
	Unknown          Verdict = iota // none of the others could be shown
	Included                        // each value that the older schema accepts is accepted by the newer one
	IncludedDeclared                // each value whose members the older schema speaks of is
	Refused                         // Result.Witness is not
)

// Reason is a keyword of the newer schema that could not be shown to hold.
type Reason struct {
	Pointer string // to the place in a value; * is any item, or any member that is not named
	Keyword string
}

// Result is a comparison.
type Result struct {
	Verdict Verdict
	Reasons []Reason // none if Included; if IncludedDeclared, those for members of which the older schema does not speak
	Witness any      // as tree.Parse returns it, if Refused
	Dropped []string // pointers to members that the older schema names, and the newer one knows nothing of
}

// Compare compares two schemas that the validator of record has compiled. Of those that lead back to themselves without going into a value
// nothing is known.
func Compare(older, newer *jsonschema.Schema) Result {
	if record.Keywords(older).CyclicInPlace() || record.Keywords(newer).CyclicInPlace() {
		return Result{Reasons: []Reason{{"", "$ref"}}}
	}
	result := Result{Dropped: dropped(older, newer)}
	any, declared := known(older), known(older)
	declared.declared = true
	shown, reasons := prove(newer, any)
	if shown {
		result.Verdict = Included
		return result
	}
	if shown, result.Reasons = prove(newer, declared); shown {
		result.Verdict, result.Reasons = IncludedDeclared, reasons
		return result
	}
	for _, f := range []facts{declared, any} {
		if witness, found := findWitness(older, newer, f); found {
			result.Verdict, result.Witness = Refused, witness
			break
		}
	}
	return result
}

// accepts reports whether a value satisfies a schema, according to the validator of record.
func accepts(s *jsonschema.Schema, value any) bool { return s.Validate(value) == nil }

func allAccept(schemas []*jsonschema.Schema, value any) bool {
	return !slices.ContainsFunc(schemas, func(s *jsonschema.Schema) bool { return !accepts(s, value) })
}
