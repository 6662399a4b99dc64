package dsl_test

import (
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kvstore-go/kvstore/dsl"
)

var _ = Describe("What a node says of its values", func() {
	older, newer := dsl.Form{Type: "V1", Notation: dsl.Document, Schema: `{}`}, dsl.Form{Type: "V2", Notation: dsl.Document, Schema: `true`}

	It("is that of a copy, and of a node alone", func() {
		forms, rates := []dsl.Form{newer, older}, []dsl.Rate{{Count: 1, Period: time.Second, Burst: 1}}
		values := []dsl.IndexValues{{Kinds: []string{"string"}, Unique: true}}
		plain := dsl.NewField(dsl.List)
		one := plain.WithForms(forms...).WithCap(3).WithKeys(older).WithLease(time.Minute).WithRates(rates...)
		other := one.WithForms(newer).WithCap(4).WithKeys(newer).WithLease(time.Hour).WithRates()
		indexed := dsl.NewDynamic(one).WithIndex("mail").WithIndexValues(values...)
		forms[0], rates[0], values[0] = dsl.Form{}, dsl.Rate{}, dsl.IndexValues{}
		one.Forms()[0], one.Rates()[0] = dsl.Form{}, dsl.Rate{}

		Expect(one.Forms()).To(Equal([]dsl.Form{newer, older}))
		Expect(one.Rates()).To(Equal([]dsl.Rate{{Count: 1, Period: time.Second, Burst: 1}}))
		Expect([]any{one.Cap(), one.Keys(), one.Lease()}).To(Equal([]any{3, older, time.Minute}))
		Expect(other.Forms()).To(Equal([]dsl.Form{newer}))
		Expect([]any{other.Cap(), other.Keys(), other.Lease(), other.Rates()}).To(Equal([]any{4, newer, time.Hour, []dsl.Rate(nil)}))
		Expect([]any{plain.Cap(), plain.Keys(), plain.Lease(), plain.Rates(), plain.Forms()}).
			To(Equal([]any{0, dsl.Form{}, time.Duration(0), []dsl.Rate(nil), []dsl.Form(nil)}))
		Expect(indexed.Index()).To(Equal(&dsl.Index{Names: []string{"mail"}, Values: []dsl.IndexValues{{Kinds: []string{"string"}, Unique: true}}}))
		Expect(dsl.NewDynamic(one).WithIndexValues(values...).Index().Names).To(BeEmpty())
	})

	It("is not drawn", func() {
		tree := dsl.NewField(dsl.List)
		Expect(tree.WithForms(newer).WithCap(3).WithKeys(older).WithLease(time.Minute).WithRates(dsl.Rate{}).String()).To(Equal(tree.String()))
	})
})
