package kvtest

import (
	"context"

	"github.com/onsi/ginkgo/v2"
	"github.com/onsi/gomega"

	"github.com/kvstore-go/kvstore/kv"
)

// EveryCollection writes values to each kind of collection and reads them back.
func EveryCollection[T comparable](ctx context.Context, store Backend, values ...T) {
	ginkgo.GinkgoHelper()
	list := kv.MustOpen(kv.ListOf[T](), store.Driver, kv.At("list"))
	gomega.Expect(list.Write(ctx, values)).To(gomega.Succeed())
	gomega.Expect(list.Read(ctx)).To(gomega.Equal(values))
	sorted := kv.MustOpen(kv.SortedSetOf[T](), store.Driver, kv.At("sorted"))
	gomega.Expect(sorted.Erase(ctx)).Error().NotTo(gomega.HaveOccurred())
	stream := kv.MustOpen(kv.Stream[T](), store.Driver, kv.At("stream"))
	for _, value := range values {
		gomega.Expect(sorted.Add(ctx, kv.Scored[T]{Member: value, Score: 1})).Error().NotTo(gomega.HaveOccurred())
		gomega.Expect(sorted.Score(ctx, value)).To(gomega.Equal(1.0))
		gomega.Expect(stream.Append(ctx, value)).Error().NotTo(gomega.HaveOccurred())
	}
	EveryPlace(ctx, store, values...)
	gomega.Expect(stream.Erase(ctx)).Error().NotTo(gomega.HaveOccurred())
}

// EveryPlace writes values to the places for which their text is made in different ways:
// elements, which are the same in sets, lists and sorted sets, fields of hashes, and keys.
// That is done for types of which there are many: each kind of collection for each of them
// would take the compiler a minute.
func EveryPlace[T comparable](ctx context.Context, store Backend, values ...T) {
	ginkgo.GinkgoHelper()
	set := kv.MustOpen(kv.SetOf[T](), store.Driver, kv.At("set"))
	gomega.Expect(set.Write(ctx, values)).To(gomega.Succeed())
	gomega.Expect(set.Read(ctx)).To(gomega.ConsistOf(values))
	hash := kv.MustOpen(kv.Hash[struct{ V T }](), store.Driver, kv.At("hash"))
	for _, value := range values {
		gomega.Expect(hash.Write(ctx, struct{ V T }{value})).To(gomega.Succeed())
		gomega.Expect(hash.Read(ctx)).To(gomega.Equal(struct{ V T }{value}))
	}
	EveryKey(ctx, store, values...)
}

// EveryKey writes a map of keys, reads it and looks each of them up.
func EveryKey[K comparable](ctx context.Context, store Backend, keys ...K) {
	ginkgo.GinkgoHelper()
	want := map[K]K{}
	for _, key := range keys {
		want[key] = key
	}
	stored := kv.MustOpen(kv.MapOf[K, K](), store.Driver, kv.At("map"))
	gomega.Expect(stored.Write(ctx, want)).To(gomega.Succeed())
	read, err := stored.Read(ctx)
	gomega.Expect(err).NotTo(gomega.HaveOccurred())
	gomega.Expect(read).To(gomega.Equal(want))
	for _, key := range keys {
		gomega.Expect(read).To(gomega.HaveKeyWithValue(key, key))
		gomega.Expect(stored.Get(ctx, key)).To(gomega.Equal(key))
	}
}
