package plan

// evaluation is the result of a value that was read once more, against another schema.
type evaluation struct {
	end   int
	found *report // nil if none was asked for
}

func (v evaluation) satisfied() bool {
	return v.end >= 0 && v.found.empty()
}

// evaluations remembers the results of a walk. Under a recursive schema, whose values are read more than once at every level,
// it keeps the time from doubling with each.
type evaluations map[evaluationKey]evaluation

type evaluationKey struct {
	position int
	schema   *node
}

// evaluate reads a value once more, against another schema, with a report of its own or none.
func (w *walker) evaluate(i int, n *node, reports bool) evaluation {
	if w.recursive {
		if v, known := w.evaluations[evaluationKey{i, n}]; known && (v.satisfied() || v.found != nil || !reports) {
			return v
		}
	}
	var found *report
	if reports {
		found = &report{instance: i}
	}
	v := evaluation{w.evaluateInto(found, i, n), found}
	if w.recursive {
		if w.evaluations == nil {
			w.evaluations = evaluations{}
		}
		w.evaluations[evaluationKey{i, n}] = v
	}
	return v
}

// satisfies reports whether the value, which has been read before, satisfies the schema.
func (w *walker) satisfies(i int, n *node) bool {
	return w.evaluate(i, n, false).satisfied()
}

// applyAgain applies one more schema to a value that has been read before. It reports whether to go on, like applyInPlace.
func (w *walker) applyAgain(i int, n *node) bool {
	if !w.recursive {
		return w.value(i, n) >= 0
	}
	v := w.evaluate(i, n, w.report != nil)
	if w.report == nil || v.end < 0 {
		return v.satisfied()
	}
	if v.found != nil {
		w.report.merge(v.found)
	}
	return true
}
