package spec

import (
	"context"
	"reflect"

	"github.com/onsi/gomega"
)

// isSet reports the handle of a set, of members of any type: Has takes one of those that Read returns.
func isSet(handle any) bool {
	value := reflect.ValueOf(handle)
	if _, isField := handle.(fieldHandle); !isField {
		return false
	}
	read, has := value.MethodByName("Read"), value.MethodByName("Has")
	return read.IsValid() && has.IsValid() && has.Type().NumIn() == 2 && read.Type().Out(0) == reflect.SliceOf(has.Type().In(1))
}

// HoldMembers succeeds if a SetField, or a SetFieldOf[T], has these members and no others, in any order.
// A member may be a matcher, as in gomega.ConsistOf; a single slice stands for its
// elements. Without members it succeeds for an empty set, which is an absent one.
//
//	Expect(members).To(spec.HoldMembers("ann", "bob"))
func HoldMembers(members ...any) *Matcher {
	inner := gomega.ConsistOf(members...)
	return newMatcher("HoldMembers", "a SetField", func(ctx context.Context, actual any) (finding, bool, error) {
		if !isSet(actual) {
			return finding{}, false, nil
		}
		found, taken, err := read(ctx, actual)
		if err != nil {
			return finding{}, taken, err
		}
		return holding(ctx, actual.(fieldHandle), found, inner)
	})
}
