package plan

import (
	"math/bits"

	"github.com/kvstore-go/kvstore/jsonval/internal/violation"
)

// walker evaluates one text against a plan. Its methods take the position of a value, the instance, and a schema, and return the position behind the
// value, or a negative number: where the text is not well formed and, as long as there is no report, where it breaks the schema.
type walker struct {
	text     []byte
	root     int // the position of the outermost value
	depth    int // arrays and objects that are open
	maxDepth int
	// report receives the violations. Without one, the first ends the walk.
	report *report
	found  report // what report is for the outermost value, if it is not nil

	recursive   bool
	evaluations evaluations
	distinct    distinct
	wide        []uint64 // the declared members seen of objects with more than 64, as a stack
	unescaped   []byte

	// Of a Reader: whether somebody asks if there are members unknown to the Go type, whether there are, and the strings it knows.
	exactly, unknown bool
	known            knownStrings
}

// maxKept is how much memory, in bytes, a walker may hold on to.
const maxKept = 1 << 20

func (w *walker) start(text []byte, plan *Plan) {
	w.text, w.depth, w.maxDepth, w.report, w.recursive = text, 0, plan.depth, nil, plan.recursive
	clear(w.evaluations)
	w.distinct.reset()
	w.wide = w.wide[:0]
}

func (w *walker) release() {
	w.text, w.report, w.exactly, w.unknown = nil, nil, false, false
	if len(w.evaluations) > maxKept/64 {
		w.evaluations = nil
	}
	clear(w.evaluations)
	w.found.reset()
	if cap(w.distinct.bytes)+cap(w.unescaped)+cap(w.found.paths.pointers) > maxKept || cap(w.distinct.members) > maxKept/24 {
		return
	}
	walkers.Put(w)
}

// document reports whether the text is one value, and satisfies the schema if there is no report.
func (w *walker) document(n *node) bool {
	w.root = skipSpace(w.text, 0)
	i := w.value(w.root, n)
	return i >= 0 && skipSpace(w.text, i) == len(w.text)
}

func (w *walker) value(i int, n *node) int {
	found := typeOf[byteAt(w.text, i)]
	if n.types&found == 0 {
		return w.mismatch(i, found, n)
	}
	if n.byType != nil {
		n = n.byType[bits.TrailingZeros8(uint8(found))]
	}
	switch found {
	case typeString:
		return w.stringValue(i, n)
	case typeNumber:
		return w.numberValue(i, n)
	case typeObject:
		return w.objectValue(i, n)
	case typeArray:
		return w.arrayValue(i, n)
	default:
		return w.wordValue(i, found, n)
	}
}

var noValue = violationOf(violation.FalseSchema{})

// mismatch refuses a value of a type that the schema does not allow, or what is no value at all.
func (w *walker) mismatch(i int, found instanceTypes, n *node) int {
	if w.report == nil || found == 0 {
		return -1
	}
	end := w.skip(i)
	if n.never {
		return w.refuse(i, end, noValue)
	}
	if end >= 0 {
		w.report.addMismatch(i, found, n.wanted, n.otherType)
	}
	return end
}

// refuse ends a value with one violation: nothing more is said about it.
func (w *walker) refuse(i, end int, why *violation.Violation) int {
	if w.report == nil || end < 0 {
		return -1
	}
	w.report.add(i, why)
	return end
}

// skip reads a value that may be anything.
func (w *walker) skip(i int) int {
	return w.evaluateInto(nil, i, anyNode)
}

// evaluateInto is value with a report of its own, or none.
func (w *walker) evaluateInto(own *report, i int, n *node) int {
	outer, depth, wide, marks := w.report, w.depth, len(w.wide), w.distinct.open()
	w.report = own
	end := w.value(i, n)
	w.report, w.depth, w.wide = outer, depth, w.wide[:wide]
	w.distinct.close(marks)
	return end
}

// wordValue reads true, false or null.
func (w *walker) wordValue(i int, found instanceTypes, n *node) int {
	word := "null"
	switch w.text[i] {
	case 't':
		word = "true"
	case 'f':
		word = "false"
	}
	end := i + len(word)
	if end > len(w.text) || string(w.text[i:end]) != word {
		return -1
	}
	if n.plain {
		return end
	}
	if why := w.notEnumerated(i, n); why != nil {
		return w.refuse(i, end, why)
	}
	return w.finish(i, end, n)
}

// enumeratedComposite is notEnumerated for an array or an object that has not been read yet. It returns 0 to go on, or else where the value ends.
func (w *walker) enumeratedComposite(i int, n *node) int {
	end := w.skip(i)
	if end < 0 {
		return -1
	}
	if why := w.notEnumerated(i, n); why != nil {
		return w.refuse(i, end, why)
	}
	return 0
}

// notEnumerated returns why the value is not one that const and enum allow, or nil.
func (w *walker) notEnumerated(i int, n *node) *violation.Violation {
	if n.constant != nil && !n.constant.contains(w.text, i) {
		return n.constant.why
	}
	if n.enum != nil && !n.enum.contains(w.text, i) {
		return n.enum.why
	}
	return nil
}

// finish applies the in-place applicators to a value that has been read, and returns the position behind it.
func (w *walker) finish(i, end int, n *node) int {
	if n.inPlace != nil && !w.applyInPlace(i, n.inPlace) {
		return -1
	}
	return end
}
