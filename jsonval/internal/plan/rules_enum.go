package plan

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"slices"

	"github.com/kvstore-go/kvstore/jsonval/internal/violation"
)

// enumeration holds the values that const or enum allow.
type enumeration struct {
	strings []string
	others  map[string]bool // in canonical form
	why     *violation.Violation
}

func newConstant(value any) *enumeration {
	return enumerate([]any{value}, violation.Const{Want: value})
}

func newEnumeration(allowed []any) *enumeration {
	return enumerate(allowed, violation.Enum{Want: allowed})
}

func enumerate(allowed []any, why violation.Rule) *enumeration {
	v := &enumeration{others: map[string]bool{}, why: violationOf(why)}
	for _, value := range allowed {
		if text, ok := value.(string); ok {
			v.strings = append(v.strings, text)
			continue
		}
		form, _ := appendCanonical(nil, violation.Literal(value), 0)
		v.others[string(form)] = true
	}
	slices.Sort(v.strings)
	return v
}

// containsString reports whether a string is one of them. Few schemas allow more than a handful.
func (v *enumeration) containsString(content []byte) bool {
	if len(v.strings) > fewMembers {
		_, found := slices.BinarySearchFunc(v.strings, content, func(text string, content []byte) int {
			return cmp.Compare(text, string(content))
		})
		return found
	}
	for _, text := range v.strings {
		if text == string(content) {
			return true
		}
	}
	return false
}

// contains reports whether the value at a position, which is no string, is one of them.
func (v *enumeration) contains(text []byte, i int) bool {
	if len(v.others) == 0 {
		return false
	}
	var buffer [64]byte
	form, _ := appendCanonical(buffer[:0], text, i)
	return v.others[string(form)]
}

// appendCanonical appends a form that is the same for all texts of the same JSON value, and returns the position behind the
// value at i, which is well formed.
func appendCanonical(to, text []byte, i int) ([]byte, int) {
	switch typeOf[text[i]] {
	case typeString:
		return canonicalString(to, text, i)
	case typeNumber:
		end, number := scanNumber(text, i)
		var buffer [64]byte
		digits, exponent, negative := number.normal(buffer[:0])
		to = append(to, 'n', byte(len(digits)>>8), byte(len(digits)))
		if negative {
			to = append(to, '-')
		}
		to = append(to, digits...)
		return binary.AppendVarint(to, int64(exponent)), end
	case typeArray:
		return canonicalArray(to, text, i)
	case typeObject:
		return canonicalObject(to, text, i)
	case typeNull:
		return append(to, '0'), i + len("null")
	default:
		if text[i] == 't' {
			return append(to, 't'), i + len("true")
		}
		return append(to, 'f'), i + len("false")
	}
}

func canonicalString(to, text []byte, i int) ([]byte, int) {
	end, found := scanString(text, i+1)
	content := text[i+1 : end]
	if found&escaped != 0 {
		content = appendUnescaped(nil, content)
	}
	to = binary.AppendUvarint(append(to, 's'), uint64(len(content)))
	return append(to, content...), end + 1
}

func canonicalArray(to, text []byte, i int) ([]byte, int) {
	to = append(to, '[')
	i = skipSpace(text, i+1)
	for text[i] != ']' {
		to, i = appendCanonical(to, text, i)
		i = skipSeparator(text, i)
	}
	return append(to, ']'), i + 1
}

func canonicalObject(to, text []byte, i int) ([]byte, int) {
	var members [][]byte
	i = skipSpace(text, i+1)
	for text[i] != '}' {
		var member []byte
		member, i = canonicalString(nil, text, i)
		i = skipSpace(text, skipSpace(text, i)+1)
		member, i = appendCanonical(member, text, i)
		members = append(members, member)
		i = skipSeparator(text, i)
	}
	slices.SortFunc(members, bytes.Compare)
	to = append(to, '{')
	for _, member := range members {
		to = append(to, member...)
	}
	return append(to, '}'), i + 1
}

// skipSeparator leads from behind a value to the next one, or to the end of the array or object.
func skipSeparator(text []byte, i int) int {
	if i = skipSpace(text, i); text[i] == ',' {
		i = skipSpace(text, i+1)
	}
	return i
}
