package jsonval

// Keywords of violations that no JSON Schema keyword describes.
const (
	keywordSize      = "maxSize"
	keywordDepth     = "maxDepth"
	keywordSyntax    = "syntax"
	keywordDuplicate = "uniqueNames"
	keywordEncoding  = "utf8"
	keywordNumber    = "number"
	keywordCycle     = "cycle"
	keywordMarshal   = "marshal"
	keywordUnmarshal = "unmarshal"
)

// maxViolations caps the violations kept from one document: a foreign document can break a rule a million times.
const maxViolations = 100

// foundViolation is one rule that a text breaks. Its fields are those of jsonval.Violation.
type foundViolation struct {
	Pointer string
	Keyword string
	Message string
}

// foundRefusal says why a text is refused. The zero value refuses nothing.
type foundRefusal struct {
	Violations []foundViolation // in document order
	Omitted    int              // violations beyond maxViolations
	Cause      error            // of a text that is not well formed: what the parser says
}

// Empty reports whether nothing is refused.
func (r foundRefusal) Empty() bool { return len(r.Violations) == 0 }

// refuseOne returns the refusal of one violation.
func refuseOne(cause error, pointer, keyword, message string) foundRefusal {
	return foundRefusal{Violations: []foundViolation{{Pointer: pointer, Keyword: keyword, Message: message}}, Cause: cause}
}
