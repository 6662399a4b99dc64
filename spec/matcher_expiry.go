package spec

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/kvstore-go/kvstore/kv"
)

// ExpireWithin succeeds if what a field holds has a time to live of at most d.
//
//	Expect(otp).To(spec.ExpireWithin(5 * time.Minute))
//
// A field that is absent has no time to live: that is an error, so that NotTo does
// not pass for want of a value. See BeAbsent for what has expired.
func ExpireWithin(d time.Duration) *Matcher {
	return expiry("ExpireWithin", fmt.Sprintf("expire within %v", d), func(ttl time.Duration) bool {
		return ttl != kv.NoTTL && ttl <= d
	})
}

// NeverExpire succeeds if what a field holds stays for ever. A field that is absent
// is an error, as for ExpireWithin.
func NeverExpire() *Matcher {
	return expiry("NeverExpire", "stay for ever", func(ttl time.Duration) bool { return ttl == kv.NoTTL })
}

func expiry(name, does string, fits func(ttl time.Duration) bool) *Matcher {
	return newMatcher(name, "the handle of a field", func(ctx context.Context, actual any) (finding, bool, error) {
		field, ok := actual.(fieldHandle)
		if !ok {
			return finding{}, false, nil
		}
		ttl, err := field.TTL(ctx)
		switch {
		case errors.Is(err, kv.ErrNotFound):
			return finding{}, true, fmt.Errorf("%s has no time to live, for nothing is stored there: %w", field.Path(), err)
		case err != nil:
			return finding{}, true, err
		}
		return finding{fits(ttl), func(negated bool) string {
			return sentence(field.Path(), negated, does, "it "+lifetime(ttl))
		}}, true, nil
	})
}
