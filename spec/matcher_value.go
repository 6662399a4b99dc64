package spec

import (
	"context"
	"errors"
	"reflect"

	"github.com/onsi/gomega"
	"github.com/onsi/gomega/format"
	"github.com/onsi/gomega/types"

	"github.com/kvstore-go/kvstore/kv"
)

// HoldValue succeeds if a StringField or JSONField[T] holds expected: a value that
// is equal by gomega.Equal, types included but those of numbers, or one that a matcher accepts.
//
//	Expect(note).To(spec.HoldValue("hello"))
//	Expect(note).To(spec.HoldValue(HavePrefix("he")))
//	Expect(config).To(spec.HoldValue(HaveField("Seats", BeNumerically(">", 1))))
//
// A field that is absent holds no value, not even one that equals the zero T. A
// SetField is taken with a matcher alone, which sees its members as a slice in no
// order; HoldMembers compares them. HoldNumber is for a BitSetField.
func HoldValue(expected any) *Matcher {
	inner, isMatcher := expected.(types.GomegaMatcher)
	if !isMatcher {
		inner = gomega.Equal(expected)
	}
	takes := "a StringField or JSONField (a SetField with a matcher; see HoldMembers and HoldNumber)"
	return newMatcher("HoldValue", takes, func(ctx context.Context, actual any) (finding, bool, error) {
		field, isField := actual.(fieldHandle)
		if !isField || isSet(actual) && !isMatcher {
			return finding{}, false, nil
		}
		value, taken, err := read(ctx, actual)
		switch {
		case errors.Is(err, kv.ErrNotFound):
			return finding{message: func(negated bool) string {
				return sentence(field.Path(), negated, "hold\n"+indented(expected), "it holds nothing")
			}}, true, nil
		case !taken || err != nil:
			return finding{}, taken, err
		}
		if !isMatcher && isNumber(value) && isNumber(expected) {
			inner = gomega.BeNumerically("==", expected)
		}
		return holding(ctx, field, value, inner)
	})
}

// isNumber reports an integer or a float, of whatever type.
func isNumber(value any) bool {
	number := reflect.ValueOf(value)
	return number.IsValid() && (number.CanInt() || number.CanUint() || number.CanFloat())
}

// holding asks a matcher about what a field holds.
func holding(ctx context.Context, field fieldHandle, value any, inner types.GomegaMatcher) (finding, bool, error) {
	matches, err := inner.Match(value)
	return finding{matches, func(negated bool) string {
		text := field.Path() + " holds something else"
		message := inner.FailureMessage
		if negated {
			text, message = field.Path()+" holds it", inner.NegatedFailureMessage
		}
		if ttl, err := field.TTL(ctx); err == nil {
			text += " and " + lifetime(ttl)
		}
		return text + ":\n" + message(value)
	}}, true, err
}

// read calls the Read of a StringField, a JSONField of any T, or a SetField. T is
// known to nobody here, least of all where a matcher is expected, hence reflection;
// taken says that there is such a method.
func read(ctx context.Context, handle any) (value any, taken bool, err error) {
	method := reflect.ValueOf(handle).MethodByName("Read")
	if !method.IsValid() || method.Type().NumIn() != 1 || method.Type().NumOut() != 2 {
		return nil, false, nil
	}
	results := method.Call([]reflect.Value{reflect.ValueOf(ctx)})
	err, _ = results[1].Interface().(error)
	return results[0].Interface(), true, err
}

func indented(value any) string { return format.Object(value, 1) }
