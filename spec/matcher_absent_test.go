package spec_test

import (
	"context"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kvstore-go/kvstore/kv"
	"github.com/kvstore-go/kvstore/spec"
)

var _ = Describe("the matchers of absence", func() {
	ctx := context.Background()

	It("tell what a field holds", func() {
		store, _, _ := opened()
		note, scores := store.Take(noteKey), store.Take(scoresKey)
		Expect(note).To(spec.BeAbsent())
		Expect(saying(note, Not(spec.BeAbsent()))).To(Equal("Expected hall:note not to be absent\nbut it holds nothing"))
		Expect(note.Write(ctx, "", kv.ExpireIn(time.Minute))).To(Succeed())
		Expect(note).NotTo(spec.BeAbsent())
		Expect(saying(note, spec.BeAbsent())).To(Equal("Expected hall:note to be absent\nbut it holds a value that expires in 1m0s:\n    <string>: "))
		Expect(scores.Put(ctx, 0, 0)).To(Succeed())
		Expect(saying(scores, spec.BeAbsent())).To(HaveSuffix("but it holds a value that never expires"))
	})

	It("tell what is below a store", func() {
		store, _, _ := opened()
		room := store.Take(roomsKey).Take("42")
		Expect(store).To(spec.BeAbsent())
		Expect(room.Take(roomKey).Write(ctx, "go")).To(Succeed())
		Expect(store).NotTo(spec.BeAbsent())
		Expect(store.Take(byIDKey)).To(spec.BeAbsent())
		Expect(saying(room, spec.BeAbsent())).To(And(HavePrefix("Expected hall:rooms:42 to be absent\nbut it holds something"), ContainSubstring("topic")))
		Expect(saying(store.Take(byIDKey), Not(spec.BeAbsent()))).To(HaveSuffix("hall:byid not to be absent\nbut it holds nothing"))
	})
})
