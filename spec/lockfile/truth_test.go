package lockfile_test

import (
	"context"
	"fmt"
	"net/netip"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/drivers/memory"
	"github.com/kvstore-go/kvstore/dsl"
	"github.com/kvstore-go/kvstore/kv"
	"github.com/kvstore-go/kvstore/spec/lockfile"
)

// shape is a schema with values that are stored under it.
type shape struct {
	name string
	tree dsl.Tree
	fill func(ctx context.Context, driver drivers.Driver) error
	// read goes through all that is stored below the schema, counts what is read, and says what is not declared, or refused.
	read func(ctx context.Context, driver drivers.Driver) (values int, refused []string)
}

func shaped[H any](name string, x kv.Schema[H], fill func(ctx context.Context, x H) error) shape {
	schema := kv.Static("app").Field(kv.Key[H]("x"), x)
	open := func(driver drivers.Driver) kv.StaticStore { return kv.MustOpen(schema, driver) }
	return shape{name, schema.Tree(),
		func(ctx context.Context, driver drivers.Driver) error {
			return fill(ctx, open(driver).Take(kv.Key[H]("x")))
		},
		func(ctx context.Context, driver drivers.Driver) (values int, refused []string) {
			copied, err := kv.Copy(ctx, open(driver), open(memory.New()), kv.OnRefused(func(path string, err error) { refused = append(refused, fmt.Sprint(path, ": ", err)) }))
			if err != nil {
				refused = append(refused, err.Error())
			}
			return copied.Values, refused
		}}
}

// shapes have values that are at the edges of what they allow. There is a schema for each value, as there is one place.
func shapes() []shape {
	texts := []string{"", "a", "7", "true", "null", `"a"`, `{"name":"ab"}`, "2020-01-02T03:04:05Z", "1h"}
	all := []shape{
		shaped("bytes", kv.Bytes(), func(ctx context.Context, x kv.BytesField) error { return x.Write(ctx, []byte{0, 255}) }),
		shaped("bool", kv.Bool(), func(ctx context.Context, x kv.BoolField) error { return x.Write(ctx, true) }),
		shaped("time", kv.Time(), func(ctx context.Context, x kv.TimeField) error { return x.Write(ctx, time.Unix(7, 8)) }),
		shaped("duration", kv.Duration(), func(ctx context.Context, x kv.DurationField) error { return x.Write(ctx, time.Hour+1) }),
		shaped("enum", kv.Enum([]color{"red", "green"}), func(ctx context.Context, x kv.EnumField[color]) error { return x.Write(ctx, "green") }),
		shaped("enum of one", kv.Enum([]color{"red"}), func(ctx context.Context, x kv.EnumField[color]) error { return x.Write(ctx, "red") }),
		shaped("address", kv.Text[netip.Addr](), func(ctx context.Context, x kv.TextField[netip.Addr]) error {
			return x.Write(ctx, netip.MustParseAddr("::1"))
		}),
		shaped("float", kv.Float(), func(ctx context.Context, x kv.FloatField) error { return x.Write(ctx, 1e300) }),
		shaped("float with bounds", kv.Float(kv.AtMost(1.5)), func(ctx context.Context, x kv.FloatField) error { return x.Write(ctx, -0.5) }),
		shaped("document of an integer", kv.JSON[int](), func(ctx context.Context, x kv.JSONField[int]) error { return x.Write(ctx, -1<<63) }),
		shaped("document of a small integer", kv.JSON[int8](), func(ctx context.Context, x kv.JSONField[int8]) error { return x.Write(ctx, -128) }),
		shaped("user", kv.JSON[user](), func(ctx context.Context, x kv.JSONField[user]) error { return x.Write(ctx, user{"abcdef"}) }),
		shaped("user with more", kv.JSON[userMore](), func(ctx context.Context, x kv.JSONField[userMore]) error { return x.Write(ctx, userMore{"abcdef", -7}) }),
		shaped("user with an address", kv.JSON[userRequired](from[user, userRequired]()), func(ctx context.Context, x kv.JSONField[userRequired]) error {
			return x.Write(ctx, userRequired{"abcdef", "a@b"})
		}),
		shaped("user with a short name", kv.JSON[userShort](), func(ctx context.Context, x kv.JSONField[userShort]) error { return x.Write(ctx, userShort{"abc"}) }),
		shaped("user without a name", kv.JSON[userLoose](), func(ctx context.Context, x kv.JSONField[userLoose]) error { return x.Write(ctx, userLoose{}) }),
		shaped("set", kv.Set(), func(ctx context.Context, x kv.SetField) error { _, err := x.Add(ctx, texts...); return err }),
		shaped("set of numbers", kv.SetOf[int64](), func(ctx context.Context, x kv.SetFieldOf[int64]) error {
			_, err := x.Add(ctx, -1<<63, 0, 1<<62)
			return err
		}),
		shaped("set of small numbers", kv.SetOf[uint8](), func(ctx context.Context, x kv.SetFieldOf[uint8]) error { _, err := x.Add(ctx, 0, 255); return err }),
		shaped("set of pairs", kv.SetOf[pair](), func(ctx context.Context, x kv.SetFieldOf[pair]) error { _, err := x.Add(ctx, pair{1, 2}); return err }),
		shaped("list", kv.List(), func(ctx context.Context, x kv.ListField) error { _, err := x.PushRight(ctx, texts...); return err }),
		shaped("list of floats", kv.ListOf[float32](kv.Capped(2)), func(ctx context.Context, x kv.ListFieldOf[float32]) error {
			_, err := x.PushRight(ctx, 0.1, 1e30)
			return err
		}),
		shaped("list of users", kv.ListOf[user](), func(ctx context.Context, x kv.ListFieldOf[user]) error {
			_, err := x.PushRight(ctx, user{"abcdef"})
			return err
		}),
		shaped("sorted set", kv.SortedSet(), func(ctx context.Context, x kv.SortedSetField) error {
			_, err := x.Add(ctx, kv.Scored[string]{Member: "a", Score: 1})
			return err
		}),
		shaped("hash", kv.Hash[cart](), func(ctx context.Context, x kv.HashField[cart]) error { return x.Write(ctx, cart{-3, "n"}) }),
		shaped("hash with more", kv.Hash[cartMore](), func(ctx context.Context, x kv.HashField[cartMore]) error { return x.Write(ctx, cartMore{3, "", 9}) }),
		shaped("hash of texts", kv.Hash[cartTexts](), func(ctx context.Context, x kv.HashField[cartTexts]) error { return x.Write(ctx, cartTexts{"i", "n"}) }),
		shaped("hash without negative numbers", kv.Hash[cartPositive](), func(ctx context.Context, x kv.HashField[cartPositive]) error {
			return x.Write(ctx, cartPositive{0, ""})
		}),
		shaped("map", kv.Map[string](), func(ctx context.Context, x kv.MapField[string, string]) error {
			return x.Put(ctx, "a", "b")
		}),
		shaped("map of numbers", kv.MapOf[int, int](), func(ctx context.Context, x kv.MapField[int, int]) error { return x.Put(ctx, -7, 1<<62) }),
		shaped("bitset", kv.BitSet(kv.I8), func(ctx context.Context, x kv.BitSetField) error { return x.Put(ctx, 3, -1) }),
		shaped("bitmap", kv.Bitmap(), func(ctx context.Context, x kv.BitmapField) error { _, err := x.Put(ctx, 3, true); return err }),
		shaped("stream", kv.Stream[user](), func(ctx context.Context, x kv.StreamField[user]) error {
			_, err := x.Append(ctx, user{"abcdef"})
			return err
		}),
		shaped("queue", kv.Queue[user](), func(ctx context.Context, x kv.QueueField[user]) error {
			_, err := x.Add(ctx, user{"abcdef"})
			return err
		}),
		shaped("store", kv.Static("s").Int("a").Int("7"), func(ctx context.Context, x kv.StaticStore) error { return x.Take[kv.IntField]("a").Write(ctx, 1) }),
		shaped("strings", kv.Dynamic(kv.String()), func(ctx context.Context, x kv.DynamicStore[kv.StringField]) error {
			return x.Take("a:b").Write(ctx, "c")
		}),
		shaped("numbers", kv.DynamicBy[int](kv.Int()), func(ctx context.Context, x kv.KeyedStore[int, kv.IntField]) error { return x.Take(-7).Write(ctx, 1) }),
		shaped("numbers in one slot", kv.Colocated(kv.DynamicBy[int](kv.Int())), func(ctx context.Context, x kv.KeyedStore[int, kv.IntField]) error { return x.Take(7).Write(ctx, 1) }),
		shaped("numbers by natural ones", kv.IndexKeys(kv.DynamicBy[uint8](kv.Int())), func(ctx context.Context, x kv.KeyedStore[uint8, kv.IntField]) error { return x.Take(255).Write(ctx, 1) }),
	}
	for _, text := range texts {
		all = append(all, shaped(fmt.Sprintf("string %q", text), kv.String(), func(ctx context.Context, x kv.StringField) error { return x.Write(ctx, text) }),
			shaped(fmt.Sprintf("document of %q", text), kv.JSON[string](), func(ctx context.Context, x kv.JSONField[string]) error { return x.Write(ctx, text) }))
	}
	for _, number := range []int64{0, 7, -1 << 63, 1<<63 - 1} {
		all = append(all, shaped(fmt.Sprintf("integer %d", number), kv.Int(), func(ctx context.Context, x kv.IntField) error { return x.Write(ctx, number) }))
	}
	for _, number := range []int64{0, 100} {
		all = append(all, shaped(fmt.Sprintf("percentage %d", number), kv.Int(kv.AtLeast(0), kv.AtMost(100)), func(ctx context.Context, x kv.IntField) error { return x.Write(ctx, number) }))
	}
	return all
}

var _ = Describe("What is not breaking", func() {
	It("is read, all of it, whatever the schema was", func(ctx context.Context) {
		known, pairs := map[string][]lockfile.Difference{}, 0
		compared := func(before, now shape) []lockfile.Difference {
			texts := string(textOf(before.tree)) + string(textOf(now.tree))
			if _, done := known[texts]; !done {
				found, err := differences(before.tree, now.tree)
				Expect(err).NotTo(HaveOccurred())
				known[texts] = found
			}
			return known[texts]
		}
		for _, before := range shapes() {
			driver := memory.New()
			Expect(before.fill(ctx, driver)).To(Succeed(), before.name)
			stored, refused := before.read(ctx, driver)
			Expect(refused).To(BeEmpty(), before.name)
			Expect(stored).To(BeNumerically(">", 0), before.name)
			for _, now := range shapes() {
				found := compared(before, now)
				if len(found) > 0 && found[0].Class == lockfile.Breaking {
					continue
				}
				pairs++
				values, refused := now.read(ctx, driver)
				Expect(refused).To(BeEmpty(), "%s as %s:\n%s", before.name, now.name, lockfile.Report(found))
				Expect(values).To(Equal(stored), "%s as %s:\n%s", before.name, now.name, lockfile.Report(found))
			}
		}
		Expect(pairs).To(BeNumerically(">", len(shapes())), "beside those of a schema with itself")
		AddReportEntry("truth", fmt.Sprintf("%d of %d changes are not breaking", pairs, len(shapes())*len(shapes())))
	})
})
