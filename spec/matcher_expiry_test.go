package spec_test

import (
	"context"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kvstore-go/kvstore/kv"
	"github.com/kvstore-go/kvstore/spec"
)

var _ = Describe("the matchers of expiry", func() {
	ctx := context.Background()

	It("know what is left", func() {
		store, _, clock := opened()
		note := store.Take(noteKey)
		Expect(note.Write(ctx, "otp", kv.ExpireIn(time.Minute))).To(Succeed())
		Expect(note).To(spec.ExpireWithin(time.Minute))
		Expect(note).NotTo(spec.ExpireWithin(59 * time.Second))
		Expect(note).NotTo(spec.NeverExpire())
		Expect(saying(note, spec.ExpireWithin(59*time.Second))).To(Equal("Expected hall:note to expire within 59s\nbut it expires in 1m0s"))
		Expect(saying(note, spec.NeverExpire())).To(Equal("Expected hall:note to stay for ever\nbut it expires in 1m0s"))
		clock.Advance(time.Second)
		Expect(note).To(spec.ExpireWithin(59 * time.Second))
		clock.Advance(59 * time.Second)
		Expect(note).To(spec.ExpireWithin(time.Millisecond), "the last of its milliseconds")
		Expect(note.Expire(ctx, time.Minute)).To(BeTrue())
		Expect(note.Persist(ctx)).To(BeTrue())
		Expect(note).To(spec.NeverExpire())
		Expect(saying(note, spec.ExpireWithin(time.Hour))).To(Equal("Expected hall:note to expire within 1h0m0s\nbut it never expires"))
		Expect(saying(note, Not(spec.NeverExpire()))).To(Equal("Expected hall:note not to stay for ever\nbut it never expires"))
	})

	It("fail either way for want of a value", func() {
		store, _, _ := opened()
		for _, matcher := range []*spec.Matcher{spec.ExpireWithin(time.Hour), spec.NeverExpire()} {
			Expect(saying(store.Take(noteKey), matcher)).To(ContainSubstring("hall:note has no time to live, for nothing is stored there"))
			Expect(saying(store.Take(noteKey), Not(matcher))).To(ContainSubstring("nothing is stored there"))
		}
	})
})
