package cookbook_test

import (
	"fmt"
	"go/ast"
	"go/build"
	"go/doc/comment"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
)

// repository is where all papers and programs lie.
const repository = "../.."

// snippet is a piece of Go in a paper or in a doc comment.
type snippet struct{ where, text string }

// A snippet is compiled because it occurs, line by line and but for white space, in a
// file that is: an example, a test or a program.
var _ = Describe("Every snippet is compiled", func() {
	It("of the papers", func() {
		var snippets []snippet
		eachFile(".md", func(path, text string) { snippets = append(snippets, fenced(path, text)...) })
		Expect(len(snippets)).To(BeNumerically(">", 30), "found at all")
		Expect(uncompiled(snippets)).To(BeEmpty())
	})

	It("of the doc comments", func() {
		var snippets []snippet
		eachFile(".go", func(path, text string) { snippets = append(snippets, commented(path, text)...) })
		Expect(len(snippets)).To(BeNumerically(">", 20), "found at all")
		Expect(uncompiled(snippets)).To(BeEmpty())
	})

	It("or is found out", func() {
		Expect(uncompiled([]snippet{{"made up", "shop.Stock.Increase(ctx)"}})).To(ContainSubstring("made up"))
		Expect(uncompiled([]snippet{{"part of a line", "const repository ="}})).NotTo(BeEmpty())
		Expect(uncompiled([]snippet{{"a line", "const  repository = \"../..\""}})).To(BeEmpty())
	})
})

// uncompiled are those of the snippets that occur in no file that is compiled.
func uncompiled(snippets []snippet) (found string) {
	for _, s := range snippets {
		compiled := slices.ContainsFunc(compiledFiles(), func(file string) bool { return strings.Contains(file, lines(s.text)) })
		if !compiled {
			found += fmt.Sprintf("\n%s\n%s", s.where, s.text)
		}
	}
	return found
}

// eachFile visits the files of the repository whose names end so, but for testdata.
func eachFile(ending string, visit func(path, text string)) {
	GinkgoHelper()
	Expect(filepath.WalkDir(repository, func(path string, entry fs.DirEntry, err error) error {
		name := entry.Name()
		switch {
		case err != nil:
			return err
		case entry.IsDir() && path != repository && (strings.HasPrefix(name, ".") || name == "testdata"):
			return fs.SkipDir
		case entry.IsDir() || !strings.HasSuffix(name, ending):
			return nil
		}
		text, err := os.ReadFile(path)
		if err == nil {
			visit(path, string(text))
		}
		return err
	})).To(Succeed())
}

// compiledFiles are the lines of all Go files that are compiled on this system.
var compiledFiles = sync.OnceValue(func() (files []string) {
	eachFile(".go", func(path, text string) {
		matches, err := build.Default.MatchFile(filepath.Split(path))
		Expect(err).NotTo(HaveOccurred())
		if matches {
			files = append(files, lines(text))
		}
	})
	return files
})

// lines is a text without its white space, but for what is between words and lines.
func lines(text string) string {
	var all strings.Builder
	all.WriteString("\n")
	for line := range strings.Lines(text) {
		if words := strings.Fields(line); len(words) > 0 {
			all.WriteString(strings.Join(words, " ") + "\n")
		}
	}
	return all.String()
}

// fenced are the blocks of Go in a paper.
func fenced(path, text string) (snippets []snippet) {
	var block *snippet
	number := 0
	for line := range strings.Lines(text) {
		number++
		switch fence := strings.TrimSpace(line); {
		case block == nil && fence == "```go":
			block = &snippet{where: fmt.Sprintf("%s:%d", path, number)}
		case block != nil && fence == "```":
			snippets, block = append(snippets, *block), nil
		case block != nil:
			block.text += line
		}
	}
	return snippets
}

// commented are the blocks of Go in the doc comments of a file.
func commented(path, text string) (snippets []snippet) {
	GinkgoHelper()
	files := token.NewFileSet()
	file, err := parser.ParseFile(files, path, text, parser.ParseComments)
	Expect(err).NotTo(HaveOccurred())
	var parts comment.Parser
	note := func(doc *ast.CommentGroup) {
		if doc == nil {
			return
		}
		for _, part := range parts.Parse(doc.Text()).Content {
			if code, ok := part.(*comment.Code); ok && isGo(code.Text) {
				snippets = append(snippets, snippet{files.Position(doc.Pos()).String(), code.Text})
			}
		}
	}
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.File:
			note(n.Doc)
		case *ast.GenDecl:
			note(n.Doc)
		case *ast.FuncDecl:
			note(n.Doc)
			return false
		case *ast.TypeSpec:
			note(n.Doc)
		case *ast.ValueSpec:
			note(n.Doc)
		case *ast.Field:
			note(n.Doc)
		}
		return true
	})
	return snippets
}

// isGo tells Go from commands and tables.
func isGo(text string) bool {
	for _, around := range []string{"package p\n%s", "package p\nfunc _() {\n%s\n}"} {
		if _, err := parser.ParseFile(token.NewFileSet(), "", fmt.Sprintf(around, text), 0); err == nil {
			return true
		}
	}
	return strings.Contains(text, ":=") // with a mistake
}

// A link's text is in brackets in a doc comment, and its target stands below.
var linkToCommand = regexp.MustCompile(`(?m)^// \[([A-Z ]+)\]: (.*)$`)

var _ = Describe("The links to Redis's commands", func() {
	It("lead to the page of each", func() {
		count := 0
		eachFile(".go", func(path, text string) {
			for _, link := range linkToCommand.FindAllStringSubmatch(text, -1) {
				count++
				page := strings.ReplaceAll(strings.ToLower(link[1]), " ", "-")
				Expect(link[2]).To(Equal("https://redis.io/docs/latest/commands/"+page+"/"), path)
				Expect(text).To(MatchRegexp(`(?m)^// .*\[`+link[1]+`\][,. ;)]`), "%s: a link that nothing leads to", path)
			}
		})
		Expect(count).To(BeNumerically(">", 100))
	})
})
