package jsonval

import (
	"cmp"
	"slices"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/santhosh-tekuri/jsonschema/v6/kind"
)

// report collects the violations of one walk, in document order. Of more than it may keep, it puts the first into words and
// counts the others, so that a document with millions costs little more than one with a hundred.
type report struct {
	found   []finding
	omitted int

	// judged is the position of the value that the report is about, and mismatch the first violation by which that value is of
	// another type altogether.
	judged   int
	mismatch *kind.Type
}

// finding is a violation of the value at a position in the text. Its pointer is filled in last.
type finding struct {
	position int
	Violation
}

func (f finding) compare(other finding) int {
	if f.position != other.position {
		return cmp.Compare(f.position, other.position)
	}
	return cmp.Or(cmp.Compare(f.Keyword, other.Keyword), cmp.Compare(f.Message, other.Message))
}

func (r *report) empty() bool {
	return r == nil || len(r.found) == 0
}

// known is the violation, but for its pointer, of a rule whose words do not depend on the value.
func known(why jsonschema.ErrorKind) Violation {
	return describe(&jsonschema.ValidationError{ErrorKind: why})[0]
}

func (r *report) add(position int, v Violation) {
	if r.counts(position) {
		r.omitted++
		return
	}
	r.insert(finding{position, v})
}

// describe is add for a rule that has to be put into words first.
func (r *report) describe(position int, why jsonschema.ErrorKind) {
	if mismatch, ok := why.(*kind.Type); ok && position == r.judged && r.mismatch == nil {
		r.mismatch = mismatch
	}
	if r.counts(position) {
		r.omitted++
		return
	}
	r.insert(finding{position, known(why)})
}

// counts reports whether a violation at a position is counted, and no more.
func (r *report) counts(position int) bool {
	return r.full() && position > r.found[len(r.found)-1].position
}

func (r *report) full() bool {
	return len(r.found) == maxViolations
}

func (r *report) insert(f finding) {
	if !r.full() && (len(r.found) == 0 || f.position > r.found[len(r.found)-1].position) {
		r.found = append(r.found, f) // as most come
		return
	}
	at, twice := slices.BinarySearchFunc(r.found, f, finding.compare)
	if twice {
		return
	}
	if r.full() {
		r.omitted++
		if at == len(r.found) {
			return
		}
		r.found = r.found[:len(r.found)-1]
	}
	r.found = slices.Insert(r.found, at, f)
}

func (r *report) merge(other *report) {
	for _, f := range other.found {
		r.insert(f)
	}
	r.omitted += other.omitted
}

// refusal turns the report into an error. The text is well formed.
func (r *report) refusal(text []byte) *ValidationError {
	located := givePointers(text, r.found)
	refused := &ValidationError{Violations: make([]Violation, len(located)), omitted: r.omitted + len(r.found) - len(located)}
	for i, f := range located {
		refused.Violations[i] = f.Violation
	}
	return refused
}
