package spec

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/kvstore-go/kvstore/dsl"
	"github.com/kvstore-go/kvstore/spec/lockfile"
)

// UpdateLock is the environment variable that has MatchLock write its files, whatever they say: KVSTORE_UPDATE_LOCK=1.
const UpdateLock = "KVSTORE_UPDATE_LOCK"

// MatchLock expects a schema to be what a file says, which is committed with it: so that whoever changes the schema
// is told what follows for the data that is stored, and so does whoever reviews the change.
//
//	It("is what it was", func() {
//		Expect(Shop).To(spec.MatchLock("testdata/shop.lock.json"))
//	})
//
// With KVSTORE_UPDATE_LOCK=1 in the environment the file is written instead, and everything matches.
//
// It fails for every difference, harmless ones included, as the file is to say what is the case; see [lockfile.Class] for what the message
// says of each. A schema that has mistakes, a file that is damaged, newer than this library, or that of another schema are errors, and
// so is a file that is not there.
func MatchLock(file string) *Matcher {
	return newMatcher("MatchLock", "a schema", func(_ context.Context, actual any) (finding, bool, error) {
		var tree dsl.Tree
		switch actual := actual.(type) {
		case interface{ Tree(at ...string) dsl.Tree }:
			tree = actual.Tree()
		case dsl.Tree:
			tree = actual
		}
		if tree.Root == nil {
			return finding{}, false, nil
		}
		found, err := matchLock(file, tree)
		return found, true, err
	})
}

func matchLock(file string, tree dsl.Tree) (finding, error) {
	if len(tree.At) == 0 && tree.Root.Kind() != dsl.Static {
		tree.At = []string{"root"} // it is locked wherever it is stored, and has no name of its own
	}
	if err := dsl.Validate(tree); err != nil {
		return finding{}, err
	}
	now := lockfile.Of(tree)
	if os.Getenv(UpdateLock) != "" {
		return finding{matches: true, message: func(bool) string { return fmt.Sprintf("%s has just been written", file) }}, writeLock(file, now)
	}
	text, err := os.ReadFile(file) //nolint:gosec // it is the suite's own
	if errors.Is(err, fs.ErrNotExist) {
		return finding{}, fmt.Errorf("%w; %s=1 in the environment writes it", err, UpdateLock)
	}
	if err != nil {
		return finding{}, err
	}
	before, err := lockfile.Parse(text)
	if err != nil {
		return finding{}, fmt.Errorf("%s: %w", file, err)
	}
	differences, err := lockfile.Compare(before, now)
	if err != nil {
		return finding{}, fmt.Errorf("%s: %w", file, err)
	}
	return finding{len(differences) == 0, func(negated bool) string {
		if negated {
			return fmt.Sprintf("Expected the schema not to be what %s says", file)
		}
		return fmt.Sprintf("The schema is not what %s says:\n\n%s\n\nIf all of this is meant, and what is stored is taken care of, %s=1 in the environment writes the file anew.",
			file, lockfile.Report(differences), UpdateLock)
	}}, nil
}

func writeLock(file string, lock *lockfile.Lock) error {
	text, err := lock.Text()
	if err != nil {
		return err
	}
	const everybody = 0o755
	if err := os.MkdirAll(filepath.Dir(file), everybody); err != nil {
		return err
	}
	return os.WriteFile(file, text, 0o644) //nolint:gosec // it is committed
}
