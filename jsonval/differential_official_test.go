package jsonval_test

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path"
	"slices"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
)

// exception is a part of the official JSON Schema test suite where a codec is meant to differ.
type exception struct {
	files    string // a pattern of paths
	refused  int    // schemas that do not compile
	verdicts int    // tests whose verdict is another
	reason   string
}

var exceptions = []exception{
	{"*/refRemote.json", 45, 0, "a schema is one document: nothing is loaded from elsewhere"},
	{"*/optional/cross-draft.json", 2, 0, "a schema is one document: nothing is loaded from elsewhere"},
	{"draft2020-12/dynamicRef.json", 5, 0, "a schema is one document: nothing is loaded from elsewhere"},
	{"draft2020-12/vocabulary.json", 2, 0, "a schema is one document: nothing is loaded from elsewhere"},
	{"draft2020-12/optional/format-assertion.json", 2, 0, "a schema is one document: nothing is loaded from elsewhere"},
	{"draft2020-12/format.json", 0, 17, "formats are asserted in every draft"},
	{"draft4/optional/zeroTerminatedFloats.json", 0, 1, "1.0 is an integer in every draft"},
	{"draft7/optional/content.json", 0, 4, "the content keywords of a hand-written schema are annotations"},
	{"*/optional/format/idn-*.json", 0, 112, "internationalized hostnames and addresses are not known as formats"},
	{"*/optional/format/hostname.json", 0, 50, "the validator of record does not decode punycode, and accepts a trailing dot"},
	{"*/optional/format/duration.json", 0, 2, "the validator of record accepts durations that skip a unit"},
	{"*/optional/format/email.json", 0, 4, "the validator of record accepts an address without a local part"},
	{"*/optional/format/ipv4.json", 0, 4, "the validator of record accepts signed decimals"},
	{"*/optional/format/iri.json", 0, 2, "the validator of record reads URIs as net/url does"},
	{"*/optional/format/uri*.json", 0, 85, "the validator of record reads URIs as net/url does"},
}

// officialGroup is a schema of the test suite with texts and verdicts.
type officialGroup struct {
	Description string          `json:"description"`
	Schema      json.RawMessage `json:"schema"`
	Tests       []struct {
		Description string          `json:"description"`
		Data        json.RawMessage `json:"data"`
		Valid       bool            `json:"valid"`
	} `json:"tests"`
}

// coverage counts what becomes of the schemas of one draft, and of the tests.
type coverage struct {
	compiled, delegated, refused, tests int
}

var officialDrafts = map[string]string{"draft4": drafts[0], "draft6": drafts[1], "draft7": drafts[2], "draft2020-12": drafts[4]}

var _ = Describe("the official JSON Schema test suite", func() {
	suite := os.DirFS(cmp.Or(os.Getenv("KVSTORE_JSON_SCHEMA_TESTS"), "../../shared/data/json-schema-test-suite"))

	It("agrees, but where it is known not to", func() {
		if _, err := fs.Stat(suite, "draft7"); err != nil {
			Skip("the files are not there: set KVSTORE_JSON_SCHEMA_TESTS to where json-schema-org/JSON-Schema-Test-Suite/tests is")
		}
		covered := map[string]*coverage{}
		reasons := map[string]int{}
		found := map[string]exception{}
		for _, draft := range slices.Sorted(maps.Keys(officialDrafts)) {
			covered[draft] = &coverage{}
			Expect(fs.WalkDir(suite, draft, func(name string, entry fs.DirEntry, err error) error {
				if err == nil && path.Ext(name) == ".json" {
					file := judgeFile(suite, name, officialDrafts[draft], covered[draft], reasons)
					of := exceptionFor(name)
					sum := found[of.files]
					found[of.files] = exception{of.files, sum.refused + file.refused, sum.verdicts + file.verdicts, of.reason}
				}
				return err
			})).To(Succeed())
		}
		table := "draft         compiled delegated unsupported   tests\n"
		for _, draft := range slices.Sorted(maps.Keys(covered)) {
			c := covered[draft]
			table += fmt.Sprintf("%-12s %9d %9d %11d %7d\n", draft, c.compiled, c.delegated, c.refused, c.tests)
		}
		for _, reason := range slices.Sorted(maps.Keys(reasons)) {
			table += fmt.Sprintf("delegated: %3d schemas, %s\n", reasons[reason], reason)
		}
		for _, e := range exceptions {
			table += fmt.Sprintf("%3d schemas unsupported, %3d tests judged otherwise in %s: %s\n", e.refused, e.verdicts, e.files, e.reason)
		}
		AddReportEntry("what becomes of its schemas", table, ReportEntryVisibilityAlways)
		delete(found, "")
		Expect(slices.Collect(maps.Values(found))).To(ConsistOf(exceptions))
	})
})

// exceptionFor returns the zero exception for most files.
func exceptionFor(name string) exception {
	for _, e := range exceptions {
		if matched, _ := path.Match(e.files, name); matched {
			return e
		}
	}
	return exception{}
}

// judgeFile runs the tests of one file, of which only exceptions may come out differently; the engines may never differ.
func judgeFile(suite fs.FS, name, draft string, covered *coverage, reasons map[string]int) exception {
	GinkgoHelper()
	text, err := fs.ReadFile(suite, name)
	Expect(err).NotTo(HaveOccurred())
	var groups []officialGroup
	Expect(json.Unmarshal(text, &groups)).To(Succeed())
	e := exception{}
	for _, group := range groups {
		planned, record, err := engines(ofDraft(string(group.Schema), draft), 512, false)
		switch {
		case record == nil:
			covered.refused++
			e.refused++
			Expect(exceptionFor(name).refused).To(BeNumerically(">", 0), "%s: %s: %v", name, group.Description, err)
			continue
		case planned == nil:
			covered.delegated++
			reasons[err.Error()]++
		default:
			covered.compiled++
		}
		for _, test := range group.Tests {
			covered.tests++
			if planned != nil {
				Expect(planned.listed(string(test.Data))).To(Equal(record.listed(string(test.Data))), "%s: %s: %s", name, group.Description, test.Description)
			}
			if record(test.Data).Empty() != test.Valid {
				e.verdicts++
				Expect(exceptionFor(name).verdicts).To(BeNumerically(">", 0), "%s: %s: %s", name, group.Description, test.Description)
			}
		}
	}
	return e
}

// ofDraft names the draft of a schema that does not do so itself.
func ofDraft(schema, draft string) string {
	inside, isObject := strings.CutPrefix(strings.TrimSpace(schema), "{")
	switch {
	case !isObject || strings.Contains(schema, `"$schema"`):
		return schema
	case strings.TrimSpace(inside) == "}":
		return `{"$schema":"` + draft + `"}`
	default:
		return `{"$schema":"` + draft + `",` + inside
	}
}
