package kv

import (
	"cmp"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/dsl"
)

// OpenOption is an option of Open: At, Beside.
type OpenOption func(*opening)

type opening struct {
	at     []string
	beside []dsl.Tree
}

// At stores everything behind the given segments: kv.At("tenant", "42") puts the
// root foo at tenant:42:foo. Segments are escaped like dynamic keys. A root that is
// not a static store has no name of its own and needs At.
func At(segments ...string) OpenOption {
	return func(o *opening) { o.at = append(o.at, segments...) }
}

// Beside names another schema that is used in the same database, stored behind the segments at. Open then refuses the
// two schemas if a key could belong to both.
func Beside[H any](other Schema[H], at ...string) OpenOption {
	return func(o *opening) { o.beside = append(o.beside, treeBeside(nodeOf(other), at)) }
}

func treeBeside(node *dsl.Node, at []string) dsl.Tree {
	if node.Kind() == dsl.Invalid {
		node = node.WithMistake("there is no schema beside it")
	}
	return dsl.Tree{At: at, Root: node}
}

// Open connects a schema with a driver and returns the handle of its root. Every
// mistake of the schema is reported at once, as a *dsl.SchemaError, and so is that there is none; a nil driver is
// ErrInvalid. No round trip.
func Open[H any](schema Schema[H], driver drivers.Driver, options ...OpenOption) (H, error) {
	var none H
	root, err := open(nodeOf(schema), driver, options)
	if err != nil {
		return none, err
	}
	return handle[H](root), nil
}

// open is the place of the root.
func open(node *dsl.Node, driver drivers.Driver, options []OpenOption) (ref, error) {
	var opening opening
	for option := range given(options) {
		option(&opening)
	}
	tree := dsl.Tree{At: opening.at, Root: node}
	path := cmp.Or(tree.Pattern(), noPath)
	if isNil(driver) {
		return ref{}, fail("Open", path, drivers.Errorf(ErrInvalid, "the driver is nil"))
	}
	if err := dsl.Validate(append([]dsl.Tree{tree}, opening.beside...)...); err != nil {
		return ref{}, fail("Open", path, err)
	}
	key, err := tree.Key()
	if err != nil {
		return ref{}, fail("Open", path, err)
	}
	root := bindTree(tree.Root, key, tree.Pattern())
	if near, keys := drivers.Near(driver), nearKeys(root); near != nil && len(keys) > 0 {
		near.Cover(keys)
	}
	return ref{driver: newBoundDriver(driver), node: root}, nil
}

// MustOpen is Open for package variables and examples: it panics on a mistake.
func MustOpen[H any](schema Schema[H], driver drivers.Driver, options ...OpenOption) H {
	opened, err := Open(schema, driver, options...)
	if err != nil {
		panic(err)
	}
	return opened
}
