package collections_test

import (
	"context"
	"encoding/base64"
	"fmt"
	"slices"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/kv"
	"github.com/kvstore-go/kvstore/kv/internal/kvtest"
)

// keyPages are the keys of all pages of a store, of so many each.
func keyPages[K, H any](ctx context.Context, store kv.KeyedStore[K, H], size int, between func()) (all [][]K) {
	GinkgoHelper()
	for after := ""; ; between() {
		page, err := store.Page(ctx, size, after)
		Expect(err).NotTo(HaveOccurred())
		all = append(all, page.Keys)
		if after = page.Next; after == "" {
			return all
		}
	}
}

var _ = Describe("A page of keys", func() {
	kvtest.OnAllDrivers(func(open func(context.Context) kvtest.Backend) {
		const (
			tags kv.Key[kv.SetField]    = "tags"
			name kv.Key[kv.StringField] = "name"
		)
		room := kv.Static("room").Set(tags).String(name)
		plain := kv.Dynamic(kv.String())
		for about, schema := range map[string]kv.Schema[kv.DynamicStore[kv.StringField]]{
			"of any store": plain, "of one with a registry": kv.Colocated(kv.IndexKeys(plain)),
		} {
			It(about+" has the keys in order, each on one page, whatever comes and goes", func(ctx context.Context) {
				store := open(ctx)
				names := kv.MustOpen(schema, store.Driver, kv.At("names"))
				Expect(keyPages(ctx, names, 3, nil)).To(Equal([][]string{{}}))
				var want []string
				for n := range 20 {
					key := fmt.Sprintf("n%02d", n)
					want = append(want, key)
					Expect(names.Take(key).Write(ctx, "x")).To(Succeed())
				}
				for size := 1; size < 23; size++ {
					got := keyPages(ctx, names, size, func() {})
					Expect(slices.Concat(got...)).To(Equal(want))
					Expect(got).To(HaveLen((19 + size) / size))
				}
				turn := 0
				got := slices.Concat(keyPages(ctx, names, 3, func() {
					Expect(names.Take(fmt.Sprintf("n%02d", 2*turn+1)).Erase(ctx)).To(BeTrue())
					Expect(names.Take(fmt.Sprint("m", turn)).Write(ctx, "x")).To(Succeed())
					turn++
				})...)
				for n := 0; n < 20; n += 2 {
					Expect(got).To(ContainElement(fmt.Sprintf("n%02d", n)))
				}
				Expect(slices.IsSorted(got)).To(BeTrue())
				Expect(slices.Compact(slices.Clone(got))).To(Equal(got))
			})
		}
		It("costs two round trips where there is a registry, in a collection, too", func(ctx context.Context) {
			store := open(ctx)
			rooms := kv.MustOpen(kv.Colocated(kv.IndexKeys(kv.Dynamic(room))), store.Driver, kv.At("rooms"))
			matches := kv.MustOpen(Club, store.Driver).Take(Matches)
			for n := range 30 {
				Expect(kvtest.ErrorOf(rooms.Take(fmt.Sprintf("%02d", n)).Take(tags).Add(ctx, "x"))).To(Succeed())
				Expect(rooms.Take(fmt.Sprintf("%02d", n)).Take(name).Write(ctx, "x")).To(Succeed())
				Expect(matches.Take(fmt.Sprintf("%02d", n)).Write(ctx, numbered(n))).To(Succeed())
			}
			store.Trips.Reset()
			page, err := rooms.Page(ctx, 4, "")
			Expect(err).NotTo(HaveOccurred())
			Expect(page.Keys).To(Equal([]string{"00", "01", "02", "03"}))
			Expect(store.Trips.Taken()).To(Equal(2))
			Expect(rooms.Page(ctx, 4, page.Next)).To(HaveField("Keys", []string{"04", "05", "06", "07"}))
			Expect(store.Trips.Taken()).To(Equal(4))
			store.Trips.Reset()
			Expect(matches.Page(ctx, 4, page.Next)).To(HaveField("Keys", []string{"04", "05", "06", "07"}))
			Expect(store.Trips.Taken()).To(Equal(2))
			Expect(store.Trips.Listed()).To(BeFalse())

			Expect(rooms.Take("05").Erase(ctx)).To(Equal(2))
			Expect(rooms.Page(ctx, 3, page.Next)).To(HaveField("Keys", []string{"04", "06", "07"}))
		})
		It("passes over what has expired, and what is none of the schema's", func(ctx context.Context) {
			store := open(ctx)
			for _, names := range []kv.KeyedStore[int, kv.StringField]{
				kv.MustOpen(kv.DynamicBy[int](kv.String()), store.Driver, kv.At("numbers")),
				kv.MustOpen(kv.Colocated(kv.IndexKeys(kv.DynamicBy[int](kv.String()))), store.Driver, kv.At("counted")),
			} {
				for n := range 12 {
					Expect(names.Take(n).Write(ctx, "x")).To(Succeed())
				}
				Expect(names.Take(1).ExpireAt(ctx, time.Unix(1, 0))).To(BeTrue())
				Expect(kvtest.ErrorOf(store.Raw.Do(ctx, drivers.Command{Op: drivers.OpSet, Key: names.Path() + ":x", Value: "x"}))).To(Succeed())
				Expect(slices.Concat(keyPages(ctx, names, 5, func() {})...)).To(Equal([]int{0, 10, 11, 2, 3, 4, 5, 6, 7, 8, 9}), "as they are stored")
			}
		})
		It("is refused after what is no end of a page", func(ctx context.Context) {
			store := open(ctx)
			numbers := kv.MustOpen(kv.DynamicBy[int](kv.String()), store.Driver, kv.At("numbers"))
			for _, forged := range []string{"x", "%", "AAAA", base64.RawURLEncoding.EncodeToString([]byte(":x")), base64.RawURLEncoding.EncodeToString([]byte(":")),
				base64.RawURLEncoding.EncodeToString([]byte("a:1"))} {
				page, err := numbers.Page(ctx, 1, forged)
				Expect(err).To(MatchError(kv.ErrInvalid), forged)
				Expect(err).To(MatchError(HavePrefix("kv: Page numbers: ")))
				Expect(page.Keys).NotTo(BeNil())
			}
			Expect(kvtest.ErrorOf(numbers.Page(ctx, 0, ""))).To(MatchError(kv.ErrInvalid))
			Expect(kvtest.ErrorOf(kv.DynamicStore[kv.StringField]{}.Page(ctx, 1, ""))).To(MatchError(kv.ErrUndeclared))
			Expect(store.Trips.Taken()).To(Equal(0))
		})
	})
})
