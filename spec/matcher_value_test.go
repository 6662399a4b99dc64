package spec_test

import (
	"context"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kvstore-go/kvstore/drivers/memory"
	"github.com/kvstore-go/kvstore/kv"
	"github.com/kvstore-go/kvstore/spec"
)

var _ = Describe("the matchers of values", func() {
	ctx := context.Background()

	It("compare a string", func() {
		store, _, _ := opened()
		note := store.Take(noteKey)
		Expect(note).NotTo(spec.HoldValue(""))
		Expect(note.Write(ctx, "hello", kv.ExpireIn(time.Minute))).To(Succeed())
		Expect(note).To(spec.HoldValue("hello"))
		Expect(&note).To(spec.HoldValue("hello"))
		Expect(note).To(spec.HoldValue(HavePrefix("he")))
		Expect(note).To(And(spec.HoldValue(HaveLen(5)), Not(spec.HoldValue("hell"))))
		Expect(saying(note, spec.HoldValue("bye"))).To(Equal("hall:note holds something else and expires in 1m0s:\n" +
			"Expected\n    <string>: hello\nto equal\n    <string>: bye"))
		Expect(saying(note, Not(spec.HoldValue("hello")))).To(HavePrefix("hall:note holds it and expires in 1m0s:"))
	})

	It("say where there is none", func() {
		store, _, _ := opened()
		Expect(saying(store.Take(noteKey), spec.HoldValue("bye"))).To(Equal(
			"Expected hall:note to hold\n    <string>: bye\nbut it holds nothing"))
	})

	It("compare documents of any type", func() {
		store, _, _ := opened()
		document, list := store.Take(lobbyKey), store.Take(listKey)
		Expect(document).NotTo(spec.HoldValue(lobby{}), "absent is not zero")
		Expect(document.Write(ctx, lobby{"Lobby", 4})).To(Succeed())
		Expect(document).To(spec.HoldValue(lobby{"Lobby", 4}))
		Expect(document).To(spec.HoldValue(HaveField("Seats", BeNumerically(">", 3))))
		Expect(saying(document, spec.HoldValue(lobby{"Lobby", 5}))).To(ContainSubstring("holds something else and never expires"))
		Expect(list.Write(ctx, []string{"b", "a"})).To(Succeed())
		Expect(list).To(spec.HoldValue([]string{"b", "a"}))
		Expect(list).NotTo(spec.HoldValue([]string{"a", "b"}))
	})

	It("compare the members of a set, in no order", func() {
		store, _, _ := opened()
		members := store.Take(membersKey)
		Expect(members).To(spec.HoldMembers())
		Expect(members.Add(ctx, "ann", "bob")).To(Equal(2))
		Expect(members).To(spec.HoldMembers("bob", "ann"))
		Expect(members).To(spec.HoldMembers([]string{"bob", "ann"}))
		Expect(members).To(spec.HoldMembers("bob", HavePrefix("a")))
		Expect(members).NotTo(spec.HoldMembers("ann"))
		Expect(members).To(spec.HoldValue(ContainElement("ann")))
		Expect(saying(members, spec.HoldMembers("ann"))).To(And(
			HavePrefix("hall:members holds something else and never expires:"), ContainSubstring("the extra elements were"), ContainSubstring("bob")))
	})

	It("compare the members of a set of any type, which a sorted set or a map is not", func() {
		primes := kv.MustOpen(kv.SetOf[int](), memory.New(), kv.At("primes"))
		Expect(primes.Add(ctx, 2, 3)).To(Equal(2))
		Expect(primes).To(spec.HoldMembers(3, 2))
		Expect(primes).NotTo(spec.HoldMembers(2))
		for _, other := range []any{kv.SortedSetField{}, kv.MapField[string, int]{}, kv.ListField{}, kv.StringField{}, 7, nil} {
			_, err := spec.HoldMembers(2).Match(other)
			Expect(err).To(MatchError(ContainSubstring("HoldMembers takes a SetField, not ")), "%T", other)
		}
	})

	It("compare numbers, whatever their types", func() {
		count := kv.MustOpen(kv.Int(), memory.New(), kv.At("count"))
		Expect(count.Write(context.Background(), 0)).To(Succeed())
		Expect(count).To(spec.HoldValue(0))
		Expect(count).To(spec.HoldValue(int8(0)))
		Expect(count).NotTo(spec.HoldValue(1))
		Expect(count).NotTo(spec.HoldValue("0"))
	})

	It("compare the numbers of a bitset", func() {
		store, _, _ := opened()
		scores := store.Take(scoresKey)
		Expect(scores.Put(ctx, 3, 7)).To(Succeed())
		Expect(scores).To(spec.HoldNumber(3, 7))
		Expect(scores).To(spec.HoldNumber(3, uint8(7)))
		Expect(scores).To(spec.HoldNumber(4, 0))
		Expect(scores).To(spec.HoldNumber(3, BeNumerically(">", 6)))
		Expect(saying(scores, spec.HoldNumber(3, 8))).To(HavePrefix("slot 3 of hall:scores:\nExpected\n    <int64>: 7\nto be ==\n    <int>: 8"))
		Expect(saying(scores, Not(spec.HoldNumber(3, 7)))).To(ContainSubstring("not to be =="))
	})
})
