package forms_test

import (
	"context"
	"errors"
	"reflect"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kvstore-go/kvstore/kv"
	"github.com/kvstore-go/kvstore/kv/internal/kvtest"
)

var _ = Describe("A document that is stored in an older form", func() {
	kvtest.OnBothDrivers(func(open func(context.Context) kvtest.Backend) {
		var (
			bridge kv.JSONField[user]   // of a program that knows both forms, and writes the older
			newer  kv.JSONField[user]   // of one that writes the newer
			older  kv.JSONField[userV2] // of one that knows nothing of the newer
			raw    kv.StringField
		)
		BeforeEach(func(ctx context.Context) {
			store := open(ctx)
			bridge = kv.MustOpen(kv.JSON[user](with[kv.JSONOption](upgrades(), kv.StoreAs(toV2))...), store.Driver, kv.At("user"))
			newer = kv.MustOpen(kv.JSON[user](with[kv.JSONOption](upgrades())...), store.Driver, kv.At("user"))
			older = kv.MustOpen(kv.JSON[userV2](kv.Upgrade(fromV1)), store.Driver, kv.At("user"))
			raw = kv.MustOpen(kv.String(), store.Raw, kv.At("user"))
		})

		It("is one that programs can read and write that know no newer", func(ctx context.Context) {
			Expect(bridge.Write(ctx, ada)).To(Succeed())
			Expect(raw.Read(ctx)).To(MatchJSON(textV2))
			Expect(older.Update(ctx, func(u *userV2) error { u.Last = "King"; return nil })).To(Equal(userV2{"Ada", "King"}))
			Expect(bridge.Update(ctx, func(u *user) error { u.First = "Bob"; return nil })).To(Equal(user{"Bob", "King", "ada@example.org"}))
			Expect(older.Read(ctx)).To(Equal(userV2{"Bob", "King"}))
			Expect(bridge.Swap(ctx, ada)).To(Equal(kv.Previous[user]{Value: user{"Bob", "King", "bob@example.org"}, Exists: true}))
			Expect(older.Read(ctx)).To(Equal(userV2{"Ada", "Lovelace"}))
		})

		It("stays in the newest where it is stored in that already, and changed", func(ctx context.Context) {
			Expect(newer.Write(ctx, user{"Ada", "Lovelace", "only@here"})).To(Succeed())
			Expect(bridge.Update(ctx, func(u *user) error { u.Last = "King"; return nil })).To(Equal(user{"Ada", "King", "only@here"}))
			Expect(newer.Read(ctx)).To(Equal(user{"Ada", "King", "only@here"}))
			_, err := bridge.Swap(ctx, user{"Bob", "King", "only@him"})
			Expect(err).NotTo(HaveOccurred())
			Expect(newer.Read(ctx)).To(Equal(user{"Bob", "King", "only@him"}))
			Expect(bridge.Write(ctx, ada)).To(Succeed())
			Expect(raw.Read(ctx)).To(MatchJSON(textV2), "a Write looks at nothing")
		})

		DescribeTable("is not written if it cannot be made, and nothing is changed",
			func(ctx context.Context, value user, cause string) {
				Expect(raw.Write(ctx, textV1)).To(Succeed())
				_, updateErr := bridge.Update(ctx, func(u *user) error { *u = value; return nil })
				_, swapErr := bridge.Swap(ctx, value)
				for _, err := range []error{bridge.Write(ctx, value), updateErr, swapErr} {
					Expect(err).To(MatchError(kv.ErrInvalid))
					Expect(err).NotTo(MatchError(kv.ErrCorrupt))
					Expect(err).To(MatchError(ContainSubstring(cause)))
				}
				Expect(raw.Read(ctx)).To(Equal(textV1))
			},
			Entry("it fails", user{"Nobody", "", "abc"}, errUnnamed.Error()),
			Entry("it panics", user{"Panic", "", "abc"}, "no such user"),
			Entry("the newest is refused", user{"Ada", "", ""}, "minLength"),
		)

		It("says between which forms it failed", func(ctx context.Context) {
			err := bridge.Write(ctx, user{"Nobody", "", "abc"})
			var failed *kv.UpgradeError
			Expect(errors.As(err, &failed)).To(BeTrue())
			Expect([]reflect.Type{failed.From, failed.To}).To(Equal([]reflect.Type{reflect.TypeFor[user](), reflect.TypeFor[userV2]()}))
			Expect(err).To(MatchError(errUnnamed))
		})
	})
})
