package spec

import (
	"context"
	"fmt"

	"github.com/onsi/gomega"
	"github.com/onsi/gomega/types"
)

// HoldNumber succeeds if a slot of a BitSetField holds expected: an integer of any
// type, or a matcher of an int64. A slot that was never written holds 0.
//
//	Expect(verdicts).To(spec.HoldNumber(3, 7))
func HoldNumber(slot int64, expected any) *Matcher {
	inner, isMatcher := expected.(types.GomegaMatcher)
	if !isMatcher {
		inner = gomega.BeNumerically("==", expected)
	}
	return newMatcher("HoldNumber", "a BitSetField", func(ctx context.Context, actual any) (finding, bool, error) {
		bits, ok := actual.(interface {
			fieldHandle
			Get(ctx context.Context, slot int64) (int64, error)
		})
		if !ok {
			return finding{}, false, nil
		}
		number, err := bits.Get(ctx, slot)
		if err != nil {
			return finding{}, true, err
		}
		matches, err := inner.Match(number)
		return finding{matches, func(negated bool) string {
			message := inner.FailureMessage
			if negated {
				message = inner.NegatedFailureMessage
			}
			return fmt.Sprintf("slot %d of %s:\n%s", slot, bits.Path(), message(number))
		}}, true, err
	})
}
