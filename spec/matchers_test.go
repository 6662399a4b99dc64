package spec_test

import (
	"context"
	"errors"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"github.com/onsi/gomega/types"

	"github.com/kvstore-go/kvstore/drivers/memory"
	"github.com/kvstore-go/kvstore/kv"
	"github.com/kvstore-go/kvstore/spec"
)

type lobby struct {
	Title string `json:"title"`
	Seats int    `json:"seats"`
}

const (
	noteKey    kv.Key[kv.StringField]                          = "note"
	lobbyKey   kv.Key[kv.JSONField[lobby]]                     = "lobby"
	listKey    kv.Key[kv.JSONField[[]string]]                  = "list"
	membersKey kv.Key[kv.SetField]                             = "members"
	scoresKey  kv.Key[kv.BitSetField]                          = "scores"
	byIDKey    kv.Key[kv.KeyedStore[uint8, kv.StringField]]    = "byid"
	roomsKey   kv.Key[kv.DynamicStore[kv.StaticStore]]         = "rooms"
	roomKey    kv.Key[kv.StringField]                          = "topic"
	otherKey   kv.Key[kv.DynamicStore[kv.JSONField[[]string]]] = "rooms"
)

var hall = kv.Static("hall").String(noteKey).JSON(lobbyKey).JSON(listKey).Set(membersKey).BitSet(scoresKey, kv.U8).
	Field(byIDKey, kv.DynamicBy[uint8](kv.String())).
	Field(roomsKey, kv.Dynamic(kv.Static("room").String(roomKey)))

// opened is an empty hall, with the driver and the clock below it.
func opened() (kv.StaticStore, *memory.Driver, *clock) {
	clock := &clock{now: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)}
	driver := memory.New(memory.WithClock(clock.Now))
	return kv.MustOpen(hall, driver), driver, clock
}

// saying is what Gomega prints when the handle does not match, or matches with Not around it.
func saying(handle any, matcher types.GomegaMatcher) string {
	GinkgoHelper()
	err := InterceptGomegaFailure(func() { Expect(handle).To(matcher) })
	Expect(err).To(HaveOccurred())
	return err.Error()
}

var _ = Describe("the matchers", func() {
	ctx := context.Background()

	DescribeTable("say what they take",
		func(matcher types.GomegaMatcher, wrong any, message string) {
			Expect(saying(wrong, matcher)).To(Equal(message))
			Expect(saying(wrong, Not(matcher))).To(Equal(message))
			began := time.Now()
			Expect(InterceptGomegaFailure(func() { Eventually(wrong, time.Minute).Should(matcher) })).To(MatchError(ContainSubstring(message)))
			Expect(time.Since(began)).To(BeNumerically("<", 10*time.Second), "waited for what can never be")
		},
		Entry(nil, spec.HoldValue("x"), "x", "HoldValue takes a StringField or JSONField (a SetField with a matcher; see HoldMembers and HoldNumber), not string"),
		Entry(nil, spec.HoldValue([]string{"x"}), kv.SetField{}, "HoldValue takes a StringField or JSONField (a SetField with a matcher; see HoldMembers and HoldNumber), not kv.SetFieldOf[string]"),
		Entry(nil, spec.HoldValue(7), kv.BitSetField{}, "HoldValue takes a StringField or JSONField (a SetField with a matcher; see HoldMembers and HoldNumber), not kv.BitSetField"),
		Entry(nil, spec.HoldValue("x"), (*kv.StringField)(nil), "HoldValue takes a StringField or JSONField (a SetField with a matcher; see HoldMembers and HoldNumber), not *kv.StringField"),
		Entry(nil, spec.HoldMembers("x"), kv.StringField{}, "HoldMembers takes a SetField, not kv.StringField"),
		Entry(nil, spec.HoldMembers("x"), kv.JSONField[[]string]{}, "HoldMembers takes a SetField, not kv.JSONField[[]string]"),
		Entry(nil, spec.HoldNumber(0, 1), kv.SetField{}, "HoldNumber takes a BitSetField, not kv.SetFieldOf[string]"),
		Entry(nil, spec.HoldKeys("x"), kv.SetField{}, "HoldKeys takes a StaticStore, DynamicStore or KeyedStore, not kv.SetFieldOf[string]"),
		Entry(nil, spec.BeAbsent(), 7, "BeAbsent takes the handle of a field or store, not int"),
		Entry(nil, spec.NeverExpire(), kv.StaticStore{}, "NeverExpire takes the handle of a field, not kv.StaticStore"),
		Entry(nil, spec.ExpireWithin(time.Hour), nil, "ExpireWithin takes the handle of a field, not <nil>"),
	)

	It("fail either way where the store cannot be read", func() {
		store, driver, _ := opened()
		Expect(store.Take(membersKey).Add(ctx, "ann")).To(Equal(1))
		impostor := kv.MustOpen(kv.String(), driver, kv.At("hall", "members"))
		Expect(spec.HoldValue("ann").Match(impostor)).Error().To(MatchError(kv.ErrWrongType))
		Expect(spec.HoldKeys("x").Match(store.Take(otherKey))).Error().To(MatchError(kv.ErrTypeMismatch))
		Expect(spec.BeAbsent().Match(kv.StringField{})).Error().To(MatchError(kv.ErrUndeclared))
		Expect(driver.Close()).To(Succeed())
		for _, matcher := range []*spec.Matcher{spec.HoldValue("ann"), spec.BeAbsent(), spec.NeverExpire()} {
			Expect(matcher.Match(store.Take(noteKey))).Error().To(MatchError(kv.ErrClosed))
			Expect(saying(store.Take(noteKey), Not(matcher))).To(ContainSubstring("hall:note"))
		}
		Expect(spec.HoldMembers().Match(store.Take(membersKey))).Error().To(MatchError(kv.ErrClosed))
		Expect(spec.HoldNumber(0, 0).Match(store.Take(scoresKey))).Error().To(MatchError(kv.ErrClosed))
		Expect(spec.HoldKeys().Match(store)).Error().To(MatchError(kv.ErrClosed))
		Expect(spec.BeAbsent().Match(store.Take(roomsKey))).Error().To(MatchError(kv.ErrClosed))
	})

	It("ask with the context they are given", func() {
		store, _, _ := opened()
		cancelled, cancel := context.WithCancelCause(ctx)
		cancel(errors.New("enough"))
		plain := spec.HoldValue("x")
		Expect(plain.WithContext(cancelled).Match(store.Take(noteKey))).Error().To(MatchError(context.Canceled))
		Expect(plain.Match(store.Take(noteKey))).To(BeFalse())
	})

	It("look again each time Eventually asks", func() {
		store, _, clock := opened()
		note := store.Take(noteKey)
		written := make(chan error, 1)
		go func() { written <- note.Write(ctx, "late", kv.ExpireIn(time.Minute)) }()
		Eventually(note).Should(spec.ExpireWithin(time.Minute))
		Expect(<-written).To(Succeed())
		Eventually(note).Should(spec.HoldValue("late"))
		Consistently(note, 20*time.Millisecond).ShouldNot(spec.BeAbsent())
		clock.Advance(time.Minute + time.Millisecond)
		Eventually(note).Should(spec.BeAbsent())
	})
})
