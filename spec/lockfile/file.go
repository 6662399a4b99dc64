package lockfile

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/kvstore-go/kvstore/dsl"
)

// Errors of lock files.
var (
	// ErrDamaged: the text is no lock file, or what it says makes no sense.
	ErrDamaged = errors.New("the lock file is damaged")
	// ErrNewer: the file was written by a newer version of this package.
	ErrNewer = errors.New("the lock file is newer than this library")
	// ErrOtherSchema: the file is that of another schema.
	ErrOtherSchema = errors.New("the lock file is that of another schema")
)

// format and version are what a file begins with.
const (
	format  = "schema lock"
	version = 1
)

// Lock is what the key space of a schema looks like.
type Lock struct {
	name string // of the root, if it is static
	root *place
}

// file is a Lock as it is written.
type file struct {
	Format  string `json:"kvstore"`
	Version int    `json:"version"`
	Name    string `json:"name,omitempty"`
	Root    *place `json:"schema"`
}

// Of is the lock of a schema, wherever it is stored.
func Of(tree dsl.Tree) *Lock {
	root := placeOf(tree.Root)
	root.complete()
	return &Lock{name: tree.Root.Label(), root: root}
}

// Text is the lock as it is committed: JSON, indented, names in alphabetical order, so that one schema has one text, and a change of
// it is a change of the lines that it is about.
func (l *Lock) Text() ([]byte, error) {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(file{format, version, l.name, l.root.short()}); err != nil {
		return nil, fmt.Errorf("the lock of %s: %w", l.name, err)
	}
	return text.Bytes(), nil
}

// Parse reads what Text has written: ErrDamaged, or ErrNewer.
func Parse(text []byte) (*Lock, error) {
	var header struct {
		Format  string `json:"kvstore"`
		Version int    `json:"version"`
	}
	switch err := json.Unmarshal(text, &header); {
	case err != nil:
		return nil, fmt.Errorf("%w: %w", ErrDamaged, err)
	case header.Format != format:
		return nil, fmt.Errorf("%w: it does not begin with \"kvstore\": %q", ErrDamaged, format)
	case header.Version > version:
		return nil, fmt.Errorf("%w: it has version %d, and the last that is known here is %d", ErrNewer, header.Version, version)
	case header.Version < 1:
		return nil, fmt.Errorf("%w: there is no version %d", ErrDamaged, header.Version)
	}
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	var read file
	if err := decoder.Decode(&read); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("%w: something follows", ErrDamaged)
	}
	if err := read.Root.check(path{read.Name}); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	if (read.Name != "") != (read.Root.kind() == dsl.Static) {
		return nil, fmt.Errorf("%w: a static store has a name, and nothing else has, at the root", ErrDamaged)
	}
	read.Root.complete()
	return &Lock{read.Name, read.Root}, nil
}
