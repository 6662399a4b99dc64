package jsonval_test

import (
	"encoding/json"
	"strconv"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kvstore-go/kvstore/jsonval"
	"github.com/kvstore-go/kvstore/jsonval/schemas"
)

// patternSchema is a schema with one pattern, in a place.
func patternSchema(before, pattern, after string) string {
	GinkgoHelper()
	quoted, err := json.Marshal(pattern)
	Expect(err).NotTo(HaveOccurred())
	return before + string(quoted) + after
}

var _ = DescribeTable("a pattern is one of ECMA-262, and matches", func(pattern string, matching, others []string) {
	compiled := mustCodec[any](schemas.HandWritten(patternSchema(`{"pattern":`, pattern, `}`)))
	Expect(compiled.Compiled()).To(BeTrue())
	delegated := mustCodec[any](schemas.HandWritten(patternSchema(`{"unevaluatedItems":true,"pattern":`, pattern, `}`)))
	Expect(delegated.Compiled()).To(BeFalse())
	names := mustCodec[any](schemas.HandWritten(patternSchema(`{"additionalProperties":false,"patternProperties":{`, pattern, `:true}}`)))
	judge := func(text string, verdict OmegaMatcher) {
		GinkgoHelper()
		quoted, err := json.Marshal(text)
		Expect(err).NotTo(HaveOccurred())
		_, err = compiled.Decode(string(quoted))
		Expect(err).To(verdict, "%q", text)
		_, err = delegated.Decode(string(quoted))
		Expect(err).To(verdict, "%q, by the validator of record", text)
		_, err = names.Decode(`{` + string(quoted) + `:1}`)
		Expect(err).To(verdict, "%q, as a name", text)
	}
	for _, text := range matching {
		judge(text, Not(HaveOccurred()))
	}
	for _, text := range others {
		judge(text, HaveOccurred())
	}
},
	Entry(`\u and four digits`, `^\u00e9$`, []string{"\u00e9"}, []string{"e", "u00e9", "\\u00e9"}),
	Entry(`\u in a class`, `^[\u00e0-\u00ff]+$`, []string{"\u00e0\u00ff"}, []string{"\u0100", "a"}),
	Entry(`a surrogate pair is one character`, `^\uD83D\uDE00$`, []string{"\U0001F600"}, []string{"\U0001F601", "\U0001F600\U0001F600"}),
	Entry(`a range of surrogate pairs`, `^[\uD83D\uDE00-\uD83D\uDE4F]$`, []string{"\U0001F64F"}, []string{"\U0001F650", "\uFFFD"}),
	Entry(`half a surrogate pair occurs nowhere`, `^(\uD83D|a)$`, []string{"a"}, []string{"\U0001F600", "\uFFFD", ""}),
	Entry(`\u in braces`, `^\u{1F600}[\u{61}-\u{63}]$`, []string{"\U0001F600b"}, []string{"\U0001F600d"}),
	Entry(`\x and two digits`, `^\x41\x7a$`, []string{"Az"}, []string{"x41x7a"}),
	Entry(`\c and a letter`, `^\cJ[\cj]$`, []string{"\n\n"}, []string{"cJ"}),
	Entry(`control escapes`, `^\t\n\v\f\r\0$`, []string{"\t\n\v\f\r\x00"}, nil),
	Entry(`escaped punctuation`, `^\/\-\.\:\_\"\]\}\@$`, []string{`/-.:_"]}@`}, []string{`/-x:_"]}@`}),
	Entry(`\b is a backspace within brackets`, `^[\b]$`, []string{"\b"}, []string{"b", ""}),
	Entry(`\b is a boundary elsewhere`, `\bab\b`, []string{"x ab", "ab", "\u00e9ab"}, []string{"xab", "ab_"}),
	Entry(`\B is none`, `a\Bb`, []string{"ab"}, []string{"a b"}),
	Entry(`\d is ASCII`, `^\d$`, []string{"7"}, []string{"\u0667", "x"}),
	Entry(`\D is everything else`, `^\D$`, []string{"\u0667", "x", "\n"}, []string{"7"}),
	Entry(`\w is ASCII`, `^\w+$`, []string{"aZ_9"}, []string{"\u00e9", "-"}),
	Entry(`\W is everything else`, `^\W$`, []string{"\u00e9", "-"}, []string{"a", "_"}),
	Entry(`\s is white space of Unicode`, `^\s+$`, []string{" \t\n\v\f\r\u00a0\u1680\u2003\u2028\u2029\u202f\u205f\u3000\ufeff"}, []string{"\u200b", "\u180e", "\u0085", "x"}),
	Entry(`\S is everything else`, `^\S$`, []string{"\u200b", "x"}, []string{"\u00a0", "\v", "\ufeff"}),
	Entry(`these in a class`, `^[\s\d.]+$`, []string{"\u00a01."}, []string{"a"}),
	Entry(`these in a class that is inverted`, `^[^\s\d]$`, []string{"a"}, []string{"\u2003", "1"}),
	Entry(`their opposites in a class`, `^[^\S\n]$`, []string{" ", "\ufeff"}, []string{"\n", "a"}),
	Entry(`a hyphen beside them is a hyphen`, `^[\w-.]+$`, []string{"a-.b"}, []string{"a/"}),
	Entry(`a class of everything`, `^[\s\S]$`, []string{"\n", "a", "\U0001F600"}, []string{"", "ab"}),
	Entry(`[^] is every character`, `^[^]$`, []string{"\n", "]", "\U0001F600"}, []string{"", "ab"}),
	Entry(`[] is none`, `^([]|a)$`, []string{"a"}, []string{"", "]", "b"}),
	Entry(`. is every character but the ends of lines`, `^.$`, []string{"a", "\U0001F600", "\v", "\u0085"}, []string{"\n", "\r", "\u2028", "\u2029", ""}),
	Entry(`$ is the very end`, `^a$`, []string{"a"}, []string{"a\n"}),
	Entry(`^ is the very beginning`, `^a`, []string{"ab"}, []string{"\na"}),
	Entry(`\p and a category`, `^\p{L}\p{Lu}\p{Letter}\p{gc=Nd}\p{General_Category=Decimal_Number}$`, []string{"\u00e9\u00c9z1\u0667"}, []string{"\u00e9zz11"}),
	Entry(`\p and a script`, `^\p{Script=Greek}[\p{sc=Latin}-]$`, []string{"\u03b1a", "\u03b1-"}, []string{"aa"}),
	Entry(`\p and a property`, `^\p{Alphabetic}\p{White_Space}\p{Uppercase}\p{Any}\p{ASCII}$`, []string{"\u2170\u0085\u2160\U0001F600a"}, []string{"1 Aaa"}),
	Entry(`\P is everything else`, `^\P{L}[^\P{L}]$`, []string{"1a"}, []string{"aa", "11"}),
	Entry(`a named group`, `^(?<year>\d{4})-(?<m_$1>\d\d)$`, []string{"2024-01"}, []string{"2024"}),
	Entry(`modifiers of a group`, `^(?i:a[b-c]\u212a)(?s:.)(?i:x(?-i:y))$`, []string{"ABk\nXy", "acK\u2028xy"}, []string{"abk\nxY", "abkx"}),
	Entry(`a class that is inverted without regard to case`, `^(?i:[^a])$`, []string{"b"}, []string{"a", "A"}),
	Entry(`brackets and braces that are no syntax`, `^{{a}}]{x,1}$`, []string{"{{a}}]{x,1}"}, []string{"{{a}}]xx"}),
	Entry(`quantifiers that prefer less`, `^a+?b*?c??d{1,2}?$`, []string{"aabd", "acdd"}, []string{"bd"}),
	Entry(`nothing, and alternatives of nothing`, `^(|a||b)$`, []string{"", "a", "b"}, []string{"ab"}),
	Entry(`a repetition beyond 1000`, `^a{1,1001}$`,
		[]string{"a", strings.Repeat("a", 1000), strings.Repeat("a", 1001)}, []string{"", strings.Repeat("a", 1002)}),
	Entry(`a repetition beyond 1000, of any number of times within it`, `^a{0,2500}$`,
		[]string{"", strings.Repeat("a", 999), strings.Repeat("a", 1000), strings.Repeat("a", 1999), strings.Repeat("a", 2000), strings.Repeat("a", 2500)},
		[]string{strings.Repeat("a", 2501)}),
	Entry(`a repetition of 1000 times and more`, `^(?:[ab]){1500,4096}$`,
		[]string{strings.Repeat("ab", 750), strings.Repeat("b", 4095), strings.Repeat("a", 4096)},
		[]string{strings.Repeat("a", 1499), strings.Repeat("b", 4097), strings.Repeat("a", 1500) + "c"}),
	Entry(`a repetition beyond 1000 without an end`, `^.{2001,}$`, []string{strings.Repeat("a", 2001), strings.Repeat("a", 5000)}, []string{strings.Repeat("a", 2000)}),
	Entry(`a repetition of 10,000 times`, `^[^\s]{0,10000}$`, []string{strings.Repeat("\u00e9", 10_000)}, []string{strings.Repeat("a", 10_001)}),
	Entry(`a repetition of 10,000 characters`, `^(?:ab){1,5000}$`, []string{strings.Repeat("ab", 5000)}, []string{strings.Repeat("ab", 5001), "a"}),
	Entry(`repetitions within each other`, `^(?:a{1,60}b){0,50}$`,
		[]string{"", strings.Repeat("aab", 50), strings.Repeat(strings.Repeat("a", 60)+"b", 50)},
		[]string{strings.Repeat("ab", 51), strings.Repeat("a", 61) + "b", "b"}),
)

var _ = Describe("a pattern that is refused", func() {
	const (
		malformed = "is not a regular expression of ECMA-262: "
		beyond    = "which package regexp cannot match"
	)

	DescribeTable("is named with its place and what is wrong about it", func(pattern string, why ...string) {
		_, err := jsonval.NewCodec[any](schemas.HandWritten(patternSchema(`{"properties":{"a/b":{"pattern":`, pattern, `}}}`)))
		Expect(err).To(MatchError(ContainSubstring("the schema does not compile: /properties/a~1b/pattern: ")))
		Expect(err).To(MatchError(ContainSubstring(strconv.Quote(pattern))))
		for _, part := range why {
			Expect(err).To(MatchError(ContainSubstring(part)))
		}
	},
		Entry(nil, "^(?!a)", "a lookahead", beyond),
		Entry(nil, "a(?=b)", "a lookahead", beyond),
		Entry(nil, "(?<=a)b", "a lookbehind", beyond),
		Entry(nil, "(?<!a)b", "a lookbehind", beyond),
		Entry(nil, `(a)\1`, "a backreference", beyond),
		Entry(nil, `(?<n>a)\k<n>`, "a backreference", beyond),
		Entry(nil, "(a{1000}){1000}", "has a repetition of 1000 times, which is too large"),
		Entry(nil, "(?:ab){1,5001}", "has a repetition of 5001 times, which is too large"),
		Entry(nil, "a{1,10001}", "has a repetition of 10001 times, which is too large"),
		Entry(nil, ".{1,99999999999999999999}", "which is too large"),
		Entry(nil, "(?m:^a)", "the modifier m", beyond),
		Entry(nil, `(?i:\bk)`, "a word boundary within (?i:...)", beyond),
		Entry(nil, `(`, malformed, "missing closing )"),
		Entry(nil, `a)`, malformed, "a ) closes no group"),
		Entry(nil, `[a`, malformed, "missing closing ]"),
		Entry(nil, `[b-a]`, malformed, "out of order"),
		Entry(nil, `a{2,1}`, malformed, "{2,1} are out of order"),
		Entry(nil, `*`, malformed, "nothing before it"),
		Entry(nil, `a|{1}`, malformed, "nothing before it"),
		Entry(nil, `a**`, malformed, "follows another one"),
		Entry(nil, `^+`, malformed, "an assertion is repeated"),
		Entry(nil, `\`, malformed, `it ends with a \`),
		Entry(nil, `\u00e`, malformed, `\u wants 4 hexadecimal digits`),
		Entry(nil, `\x{e9}`, malformed, `\x wants 2 hexadecimal digits`),
		Entry(nil, `\u{110000}`, malformed, `\u{110000} is no character`),
		Entry(nil, `\c1`, malformed, `\c has no letter`),
		Entry(nil, `\01`, malformed, `\0 is followed by a digit`),
		Entry(nil, `\1`, malformed, `\1 refers to a group that is not there`),
		Entry(nil, `\k<n>`, malformed, `\k<n> refers to a group that is not there`),
		Entry(nil, `^a\Z`, malformed, `\Z is no escape`),
		Entry(nil, `\Aa`, malformed, `\A is no escape`),
		Entry(nil, `\pL`, malformed, `\p wants a property in braces`),
		Entry(nil, `\p{Greek}`, `the property \p{Greek}, which is not known here`),
		Entry(nil, `[[:alpha:]]`, malformed, `[:alpha:] is no class`),
		Entry(nil, `(?i)a`, malformed, `(?i) is no group of ECMA-262, which has (?i:...)`),
		Entry(nil, `(?P<n>a)`, malformed, `(?P is no group`),
		Entry(nil, `(?<1>a)`, malformed, `a group has a malformed name`),
		Entry(nil, strings.Repeat("(", 300), malformed, `nested deeper than 250`),
	)

	It("is told with all the others, in every place", func() {
		_, err := jsonval.NewCodec[any](schemas.HandWritten(`{"patternProperties":{"^(?!x-)":{"pattern":"("}},"items":[{"pattern":"("}],
			"$schema":"http://json-schema.org/draft-04/schema#","definitions":{"pattern":{"pattern":"\\u00e9"}}}`))
		Expect(err).To(MatchError(And(ContainSubstring("/items/0/pattern: "), ContainSubstring("/patternProperties/^(?!x-): "),
			ContainSubstring("/patternProperties/^(?!x-)/pattern: "), Not(ContainSubstring("u00e9")))))
	})

	It("is refused in a tag, too", func() {
		type tagged struct {
			A string `json:"a" jsonschema:"pattern=(?!x)"`
		}
		_, err := jsonval.NewCodec[tagged]()
		Expect(err).To(MatchError(And(ContainSubstring("tagged.A"), ContainSubstring(`"(?!x)" has a lookahead`))))
	})

	It("is none in a constant", func() {
		codec := mustCodec[any](schemas.HandWritten(`{"const":{"pattern":"("}}`))
		_, err := codec.Decode(`{"pattern":"("}`)
		Expect(err).NotTo(HaveOccurred())
	})
})

var _ = DescribeTable("the format regex is the syntax of ECMA-262, matched or not", func(text string, valid bool) {
	for _, schema := range []string{`{"format":"regex"}`, `{"format":"regex","unevaluatedItems":true}`} {
		quoted, err := json.Marshal(text)
		Expect(err).NotTo(HaveOccurred())
		_, err = mustCodec[any](schemas.HandWritten(schema)).Decode(string(quoted))
		Expect(err == nil).To(Equal(valid), "%v", err)
	}
},
	Entry(nil, `^(?!a)(?<=b)(c)\1(?<n>d)\k<n>$`, true),
	Entry(nil, `\u00e9{1,1001}`, true),
	Entry(nil, `(?i)a`, false),
	Entry(nil, `\a`, false),
	Entry(nil, `(`, false),
)
