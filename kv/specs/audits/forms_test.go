package audits_test

import (
	"context"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/kv"
	"github.com/kvstore-go/kvstore/kv/internal/kvtest"
)

// A guest was once written without the name of his family.
type (
	guestV1 struct {
		Name string `json:"name" jsonschema:"minLength=1"`
	}
	guest struct {
		First string `json:"first" jsonschema:"minLength=1"`
		Last  string `json:"last"`
	}
)

var fromV1 = kv.Upgrade(func(old guestV1) (guest, error) { return guest{First: old.Name}, nil })

var inn = kv.Colocated(kv.Static("inn").JSON[guest]("host", fromV1).SetOf[guest]("set", fromV1).ListOf[guest]("list", fromV1).SortedSetOf[guest]("sorted", fromV1).
	Map[guest]("map", fromV1).Hash[guest]("hash", fromV1).Stream[guest]("stream", fromV1).Queue[guest]("queue", fromV1).
	Field("guests", kv.Collection(kv.JSON[guest](fromV1), kv.Index(kv.IndexKey[string]("first"), func(g guest) []string { return []string{g.First} }))).
	Field("notes", kv.Dynamic(kv.JSON[guest](fromV1))))

var _ = Describe("Values in older forms", func() {
	kvtest.OnAllDrivers(func(open func(context.Context) kvtest.Backend) {
		It("are found, of documents and of elements, with the type of the form; Migrate leaves none but what stays", func(ctx context.Context) {
			store := open(ctx)
			const old, current = `{"name":"ann"}`, `{"first":"bob","last":""}`
			raw(ctx, store.Raw, set("{inn}:host", old),
				drivers.Command{Op: drivers.OpSAdd, Key: "{inn}:set", Values: []string{old, current}}, drivers.Command{Op: drivers.OpRPush, Key: "{inn}:list", Values: []string{current, old}},
				drivers.Command{Op: drivers.OpZAdd, Key: "{inn}:sorted", Values: []string{old, current}, Extra: &drivers.Extra{Scores: []float64{1, 2}}},
				drivers.Command{Op: drivers.OpHSet, Key: "{inn}:map", Values: []string{"a", old, "b", current}}, drivers.Command{Op: drivers.OpHSet, Key: "{inn}:hash", Values: []string{"name", "ann"}},
				at("{inn}:stream", drivers.XAdd("1-1", []string{"value", old}, 0)), drivers.Command{Op: drivers.OpJobAdd, Key: "{inn}:queue", Value: "sell", Extra: &drivers.Extra{Expected: old}},
				set("{inn}:guests:7", old), set("{inn}:notes:a:b", old))
			opened := kv.MustOpen(inn, store.Driver)
			_, err := opened.Take[kv.CollectionStore[guest]]("guests").Reindex(ctx)
			Expect(err).NotTo(HaveOccurred())

			reading := kv.MustOpen(inn, readOnly(store.Raw))
			found := findings(ctx, reading)
			lines := audited(ctx, reading)
			Expect(lines).To(ConsistOf("older form {inn}:host", "older form {inn}:set at "+old, "older form {inn}:list at 1", "older form {inn}:sorted at "+old, "older form {inn}:map at a",
				"older form {inn}:hash", "older form {inn}:stream at 1-1", "older form {inn}:queue at sell", "older form {inn}:guests:7", "misspelled id {inn}:notes:a:b for {inn}:notes:a%3Ab"))
			for _, finding := range found {
				if finding.Kind == kv.OlderForm {
					Expect(finding.Form).To(Equal("audits_test.guestV1"))
				}
			}

			Expect(audited(ctx, opened, kv.Repair(kv.MisspelledID))).To(HaveLen(len(lines)))
			Expect(exists(ctx, store.Raw, "{inn}:notes:a:b")).To(BeFalse())
			_, err = kv.Migrate(ctx, opened)
			Expect(err).NotTo(HaveOccurred())
			Expect(audited(ctx, reading)).To(ConsistOf("older form {inn}:stream at 1-1"))
		})
	})
})
