package forms_test

import (
	"context"
	"errors"
	"reflect"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kvstore-go/kvstore/drivers/memory"
	"github.com/kvstore-go/kvstore/dsl"
	"github.com/kvstore-go/kvstore/jsonval"
	"github.com/kvstore-go/kvstore/jsonval/schemas"
	"github.com/kvstore-go/kvstore/kv"
	"github.com/kvstore-go/kvstore/kv/internal/kvtest"
)

// versioned documents name their version.
type versioned1 struct {
	Version int    `json:"version" jsonschema:"const=1"`
	Text    string `json:"text"`
}

type versioned2 struct {
	Version int    `json:"version" jsonschema:"const=2"`
	Text    string `json:"text"`
}

// left and right are two forms that one text may have both of.
type left struct {
	Text string `json:"text"`
	Left string `json:"left,omitempty"`
}

type right struct {
	Text  string `json:"text"`
	Right string `json:"right,omitempty"`
}

type joined struct {
	Text string `json:"text"`
	From string `json:"from"`
}

var _ = Describe("A document that had other forms", func() {
	kvtest.OnAllDrivers(func(open func(context.Context) kvtest.Backend) {
		var (
			store kvtest.Backend
			at    kv.JSONField[user]
			now   kv.JSONField[user] // as a program sees it that has forgotten the older forms
			raw   kv.StringField
		)
		BeforeEach(func(ctx context.Context) {
			store = open(ctx)
			at = kv.MustOpen(kv.JSON[user](with[kv.JSONOption](upgrades())...), store.Driver, kv.At("user"))
			now = kv.MustOpen(kv.JSON[user](), store.Driver, kv.At("user"))
			raw = kv.MustOpen(kv.String(), store.Raw, kv.At("user"))
			store.Trips.Reset()
		})
		stored := func(ctx context.Context) string {
			GinkgoHelper()
			text, err := raw.Read(ctx)
			Expect(err).NotTo(HaveOccurred())
			return text
		}

		DescribeTable("is read in each of them, and left as it is",
			func(ctx context.Context, stored string) {
				Expect(raw.Write(ctx, stored)).To(Succeed())
				Expect(at.Read(ctx)).To(Equal(ada))
				Expect(at.ReadOr(ctx, user{})).To(Equal(ada))
				Expect(raw.Read(ctx)).To(Equal(stored))
				Expect(store.Trips.Taken()).To(Equal(2), "a read is a round trip")
			},
			Entry("the first", textV1),
			Entry("the second", textV2),
			Entry("the newest", text),
		)

		It("is written in the newest", func(ctx context.Context) {
			Expect(at.Write(ctx, ada)).To(Succeed())
			Expect(stored(ctx)).To(MatchJSON(text))
		})

		It("becomes the newest where it is changed, if only by that", func(ctx context.Context) {
			Expect(raw.Write(ctx, textV1)).To(Succeed())
			Expect(at.Update(ctx, func(*user) error { return nil })).To(Equal(ada))
			Expect(now.Read(ctx)).To(Equal(ada))

			Expect(raw.Write(ctx, textV2)).To(Succeed())
			Expect(at.Upsert(ctx, func(u *user) error { u.Last = "King"; return nil })).To(HaveField("Last", "King"))
			Expect(now.Read(ctx)).To(Equal(user{"Ada", "King", "ada@example.org"}))

			Expect(raw.Write(ctx, textV1)).To(Succeed())
			Expect(at.Swap(ctx, user{"Bob", "", "bob"})).To(Equal(kv.Previous[user]{Value: ada, Exists: true}))
			Expect(now.Read(ctx)).To(HaveField("First", "Bob"))
		})

		It("keeps its time to live when it is changed", func(ctx context.Context) {
			Expect(raw.Write(ctx, textV1, kv.ExpireIn(hour))).To(Succeed())
			Expect(at.Update(ctx, func(*user) error { return nil })).To(Equal(ada))
			Expect(raw.TTL(ctx)).To(BeNumerically("~", hour, hour/2))
		})

		It("is read in batches, transactions, listings and by others' hands", func(ctx context.Context) {
			users := kv.MustOpen(kv.Dynamic(kv.JSON[user](with[kv.JSONOption](upgrades())...)), store.Driver, kv.At("users"))
			for id, text := range map[string]string{"1": textV1, "2": textV2, "3": text} {
				Expect(kv.MustOpen(kv.String(), store.Raw, kv.At("users", id)).Write(ctx, text)).To(Succeed())
			}
			var batch kv.Batch
			first, second := batch.Do(batch.Bind(users).Take("1").Read), batch.Do(batch.Bind(users).Take("2").Read)
			Expect(batch.Run(ctx)).To(Succeed())
			Expect(first.Get()).To(Equal(ada))
			Expect(second.Get()).To(Equal(ada))
			for found, err := range kv.All(ctx, users) {
				Expect(err).NotTo(HaveOccurred())
				Expect(found.Value).To(Equal(ada))
			}
			Expect(kv.AtomicResult(ctx, users.Take("1"), func(ctx context.Context, one kv.JSONField[user]) (user, error) {
				return one.Update(ctx, func(*user) error { return nil })
			})).To(Equal(ada))
		})

		DescribeTable("has the newest form without a member that is unknown to it, or else the newest that fits",
			func(ctx context.Context, stored string, is joined) {
				tree := kv.JSON[joined](
					kv.Upgrade(func(old right) (joined, error) { return joined{old.Text, "right" + old.Right}, nil }),
					kv.Upgrade(func(old left) (joined, error) { return joined{old.Text, "left" + old.Left}, nil }),
				)
				Expect(raw.Write(ctx, stored)).To(Succeed())
				Expect(kv.MustOpen(tree, store.Driver, kv.At("user")).Read(ctx)).To(Equal(is))
			},
			Entry("both fit: the one declared first", `{"text":"x"}`, joined{"x", "right"}),
			Entry("a member of the one", `{"text":"x","left":"y"}`, joined{"x", "lefty"}),
			Entry("a member of the other", `{"text":"x","right":"y"}`, joined{"x", "righty"}),
			Entry("both have unknown members: the one declared first", `{"text":"x","other":1}`, joined{"x", "right"}),
			Entry("the newest, with members unknown to all", `{"text":"x","from":"here","other":1}`, joined{"x", "here"}),
		)

		It("has an older form if only that knows all of its members", func(ctx context.Context) {
			at := kv.MustOpen(kv.JSON[right](kv.Upgrade(func(old left) (right, error) { return right{old.Text, old.Left}, nil })), store.Driver, kv.At("user"))
			for text, is := range map[string]right{
				`{"text":"x","left":"y"}`:             {"x", "y"},
				`{"text":"x","right":"z"}`:            {"x", "z"},
				`{"text":"x","left":"y","right":"z"}`: {"x", "z"},
				`{"text":"x"}`:                        {"x", ""},
			} {
				Expect(raw.Write(ctx, text)).To(Succeed())
				Expect(at.Read(ctx)).To(Equal(is), text)
			}
		})

		It("is not taken for another where it names its version", func(ctx context.Context) {
			at := kv.MustOpen(kv.JSON[versioned2](kv.Upgrade(func(old versioned1) (versioned2, error) {
				return versioned2{2, "old " + old.Text}, nil
			})), store.Driver, kv.At("user"))
			Expect(raw.Write(ctx, `{"version":1,"text":"x","unknown":1}`)).To(Succeed())
			Expect(at.Read(ctx)).To(Equal(versioned2{2, "old x"}))
			Expect(raw.Write(ctx, `{"version":2,"text":"x","unknown":1}`)).To(Succeed())
			Expect(at.Read(ctx)).To(Equal(versioned2{2, "x"}))
		})

		It("is judged in an older form by the options of that", func(ctx context.Context) {
			at := kv.MustOpen(kv.JSON[user](
				kv.Upgrade(fromV2, jsonval.Strict()),
				kv.Upgrade(fromV1, schemas.HandWritten(`{"type":"object","properties":{"name":{"maxLength":5}},"required":["name"]}`)),
			), store.Driver, kv.At("user"))
			Expect(raw.Write(ctx, `{"name":"Ada"}`)).To(Succeed())
			Expect(at.Read(ctx)).To(HaveField("First", "Ada"))
			for _, refused := range []string{textV1, `{"first":"Ada","last":"","other":1}`} {
				Expect(raw.Write(ctx, refused)).To(Succeed())
				_, err := at.Read(ctx)
				Expect(err).To(MatchError(kv.ErrCorrupt))
			}
		})

		It("is corrupt if it fits none, by the newest", func(ctx context.Context) {
			Expect(raw.Write(ctx, `{"first":"Ada","email":""}`)).To(Succeed())
			_, err := at.Read(ctx)
			Expect(err).To(MatchError(kv.ErrCorrupt))
			var refusal *jsonval.ValidationError
			Expect(errors.As(err, &refusal)).To(BeTrue())
			Expect(refusal.Violations).To(ConsistOf(HaveField("Keyword", "required"), HaveField("Pointer", "/email")))
			Expect(err).To(MatchError(ContainSubstring("older form: forms_test.userV2, forms_test.userV1")))
		})

		DescribeTable("is corrupt, and stays, if an upgrade makes nothing of it",
			func(ctx context.Context, stored string, from, to reflect.Type, why string) {
				Expect(raw.Write(ctx, stored)).To(Succeed())
				_, readErr := at.Read(ctx)
				_, updateErr := at.Update(ctx, func(*user) error { return nil })
				_, swapErr := at.Swap(ctx, ada)
				for _, err := range []error{readErr, updateErr, swapErr} {
					Expect(err).To(MatchError(kv.ErrCorrupt))
					var failed *kv.UpgradeError
					Expect(errors.As(err, &failed)).To(BeTrue())
					Expect(failed.From).To(Equal(from))
					Expect(failed.To).To(Equal(to))
					Expect(failed.Err).To(MatchError(ContainSubstring(why)))
				}
				Expect(raw.Read(ctx)).To(Equal(stored))
			},
			Entry("it fails", `{"name":"nobody"}`, reflect.TypeFor[userV1](), reflect.TypeFor[userV2](), errUnnamed.Error()),
			Entry("it panics", `{"name":"panic"}`, reflect.TypeFor[userV1](), reflect.TypeFor[userV2](), "no such user"),
			Entry("what it makes is refused", `{"first":"Short","last":""}`, reflect.TypeFor[userV2](), reflect.TypeFor[user](), "minLength"),
		)

		It("does not end a listing if it is corrupt", func(ctx context.Context) {
			users := kv.MustOpen(kv.Dynamic(kv.JSON[user](with[kv.JSONOption](upgrades())...)), store.Driver, kv.At("users"))
			for id, text := range map[string]string{"1": textV1, "2": `{"name":"panic"}`, "3": text} {
				Expect(kv.MustOpen(kv.String(), store.Raw, kv.At("users", id)).Write(ctx, text)).To(Succeed())
			}
			good, bad := 0, 0
			for found, err := range kv.All(ctx, users) {
				if err != nil {
					Expect(err).To(MatchError(kv.ErrCorrupt))
					bad++
					continue
				}
				Expect(found.Value).To(Equal(ada))
				good++
			}
			Expect([]int{good, bad}).To(Equal([]int{2, 1}))
		})
	})

	DescribeTable("is a mistake of the schema",
		func(schema kv.Schema[kv.JSONField[user]], what string) {
			_, err := kv.Open(schema, memory.New(), kv.At("user"))
			var mistake *dsl.SchemaError
			Expect(errors.As(err, &mistake)).To(BeTrue())
			Expect(err).To(MatchError(ContainSubstring(what)))
		},
		Entry("whose upgrades do not end in it", kv.JSON[user](kv.Upgrade(fromV1)), "an Upgrade from forms_test.userV1 to forms_test.userV2 does not lead to forms_test.user"),
		Entry("whose upgrades lead in a circle", kv.JSON[user](kv.Upgrade(fromV1), kv.Upgrade(func(userV2) (userV1, error) { return userV1{}, nil })),
			"an Upgrade from forms_test.userV2 to forms_test.userV1 does not lead to forms_test.user"),
		Entry("with an upgrade that is nil", kv.JSON[user](kv.Upgrade[userV2, user](nil)), "the Upgrade from forms_test.userV2 to forms_test.user has no function"),
		Entry("with a StoreAs that is nil", kv.JSON[user](kv.Upgrade(fromV2), kv.StoreAs[user, userV2](nil)), "the StoreAs of forms_test.userV2 has no function"),
		Entry("with two upgrades from one form", kv.JSON[user](kv.Upgrade(fromV2), kv.Upgrade(fromV2)), "two Upgrades from forms_test.userV2"),
		Entry("that is upgraded itself", kv.JSON[user](kv.Upgrade(func(u user) (user, error) { return u, nil })), "an Upgrade from forms_test.user, which is the newest form"),
		Entry("that is stored as what nothing leads back from", kv.JSON[user](kv.StoreAs(toV2)), "StoreAs forms_test.userV2, from which no Upgrade leads back"),
		Entry("that is stored as another type's form", kv.JSON[user](kv.Upgrade(fromV2), kv.StoreAs(fromV1)), "StoreAs of a forms_test.userV1, where a forms_test.user is declared"),
		Entry("whose older form has no schema", kv.JSON[user](kv.Upgrade(func(func()) (user, error) { return user{}, nil })), "func()"),
	)
})
