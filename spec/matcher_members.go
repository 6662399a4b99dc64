package spec

import (
	"context"

	"github.com/onsi/gomega"
)

// setHandle is the handle of a set.
type setHandle interface {
	fieldHandle
	Read(ctx context.Context) ([]string, error)
	Has(ctx context.Context, member string) (bool, error)
}

// HoldMembers succeeds if a SetField has these members and no others, in any order.
// A member may be a matcher, as in gomega.ConsistOf; a single slice stands for its
// elements. Without members it succeeds for an empty set, which is an absent one.
//
//	Expect(members).To(spec.HoldMembers("ann", "bob"))
func HoldMembers(members ...any) *Matcher {
	inner := gomega.ConsistOf(members...)
	return newMatcher("HoldMembers", "a SetField", func(ctx context.Context, actual any) (finding, bool, error) {
		set, ok := actual.(setHandle)
		if !ok {
			return finding{}, false, nil
		}
		found, err := set.Read(ctx)
		if err != nil {
			return finding{}, true, err
		}
		return holding(ctx, set, found, inner)
	})
}
