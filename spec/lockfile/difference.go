package lockfile

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Class says what follows from a difference for the data that is stored.
type Class uint8

// The classes, the worst last.
const (
	// Compatible: all that is stored is found, and read as what it is.
	Compatible Class = iota
	// NeedsReindex: kv.Reindex has to build registries or indexes anew.
	NeedsReindex
	// NeedsMigrate: what is stored is in a form that is declared as an older one. It is read, and kv.Migrate rewrites it.
	NeedsMigrate
	// Breaking: something that is stored would be refused, or not be found, or taken for something else; or nobody can tell that not.
	Breaking
)

// String is the class in words.
func (c Class) String() string {
	return [...]string{"compatible", "needs Reindex", "needs Migrate", "breaking"}[c]
}

// Difference is one thing in which a schema is not what it was.
type Difference struct {
	Class Class
	Path  string // the declared path, * for any key of a dynamic store
	What  string // what is not what it was
	Then  string // what follows from it, and what to do about it
}

// String is the difference in one line.
func (d Difference) String() string {
	return fmt.Sprintf("%s: %s: %s: %s", d.Class, d.Path, d.What, d.Then)
}

// Report is the differences, a line each, the worst first.
func Report(differences []Difference) string {
	var lines strings.Builder
	for i, d := range sorted(differences) {
		if i > 0 {
			lines.WriteByte('\n')
		}
		fmt.Fprintf(&lines, "%-13s  %s: %s: %s", d.Class, d.Path, d.What, d.Then)
	}
	return lines.String()
}

func sorted(differences []Difference) []Difference {
	return slices.SortedStableFunc(slices.Values(differences), func(one, other Difference) int {
		return cmp.Or(cmp.Compare(other.Class, one.Class), strings.Compare(one.Path, other.Path))
	})
}

// path is the declared path of a place.
type path []string

func (p path) below(name string, child *place) path {
	if child.Colocated {
		name = "{" + name + "}"
	}
	return append(slices.Clip(p), name)
}

func (p path) String() string {
	if len(p) > 0 && p[0] == "" { // a root that is no static store has no name
		p = append(path{"(root)"}, p[1:]...)
	}
	return strings.Join(p, ":")
}

func (p path) errorf(format string, args ...any) error {
	return fmt.Errorf("%s: "+format, append([]any{p}, args...)...)
}
