package jsonval_test

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kvstore-go/kvstore/jsonval"
	"github.com/kvstore-go/kvstore/jsonval/internal/compiled"
	"github.com/kvstore-go/kvstore/jsonval/internal/plan"
	"github.com/kvstore-go/kvstore/jsonval/internal/record"
	"github.com/kvstore-go/kvstore/jsonval/internal/tree"
	"github.com/kvstore-go/kvstore/jsonval/internal/violation"
	"github.com/kvstore-go/kvstore/spec/suite"
)

const (
	differentialDepth = 20
	textsForSchema    = 100
)

// subject is one schema under both engines.
type subject struct {
	schema       string
	tree         any
	plan, record judge
}

// subject makes a schema: hand-written, or reflected from a Go type. It returns nil for one that does not compile, or has no plan.
func (g generator) subject() *subject {
	s := &subject{}
	generated := g.one(2)
	if generated {
		schema, err := jsonval.SchemaOf(g.goType(3))
		if err != nil {
			return nil
		}
		s.schema = string(schema)
	} else {
		s.schema = g.schema()
	}
	var err error
	if s.plan, s.record, err = engines(s.schema, differentialDepth, generated); err != nil {
		return nil
	}
	s.tree = treeOf(s.schema)
	return s
}

// treeOf is what a schema that compiles consists of.
func treeOf(schema string) (tree any) {
	decoder := json.NewDecoder(strings.NewReader(schema))
	decoder.UseNumber()
	if err := decoder.Decode(&tree); err != nil {
		panic(err)
	}
	return tree
}

func (g generator) text(s *subject) string {
	document := g.satisfy(s.tree, s.tree, 6)
	for g.one(4) {
		document = g.hostile(document)
	}
	return g.space() + document + g.space()
}

// judge is an engine.
type judge func(text []byte) violation.Refusal

// engines returns the plan of a schema and the validator of record. The plan is nil when the schema has none; the error says why.
func engines(schema string, maxDepth int, generated bool) (planned, judged judge, err error) {
	document, refusal := tree.Parse([]byte(schema), 10_000)
	if !refusal.Empty() {
		return nil, nil, errors.New(refusal.Violations[0].Message)
	}
	made, err := record.Compile(document, generated)
	if err != nil {
		return nil, nil, err
	}
	judged = record.NewValidator(made, maxDepth).Check
	keywords := record.Keywords(made)
	if generated {
		if keywords, err = compiled.Compile(document); err != nil {
			return nil, judged, err
		}
	}
	engine, err := plan.Compile(keywords, maxDepth, nil)
	if err != nil {
		return nil, judged, err
	}
	return engine.Check, judged, nil
}

// difference describes where the two engines disagree about a text: in the verdict, or in a violation.
func (s *subject) difference(text string) string {
	got, want := s.plan.listed(text), s.record.listed(text)
	if slices.Equal(got, want) {
		return ""
	}
	return fmt.Sprintf("schema %s\ntext %q\nplan   %q\nrecord %q", s.schema, text, got, want)
}

// listed returns the pointers and keywords of what an engine finds.
func (j judge) listed(text string) []string {
	var found []string
	for _, v := range j([]byte(text)).Violations {
		found = append(found, v.Pointer+" "+v.Keyword)
	}
	return slices.Compact(found)
}

// listed returns the pointers and keywords of a refusal.
func listed(err error) []string {
	var refused *jsonval.ValidationError
	if err == nil {
		return nil
	}
	if !errors.As(err, &refused) {
		return []string{err.Error()}
	}
	var found []string
	for _, v := range refused.Violations {
		found = append(found, v.Pointer+" "+v.Keyword)
	}
	return slices.Compact(found)
}

// setting reads a number from the environment.
func setting(name string, otherwise uint64) uint64 {
	GinkgoHelper()
	number, err := strconv.ParseUint(cmp.Or(os.Getenv(name), strconv.FormatUint(otherwise, 10)), 10, 64)
	Expect(err).NotTo(HaveOccurred(), name)
	return number
}

var _ = Describe("the plan", Label(suite.Slow), func() {
	It("agrees with the validator of record", func() {
		documents := setting("KVSTORE_DIFFERENTIAL_DOCUMENTS", 20_000)
		seed := setting("KVSTORE_DIFFERENTIAL_SEED", uint64(GinkgoRandomSeed()))
		workers := uint64(runtime.GOMAXPROCS(0))
		var group sync.WaitGroup
		var lock sync.Mutex
		compared, accepted, schemas := 0, 0, 0
		var differences []string
		for worker := range workers {
			group.Go(func() {
				defer GinkgoRecover()
				for round := worker; round < documents/textsForSchema; round += workers {
					g := newGenerator(seed + round)
					s := g.subject()
					for s == nil {
						s = g.subject()
					}
					passed := 0
					var found []string
					for range textsForSchema {
						text := g.text(s)
						if different := s.difference(text); different != "" {
							found = append(found, fmt.Sprintf("seed %d\n%s", seed+round, different))
						}
						if s.plan([]byte(text)).Empty() {
							passed++
						}
					}
					lock.Lock()
					compared += textsForSchema
					accepted += passed
					schemas++
					differences = append(differences, found...)
					lock.Unlock()
				}
			})
		}
		group.Wait()
		AddReportEntry("differential", fmt.Sprintf("KVSTORE_DIFFERENTIAL_SEED=%d: %d texts, %d of them accepted, under %d schemas; %d differences",
			seed, compared, accepted, schemas, len(differences)), ReportEntryVisibilityAlways)
		Expect(differences[:min(5, len(differences))]).To(BeEmpty())
	})

	It("agrees where one violation comes to the validator of record again and again, and another once", func() {
		planned, record, err := engines(`{"definitions":{"c":{"oneOf":[
			{"type":"object","properties":{"a":{"oneOf":[{"type":"array"},{"$ref":"#/definitions/c"}]}},"patternProperties":{"a":{"$ref":"#/definitions/c"}}},
			{"type":"array"}]}},"allOf":[{"$ref":"#/definitions/c"},{"type":"null"}]}`, 64, false)
		Expect(err).NotTo(HaveOccurred())
		const levels = 12
		text := strings.Repeat(`{"a":`, levels) + "true" + strings.Repeat("}", levels)
		Expect(planned.listed(text)).To(Equal([]string{" type", strings.Repeat("/a", levels) + " type"}))
		Expect(record.listed(text)).To(Equal(planned.listed(text)))
	})
})

// FuzzPlan compares the engines on texts and schemas of the fuzzer's own.
func FuzzPlan(f *testing.F) {
	for seed := range uint64(200) {
		g := newGenerator(seed)
		if s := g.subject(); s != nil {
			f.Add(s.schema, g.text(s), seed%2 == 0)
		}
	}
	f.Fuzz(func(t *testing.T, schema, text string, generated bool) {
		planned, record, err := engines(schema, differentialDepth, generated)
		if err != nil {
			return
		}
		s := subject{schema: schema, plan: planned, record: record}
		if different := s.difference(text); different != "" {
			t.Fatal(different)
		}
	})
}
