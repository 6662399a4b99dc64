package jsonval_test

import (
	"encoding/json"
	"fmt"
	"regexp"
	"runtime"
	"slices"
	"sync"
	"testing"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"github.com/samber/lo"

	"github.com/kvstore-go/kvstore/jsonval"
	"github.com/kvstore-go/kvstore/jsonval/internal/record"
	"github.com/kvstore-go/kvstore/jsonval/internal/tree"
	"github.com/kvstore-go/kvstore/jsonval/internal/violation"
	"github.com/kvstore-go/kvstore/jsonval/schemas"
	"github.com/kvstore-go/kvstore/spec/suite"
)

const textsForPair = 20

// versions are an older schema and a newer one, that of a Go type or hand-written; most are much alike.
func (g generator) versions() (older, newer jsonval.Form) {
	if g.one(3) {
		older, err := jsonval.FormOf(g.goType(3))
		if err != nil {
			return g.versions()
		}
		return older, jsonval.Form{Schema: json.RawMessage(g.mutate(string(older.Schema)))}
	}
	schema := g.schema()
	other := g.schema()
	if !g.one(4) {
		other = g.mutate(schema)
	}
	return jsonval.Form{Schema: json.RawMessage(schema), HandWritten: true}, jsonval.Form{Schema: json.RawMessage(other), HandWritten: true}
}

// recordOf is the validator of record of a schema that compiles.
func recordOf(form jsonval.Form) judge {
	schema, err := tree.Schema(form.Schema)
	Expect(err).NotTo(HaveOccurred(), string(form.Schema))
	made, err := record.Compile(schema, !form.HandWritten)
	Expect(err).NotTo(HaveOccurred(), string(form.Schema))
	return record.NewValidator(made, differentialDepth).Check
}

// misjudged says where a comparison is wrong, if one of some texts tells. It is nil for a pair that cannot be compared.
func (g generator) misjudged(counted func(verdict schemas.Verdict, texts int)) string {
	older, newer := g.versions()
	comparison, err := schemas.Compare(older, newer)
	if err != nil {
		return ""
	}
	before, after := recordOf(older), recordOf(newer)
	says := fmt.Sprintf("older %s\nnewer %s\n", older.Schema, newer.Schema)
	switch comparison.Verdict {
	case schemas.Refused:
		counted(comparison.Verdict, 1)
		if !before(comparison.Example).Empty() || after(comparison.Example).Empty() {
			return says + "is no example: " + string(comparison.Example)
		}
	case schemas.Accepted, schemas.AcceptedDeclared:
		var root any
		Expect(json.Unmarshal(older.Schema, &root)).To(Succeed())
		if comparison.Verdict == schemas.AcceptedDeclared {
			closed := jsonval.Form{Schema: json.RawMessage(quoted(closedSchema(root))), HandWritten: older.HandWritten}
			before = both(before, recordOf(closed))
			Expect(json.Unmarshal(closed.Schema, &root)).To(Succeed())
		}
		compared := 0
		for range textsForPair {
			text := g.satisfy(root, root, 5)
			if !before([]byte(text)).Empty() {
				continue
			}
			if compared++; !after([]byte(text)).Empty() {
				return says + "is refused: " + text
			}
		}
		counted(comparison.Verdict, compared)
	case schemas.CannotTell:
		counted(comparison.Verdict, 0)
	}
	return ""
}

// closedSchema is a schema that refuses members of which it does not speak, as far as it says what must be. What it says must not be
// refers to the definitions as they were.
func closedSchema(root any) any {
	closed, ok := closing(root).(map[string]any)
	if !ok {
		return root
	}
	for _, keyword := range []string{"definitions", "$defs"} {
		named, _ := closed[keyword].(map[string]any)
		open, _ := root.(map[string]any)[keyword].(map[string]any)
		closed[keyword] = lo.Assign(open, lo.MapKeys(named, func(_ any, name string) string { return closedPrefix + name }))
	}
	return closed
}

// closedPrefix begins the names of definitions that were closed.
const closedPrefix = "closed-"

func closing(schema any) any {
	switch schema := schema.(type) {
	case map[string]any:
		closed := map[string]any{}
		for keyword, value := range schema {
			switch keyword {
			case "not", "if", "enum", "const", "contains", "required", "dependentRequired", "dependencies", "oneOf":
				closed[keyword] = value
			case "$ref":
				closed[keyword] = value
				if reference, isText := value.(string); isText {
					closed[keyword] = closedReference.ReplaceAllString(reference, "${1}"+closedPrefix)
				}
			default:
				closed[keyword] = closing(value)
			}
		}
		if _, names := schema["properties"].(map[string]any); names {
			if additional, says := schema["additionalProperties"]; !says || additional == true {
				closed["additionalProperties"] = false
			}
		}
		if alternatives, several := schema["oneOf"].([]any); several { // the one that holds is to hold if it is closed, too
			parts, _ := closed["allOf"].([]any)
			closed["allOf"] = append(parts, map[string]any{"anyOf": lo.Map(alternatives, func(alternative any, at int) any {
				others := slices.Delete(slices.Clone(alternatives), at, at+1)
				return map[string]any{"allOf": append([]any{closing(alternative)}, lo.Map(others, func(other any, _ int) any { return map[string]any{"not": other} })...)}
			})})
		}
		return closed
	case []any:
		return lo.Map(schema, func(part any, _ int) any { return closing(part) })
	default:
		return schema
	}
}

var closedReference = regexp.MustCompile(`^(#/(?:definitions|\$defs)/)`)

// both refuses what either refuses.
func both(one, other judge) judge {
	return func(text []byte) violation.Refusal {
		if refusal := one(text); !refusal.Empty() {
			return refusal
		}
		return other(text)
	}
}

var _ = Describe("comparing schemas", Label(suite.Slow), func() {
	It("never calls a change compatible that refuses what was accepted, and has an example of what it calls refused", func() {
		pairs := setting("KVSTORE_DIFFERENTIAL_PAIRS", 1_000)
		seed := setting("KVSTORE_DIFFERENTIAL_SEED", uint64(GinkgoRandomSeed()))
		workers := uint64(runtime.GOMAXPROCS(0))
		var group sync.WaitGroup
		var lock sync.Mutex
		verdicts, texts := map[schemas.Verdict]int{}, 0
		var wrong []string
		for worker := range workers {
			group.Go(func() {
				defer GinkgoRecover()
				for round := worker; round < pairs; round += workers {
					found := newGenerator(seed + round).misjudged(func(verdict schemas.Verdict, compared int) {
						lock.Lock()
						defer lock.Unlock()
						verdicts[verdict]++
						texts += compared
					})
					if found != "" {
						lock.Lock()
						wrong = append(wrong, fmt.Sprintf("seed %d\n%s", seed+round, found))
						lock.Unlock()
					}
				}
			})
		}
		group.Wait()
		AddReportEntry("differential", fmt.Sprintf("KVSTORE_DIFFERENTIAL_SEED=%d: %d texts under %d pairs of schemas: %v; %d are wrong",
			seed, texts, pairs, verdicts, len(wrong)), ReportEntryVisibilityAlways)
		Expect(wrong[:min(5, len(wrong))]).To(BeEmpty())
		Expect(verdicts[schemas.Accepted]).To(BeNumerically(">", pairs/10))
		Expect(verdicts[schemas.AcceptedDeclared]).To(BeNumerically(">", pairs/500))
	})
})

// FuzzCompare compares schemas of the fuzzer's own, and looks at the examples.
func FuzzCompare(f *testing.F) {
	for seed := range uint64(100) {
		older, newer := newGenerator(seed).versions()
		f.Add(string(older.Schema), string(newer.Schema), older.HandWritten)
	}
	f.Fuzz(func(t *testing.T, older, newer string, handWritten bool) {
		before := jsonval.Form{Schema: json.RawMessage(older), HandWritten: handWritten}
		after := jsonval.Form{Schema: json.RawMessage(newer), HandWritten: handWritten}
		comparison, err := schemas.Compare(before, after)
		if err != nil || comparison.Verdict != schemas.Refused {
			return
		}
		if refuses := func(form jsonval.Form) bool { return !recordOf(form)(comparison.Example).Empty() }; refuses(before) || !refuses(after) {
			t.Fatalf("older %s\nnewer %s\nis no example: %s", older, newer, comparison.Example)
		}
	})
}
