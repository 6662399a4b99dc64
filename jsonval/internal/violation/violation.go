// Package violation says what is wrong with a text, for the engines that judge it.
package violation

// Keywords of violations that no JSON Schema keyword describes.
const (
	MaxSize     = "maxSize"
	MaxDepth    = "maxDepth"
	Syntax      = "syntax"
	UniqueNames = "uniqueNames"
	UTF8        = "utf8"
	Number      = "number"
	Cycle       = "cycle"
	Marshal     = "marshal"
	Unmarshal   = "unmarshal"
)

// MaxKept caps the violations kept from one document: a foreign document can break a rule a million times.
const MaxKept = 100

// Violation is one assertion that a text breaks: of the schema, or that it is well formed and within the limits. Its fields are those of
// jsonval.Violation.
type Violation struct {
	Pointer string
	Keyword string
	Message string
}

// Refusal says why a text is refused. The zero value refuses nothing.
type Refusal struct {
	Violations []Violation // in document order
	Omitted    int         // violations beyond MaxKept
	Cause      error       // of a text that is not well formed: what the parser says
}

// Empty reports whether nothing is refused.
func (r Refusal) Empty() bool { return len(r.Violations) == 0 }

// Refuse returns the refusal of one violation.
func Refuse(cause error, pointer, keyword, message string) Refusal {
	return Refusal{Violations: []Violation{{Pointer: pointer, Keyword: keyword, Message: message}}, Cause: cause}
}
