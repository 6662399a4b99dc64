package plan

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/kvstore-go/kvstore/jsonval/internal/violation"
)

// report collects the violations of one walk, in document order. Of more than it may keep, it puts the first into words and
// counts the others, so that a document with millions costs little more than one with a hundred.
type report struct {
	found   []finding
	omitted int

	// instance is the position of the value that the report is about, and wantedTypes those of the first violation of a type keyword by that value
	// itself.
	instance    int
	wantedTypes []string

	paths pointerFinder
	words []byte
}

// reset empties the report, and keeps its memory.
func (r *report) reset() {
	clear(r.found)
	*r = report{found: r.found[:0], paths: r.paths, words: r.words[:0]}
}

// finding is that the value at a position in the text breaks a rule: a violation that lacks its pointer and the end of its message.
type finding struct {
	position int
	rule     *violation.Violation
	end      string
}

func (f finding) compare(other finding) int {
	if f.position != other.position {
		return cmp.Compare(f.position, other.position)
	}
	return cmp.Or(cmp.Compare(f.rule.Keyword, other.rule.Keyword), cmp.Compare(f.rule.Message, other.rule.Message))
}

func (r *report) empty() bool {
	return r == nil || len(r.found) == 0
}

// violationOf returns the violation, but for its pointer, of an assertion whose message does not depend on the instance.
func violationOf(why violation.Rule) *violation.Violation {
	v := why.Violation()
	return &v
}

// violationPrefix is violationOf where the message ends in what was found, and leaves that away. If it is a number, it is 0 in why.
func violationPrefix(why violation.Rule) *violation.Violation {
	v := violationOf(why)
	v.Message = strings.TrimSuffix(v.Message, "0")
	return v
}

func (r *report) add(position int, rule *violation.Violation) {
	r.addFound(position, rule, "")
}

// addFound is add for a violation whose message is a prefix.
func (r *report) addFound(position int, rule *violation.Violation, found string) {
	if r.onlyCounts(position) {
		r.omitted++
		return
	}
	r.insert(finding{position, rule, found})
}

// addCount is addFound for a number.
func (r *report) addCount(position int, rule *violation.Violation, found int) {
	r.addFound(position, rule, strconv.Itoa(found))
}

// addMismatch is addFound for a value of a type that is not wanted.
func (r *report) addMismatch(position int, found instanceTypes, wanted []string, rule *violation.Violation) {
	if position == r.instance && r.wantedTypes == nil {
		r.wantedTypes = wanted
	}
	r.addFound(position, rule, found.String())
}

// addKind is add for an assertion that is rare enough to be put into words now.
func (r *report) addKind(position int, why violation.Rule) {
	if r.onlyCounts(position) {
		r.omitted++
		return
	}
	r.insert(finding{position, violationOf(why), ""})
}

// onlyCounts reports whether a violation at a position is counted, and no more.
func (r *report) onlyCounts(position int) bool {
	return r.full() && position > r.found[len(r.found)-1].position
}

func (r *report) full() bool {
	return len(r.found) == violation.MaxKept
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
	if r.instance == other.instance && r.wantedTypes == nil {
		r.wantedTypes = other.wantedTypes
	}
	for _, f := range other.found {
		r.insert(f)
	}
	r.omitted += other.omitted
}

// refusal turns the report into a refusal. The text is well formed.
func (r *report) refusal(text []byte) violation.Refusal {
	pointers := r.paths.locate(text, r.found)
	located := r.found[:len(r.paths.ends)]
	refused := violation.Refusal{Violations: make([]violation.Violation, len(located)), Omitted: r.omitted + len(r.found) - len(located)}
	for _, f := range located {
		if f.end != "" {
			r.words = append(append(r.words, f.rule.Message...), f.end...)
		}
	}
	words, begin := string(r.words), 0
	for i, f := range located {
		message := f.rule.Message
		if f.end != "" {
			length := len(message) + len(f.end)
			message, words = words[:length], words[length:]
		}
		end := r.paths.ends[i]
		refused.Violations[i] = violation.Violation{Pointer: pointers[begin:end], Keyword: f.rule.Keyword, Message: message}
		begin = end
	}
	return refused
}
