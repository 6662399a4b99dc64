package kv_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"path/filepath"
	"slices"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
)

// families are those of the files of package kv, the first word of their names, from the
// lowest up. Each uses those above it in this list, and none below; those of a line know
// nothing of each other.
var families = [][]string{
	{"errors"},
	{"options"},
	{"upgrade"}, // older forms of values
	{"ref"},     // a place in an opened schema, and what is executed there
	{"handle"},  // how handles are made of places, and bound to another driver
	{"schema"},
	{"near"}, // what is kept in the process
	{"batch"},
	{"atomic"},
	{"store"},
	{"field"}, // what the handles of values have in common
	{"fetch"}, // reads that load what is missing
	{"scalar", "json", "set", "list", "sortedset", "hash", "map", "bitset", "bitmap", "hyperloglog", "stream", "topic", "lock", "limiter", "queue"},
	{"geo"},     // a sorted set
	{"worker"},  // the options of streams and of queues
	{"listing"}, // of the keys of a store, with or without a registry
	{"many"},
	{"subtree"},
	{"collection"},
	{"follow"}, // of what changes
	{"reindex"},
	{"migrate"},
	{"open"},
	{"audit"},
}

// familyOf is the family of a file.
func familyOf(file string) string {
	name, _, _ := strings.Cut(strings.TrimSuffix(filepath.Base(file), ".go"), "_")
	return name
}

var _ = Describe("The files of the package", func() {
	It("use those of lower families alone", func() {
		files := token.NewFileSet()
		names, err := filepath.Glob("*.go")
		Expect(err).NotTo(HaveOccurred())
		var sources []*ast.File
		for _, name := range names {
			if strings.HasSuffix(name, "_test.go") {
				continue
			}
			source, err := parser.ParseFile(files, name, nil, 0)
			Expect(err).NotTo(HaveOccurred())
			sources = append(sources, source)
		}
		uses := map[*ast.Ident]types.Object{}
		checker := types.Config{Importer: exports()}
		pkg, err := checker.Check("github.com/kvstore-go/kvstore/kv", files, sources, &types.Info{Uses: uses})
		Expect(err).NotTo(HaveOccurred())

		level := map[string]int{}
		for i, line := range families {
			for _, family := range line {
				level[family] = i + 1
			}
		}
		for _, source := range sources {
			name := files.Position(source.Pos()).Filename
			Expect(name == "doc.go" || level[familyOf(name)] > 0).To(BeTrue(), "%s is of no family", name)
		}
		var upwards []string
		for name, object := range uses {
			if object.Pkg() != pkg || !object.Pos().IsValid() {
				continue
			}
			from, to := familyOf(files.Position(name.Pos()).Filename), familyOf(files.Position(object.Pos()).Filename)
			if from != to && level[from] <= level[to] {
				upwards = append(upwards, fmt.Sprintf("%v uses %s of the family %s", files.Position(name.Pos()), name.Name, to))
			}
		}
		slices.Sort(upwards)
		Expect(strings.Join(upwards, "\n")).To(BeEmpty())
	})
})
