package compiled_test

import (
	"math/rand/v2"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/kvstore-go/kvstore/jsonval/internal/compiled"
)

// formatTexts are what is mutated, of each format some.
var formatTexts = map[string][]string{
	"date":                  {"2024-02-29", "2023-02-29", "1999-12-31"},
	"date-time":             {"2024-02-29T23:59:60Z", "1998-12-31t15:59:60.123-08:00", "2024-01-01T00:00:00z", "2024-01-01T00:00:60+00:01"},
	"duration":              {"P1Y2M3DT4H5M6S", "P3W", "PT1H", "P1YT", "PT", "P1Y3D"},
	"email":                 {"ada@example.com", `"a b"@example.com`, "a@[127.0.0.1]", "a@[IPv6:::1]", "@a", "a.b.c@d-e.f", "a..b@c"},
	"hostname":              {"example.com", "a-b.c.", strings.Repeat("a", 63) + ".b", strings.Repeat("a.", 126) + "a", "-a"},
	"ipv4":                  {"127.0.0.1", "255.255.255.255", "+1.2.3.4", "01.2.3.4"},
	"ipv6":                  {"::1", "fe80::1%eth0", "::ffff:1.2.3.4", "1:2:3:4:5:6:7:8"},
	"iri":                   {"http://\u00e9.example/\u00fc?q#f", "mailto:a@b", "urn:x:y"},
	"iri-reference":         {"/\u00e9", "//a/b", "a:b", "#f"},
	"json-pointer":          {"/a/b~0~1/0", "", "/", "a", "/~2"},
	"period":                {"2024-01-01T00:00:00Z/2024-01-02T00:00:00Z", "P1D/2024-01-02T00:00:00Z", "2024-01-01T00:00:00Z/PT1H"},
	"regex":                 {"^[a-z]+$", "(?<a>b)", "(?=a)", `\p{L}`, "a{2,1}"},
	"relative-json-pointer": {"0#", "1/a", "10", "01", "0/~1"},
	"semver":                {"1.2.3-alpha.1+build.5", "0.0.0", "1.0.0-0.01", "1.2.3-01a"},
	"time":                  {"23:59:60Z", "01:29:60+01:30", "00:00:00.5-23:59", "24:00:00Z", "+1:00:00Z"},
	"uri":                   {"http://[::1]:80/a?b#c", "http://[fe80::1%25en0]/", "a:b", "http://a b"},
	"uri-reference":         {"../a", `\\a`, "?q", "http://[::g]"},
	"uri-template":          {"http://a/{b}/{c}", "{a}{b}", "{{a}}", "/%zz", "/%7Ba", "a}{"},
	"uuid":                  {"123e4567-E89B-12d3-a456-426614174000", "123e4567e89b12d3a456426614174000"},
}

var _ = Describe("A format", func() {
	It("accepts what the validator of record accepts by itself", func() {
		random := rand.New(rand.NewPCG(uint64(GinkgoRandomSeed()), 0)) //nolint:gosec // it need not be a secret
		Expect(formatTexts).To(HaveLen(len(compiled.FormatNames)))
		for _, name := range compiled.FormatNames {
			Expect(formatTexts).To(HaveKey(name))
			format, record := compiled.FormatNamed(name), recordFormat(name)
			texts := formatTexts[name]
			accepted := 0
			for range 5000 {
				text := texts[random.IntN(len(texts))]
				for range random.IntN(3) {
					text = mutated(random, text, texts)
				}
				want := name == "regex" && format.Accepts(text) || name != "regex" && record(text) // which it leaves to package ecma
				Expect(format.Accepts(text)).To(Equal(want), "%s %q", name, text)
				if want {
					accepted++
				}
			}
			Expect(accepted).To(And(BeNumerically(">", 250), BeNumerically("<", 5000)), name)
		}
	})

	It("is an annotation if nobody knows it", func() {
		Expect(compiled.FormatNamed("idn-email")).To(BeNil())
		s, err := compiled.Compile(map[string]any{"format": "idn-email"})
		Expect(err).NotTo(HaveOccurred())
		Expect(s.Format).To(BeNil())
	})
})

// recordFormat is a format as santhosh-tekuri/jsonschema has it, when nobody replaces it.
func recordFormat(name string) func(text string) bool {
	GinkgoHelper()
	compiler := jsonschema.NewCompiler()
	compiler.AssertFormat()
	Expect(compiler.AddResource("urn:format", map[string]any{"format": name})).To(Succeed())
	made, err := compiler.Compile("urn:format")
	Expect(err).NotTo(HaveOccurred())
	return func(text string) bool { return made.Validate(text) == nil }
}

// mutated is a text in which something is missing, or there twice, or which has a part of another.
func mutated(random *rand.Rand, text string, others []string) string {
	const noise = "0159aAfgPTWZz+-.:/#~%{}[]@\"\\ \n\u00e9"
	at := 0
	if text != "" {
		at = random.IntN(len(text) + 1)
	}
	switch random.IntN(4) {
	case 0:
		return strings.ToValidUTF8(text[:at]+text[min(at+1, len(text)):], "")
	case 1:
		other := others[random.IntN(len(others))]
		return strings.ToValidUTF8(text[:at]+other[min(at, len(other)):], "")
	default:
		c := []rune(noise)[random.IntN(len([]rune(noise)))]
		skip := random.IntN(2)
		return strings.ToValidUTF8(text[:at]+string(c)+text[min(at+skip, len(text)):], "")
	}
}
