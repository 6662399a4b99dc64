package jsonval

// verdict is what has come of a value that was read once more, under another schema.
type verdict struct {
	end   int
	found *report // nil where nobody asked for one
}

func (v verdict) satisfied() bool {
	return v.end >= 0 && v.found.empty()
}

// verdicts remembers those that a walk has come to. Under a recursive schema, whose values are read more than once at every level,
// it keeps the time from doubling with each.
type verdicts map[question]verdict

type question struct {
	position int
	schema   *node
}

// judge reads a value once more, under another schema, with a report of its own or none.
func (w *walker) judge(i int, n *node, reports bool) verdict {
	if w.recursive {
		if v, known := w.verdicts[question{i, n}]; known && (v.satisfied() || v.found != nil || !reports) {
			return v
		}
	}
	var found *report
	if reports {
		found = &report{judged: i}
	}
	v := verdict{w.within(found, i, n), found}
	if w.recursive {
		if w.verdicts == nil {
			w.verdicts = verdicts{}
		}
		w.verdicts[question{i, n}] = v
	}
	return v
}

// satisfies reports whether the value, which has been read before, satisfies the schema.
func (w *walker) satisfies(i int, n *node) bool {
	return w.judge(i, n, false).satisfied()
}

// again applies one more schema to a value that has been read before. It reports whether to go on, like inPlace.
func (w *walker) again(i int, n *node) bool {
	if !w.recursive {
		return w.value(i, n) >= 0
	}
	v := w.judge(i, n, w.report != nil)
	if w.report == nil || v.end < 0 {
		return v.satisfied()
	}
	if v.found != nil {
		w.report.merge(v.found)
	}
	return true
}
