package dsl_test

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kvstore-go/kvstore/dsl"
)

var _ = Describe("A dynamic segment", func() {
	DescribeTable("is stored readably", func(segment, stored string) {
		Expect(dsl.EscapeSegment(segment)).To(Equal(stored))
		Expect(dsl.UnescapeSegment(stored)).To(Equal(segment))
	},
		Entry("as it is", "any", "any"),
		Entry("as it is with the usual punctuation", "a-b_c.d@e/f+g=h~i,j;k!l$m&n'o(p)q|r^s\"t<u>v`w x", "a-b_c.d@e/f+g=h~i,j;k!l$m&n'o(p)q|r^s\"t<u>v`w x"),
		Entry("as it is in other scripts", "żółw-龜-🐢", "żółw-龜-🐢"),
		Entry("with the separator escaped", "a:b", "a%3Ab"),
		Entry("with the escape escaped", "100%", "100%25"),
		Entry("with hash tags escaped", "{user}", "%7Buser%7D"),
		Entry("with globs escaped", `*?[\]`, "%2A%3F%5B%5C%5D"),
		Entry("with controls escaped", "a\x00b\n\x7F", "a%00b%0A%7F"),
		Entry("even if it looks escaped", "%3A", "%253A"),
	)

	DescribeTable("is refused", func(segment string) {
		_, err := dsl.EscapeSegment(segment)
		Expect(err).To(MatchError(dsl.ErrBadKey))
		Expect(len(err.Error())).To(BeNumerically("<", 300))
	},
		Entry("if it is empty", ""),
		Entry("if it is not UTF-8", "\xff\xfe"),
		Entry("if it is 1 MB long", strings.Repeat("x", 1<<20)),
	)

	It("gives every path a key of its own, from which it is read back", func() {
		// Every path of up to three segments over the pieces that could be confused.
		pieces := []string{"a", ":", "%", "%3A", "3A", "{", "}", "*", `\`, "a:b", "%25", "\x00", "b"}
		segments := slices.Clone(pieces)
		for _, one := range pieces {
			for _, two := range pieces {
				segments = append(segments, one+two)
			}
		}
		slices.Sort(segments)
		segments = slices.Compact(segments)
		seen := map[string]bool{}
		paths := 0
		check := func(path ...string) {
			key, err := dsl.Join(path...)
			if err != nil || seen[key] {
				Fail("two paths share the key " + key)
			}
			seen[key] = true
			paths++
			if back, err := dsl.Split(key); err != nil || !slices.Equal(back, path) {
				Fail("the key " + key + " does not give back its path")
			}
		}
		for _, one := range segments {
			check(one)
			for _, two := range segments {
				check(one, two)
				for _, three := range pieces {
					check(one, two, three)
				}
			}
		}
		Expect(paths).To(BeNumerically(">", 300_000))
	})

	It("cannot make a path without segments or beyond the longest key", func() {
		_, err := dsl.Join()
		Expect(err).To(MatchError(dsl.ErrBadKey))
		half := strings.Repeat("x", dsl.MaxKey/2)
		_, err = dsl.Join(half, half)
		Expect(err).To(MatchError(dsl.ErrBadKey))
	})
})

// FuzzSegment: what is escaped reads back, and what reads back was escaped so.
func FuzzSegment(f *testing.F) {
	for _, seed := range []string{"any", "a:b", "%3A", "%253A", "%3a", "*", "\x00", "\xff", "żółw", "{a}"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if escaped, err := dsl.EscapeSegment(text); err == nil {
			if strings.ContainsAny(escaped, ":{}*?[]\\") {
				t.Fatalf("%q is escaped as %q", text, escaped)
			}
			if back, err := dsl.UnescapeSegment(escaped); err != nil || back != text {
				t.Fatalf("%q → %q → %q (%v)", text, escaped, back, err)
			}
		} else if text != "" && utf8.ValidString(text) && len(text) <= dsl.MaxKey {
			t.Fatalf("%q is refused: %v", text, err)
		}
		if plain, err := dsl.UnescapeSegment(text); err == nil {
			if again, err := dsl.EscapeSegment(plain); err != nil || again != text {
				t.Fatalf("%q ← %q, but → %q (%v)", text, plain, again, err)
			}
		}
	})
}

// FuzzPath: a path of two segments and its key are one to one.
func FuzzPath(f *testing.F) {
	f.Add("a", "b:c")
	f.Add("a:b", "c")
	f.Add("%", "3A")
	f.Fuzz(func(t *testing.T, one, two string) {
		key, err := dsl.Join(one, two)
		if err != nil {
			return
		}
		if back, err := dsl.Split(key); err != nil || !slices.Equal(back, []string{one, two}) {
			t.Fatalf("%q %q → %q → %q (%v)", one, two, key, back, err)
		}
	})
}
