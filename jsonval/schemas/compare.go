package schemas

import (
	"encoding/json"
	"fmt"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/kvstore-go/kvstore/jsonval"
	"github.com/kvstore-go/kvstore/jsonval/internal/inclusion"
	"github.com/kvstore-go/kvstore/jsonval/internal/record"
	"github.com/kvstore-go/kvstore/jsonval/internal/tree"
)

// Verdict is what became of a comparison of two schemas.
type Verdict uint8

// The verdicts. None of them is a guess.
const (
	// CannotTell is that none of the others could be shown.
	CannotTell Verdict = iota
	// Accepted is that each text which the older schema accepts is accepted by the newer one.
	Accepted
	// AcceptedDeclared is that each text is accepted whose members the older schema all speaks of, as those have that were written of
	// a Go type. A text with others, which the older schema lets pass whatever they are, may be refused by one that gives them a meaning.
	AcceptedDeclared
	// Refused is that a text is not accepted, an example of which is there.
	Refused
)

func (v Verdict) String() string {
	return [...]string{"cannot tell", "accepted", "accepted if declared", "refused"}[v]
}

// Comparison says what a newer schema makes of the texts of an older one.
type Comparison struct {
	Verdict Verdict
	// Differences are where the newer schema could not be shown to accept what the older one accepts. There are none if it is Accepted.
	Differences []Difference
	// Example is a text that the older schema accepts and the newer one refuses, if it is Refused.
	Example json.RawMessage
	// Forgotten are JSON pointers to members that the older schema names, and of which the newer one, which names others at the same
	// place, knows nothing: the texts are accepted, and whoever reads them and writes them again loses these members. In a pointer, *
	// stands for any item, and for any member that has no name.
	Forgotten []string
}

// Difference is a keyword of the newer schema that the older one does not vouch for.
type Difference struct {
	Pointer string // to the place in a text, as those of Comparison.Forgotten; of required, to the member that must be there
	Keyword string
}

// Compare decides whether each text that an older schema accepts is accepted by a newer one. Limits of size and depth are not
// compared, nor what a decoder refuses besides. It takes milliseconds for schemas of some dozen members; where alternatives multiply, it gives up with CannotTell, after a second or so.
// A schema that does not compile is an error.
func Compare(older, newer jsonval.Form) (Comparison, error) {
	before, err := compile(older)
	if err != nil {
		return Comparison{}, fmt.Errorf("schemas: the older schema: %w", err)
	}
	after, err := compile(newer)
	if err != nil {
		return Comparison{}, fmt.Errorf("schemas: the newer schema: %w", err)
	}
	return compare(before, after)
}

func compare(older, newer *jsonschema.Schema) (Comparison, error) {
	result := inclusion.Compare(older, newer)
	comparison := Comparison{Forgotten: result.Dropped}
	for _, reason := range result.Reasons {
		comparison.Differences = append(comparison.Differences, Difference(reason))
	}
	switch result.Verdict {
	case inclusion.Included:
		comparison.Verdict = Accepted
	case inclusion.IncludedDeclared:
		comparison.Verdict = AcceptedDeclared
	case inclusion.Refused:
		comparison.Verdict = Refused
		example, err := json.Marshal(result.Witness)
		if err != nil {
			return Comparison{}, fmt.Errorf("schemas: an example of a refused text: %w", err)
		}
		comparison.Example = example
	case inclusion.Unknown:
	}
	return comparison, nil
}

func compile(f jsonval.Form) (*jsonschema.Schema, error) {
	schema, err := tree.Schema(f.Schema)
	if err != nil {
		return nil, err
	}
	return record.Compile(schema, !f.HandWritten)
}
