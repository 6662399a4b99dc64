package plan

import (
	"math/rand/v2"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kvstore-go/kvstore/jsonval/internal/ecma"
)

var _ = Describe("the table of a pattern", func() {
	It("matches what the regular expression matches", func() {
		random := rand.New(rand.NewPCG(uint64(GinkgoRandomSeed()), 0))
		pieces := []string{"a", "b", ".", "\\d", "[a-h]", "(?:a|b)", "(ab)*", "c{2,3}", "x?", "y+?", "(?i:k)", "(?s:.)", "\u00e4", "[^a]", "\\x00", "^", "$", "|"}
		letters := []string{"a", "b", "c", "k", "K", "x", "y", "1", "\n", "\x00", "\u00e4", "\u212a"}
		joined := func(from []string, most int) (text string) {
			for range random.IntN(most) {
				text += from[random.IntN(len(from))]
			}
			return text
		}
		tables := 0
		for range 1000 {
			expression, err := ecma.Compile(joined(pieces, 6))
			if err != nil {
				continue
			}
			p := newPattern(expression)
			for range 20 {
				text := joined(letters, 8)
				if p.steps != nil {
					tables++
				}
				Expect(p.matches([]byte(text))).To(Equal(expression.MatchString(text)), "%q, %q", expression, text)
			}
		}
		Expect(tables).To(BeNumerically(">", 1000))
	})
})
