package values_test

import (
	"bytes"
	"context"
	"errors"
	"math"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kvstore-go/kvstore/drivers/memory"
	"github.com/kvstore-go/kvstore/kv"
	"github.com/kvstore-go/kvstore/kv/internal/kvtest"
)

const (
	GeoCities kv.Key[kv.GeoField]        = "cities"
	GeoBrief  kv.Key[kv.GeoField]        = "brief"
	GeoTaxis  kv.Key[kv.GeoFieldOf[int]] = "taxis"
)

var GeoSchema = kv.Static("geo").Geo(GeoCities).Geo(GeoBrief, kv.ExpireIn(time.Hour)).GeoOf(GeoTaxis)

func geoLocated(name string, longitude, latitude float64) kv.Located[string] {
	return kv.Located[string]{Member: name, Position: kv.Position{Longitude: longitude, Latitude: latitude}}
}

// geoNames are the members found, in their order.
func geoNames(found []kv.Located[string], err error) []string {
	GinkgoHelper()
	Expect(err).NotTo(HaveOccurred())
	names := []string{}
	for _, located := range found {
		names = append(names, located.Member)
	}
	return names
}

var _ = Describe("Positions", func() {
	kvtest.OnBothDrivers(func(open func(context.Context) kvtest.Backend) {
		var (
			store  kvtest.Backend
			root   kv.StaticStore
			cities kv.GeoField
		)
		BeforeEach(func(ctx context.Context) {
			store = open(ctx)
			root = kv.MustOpen(GeoSchema, store.Driver)
			cities = root.Take(GeoCities)
			store.Trips.Reset()
		})
		palermo, catania := geoLocated("Palermo", 13.361389, 38.115556), geoLocated("Catania", 15.087269, 37.502669)
		middle := kv.Position{Longitude: 15, Latitude: 37}

		It("are not there where nothing is", func(ctx context.Context) {
			_, err := cities.Position(ctx, "Palermo")
			Expect(err).To(MatchError(kv.ErrNotFound))
			Expect(err).To(MatchError(HaveSuffix(": not found: Palermo")))
			_, err = cities.Distance(ctx, "Palermo", "Catania")
			Expect(err).To(MatchError(kv.ErrNotFound))
			Expect(err).To(MatchError(HaveSuffix(": not found: Palermo or Catania")))
			_, err = cities.SearchAround(ctx, "Palermo", kv.Circle(kv.Kilometre))
			Expect(err).To(MatchError(kv.ErrNotFound))
			Expect(err).To(MatchError(HaveSuffix(": not found: Palermo")))
			Expect(cities.Search(ctx, middle, kv.Circle(kv.Kilometre))).To(Equal([]kv.Located[string]{}))
			Expect(cities.Read(ctx)).To(Equal([]kv.Located[string]{}))
			Expect(cities.Len(ctx)).To(Equal(0))
			Expect(store.Trips.Taken()).To(Equal(6))
		})
		It("are kept to half a metre", func(ctx context.Context) {
			Expect(cities.Add(ctx, palermo, catania)).To(Equal(2))
			Expect(cities.Add(ctx, palermo)).To(Equal(0))
			Expect(cities.Position(ctx, "Palermo")).To(Equal(kv.Position{Longitude: 13.36138933897018433, Latitude: 38.11555639549629859}))
			Expect(cities.Distance(ctx, "Palermo", "Catania")).To(Equal(166274.1516 * kv.Metre))
			Expect(cities.Len(ctx)).To(Equal(2))
			Expect(geoNames(cities.Read(ctx))).To(HaveExactElements("Palermo", "Catania"))
			Expect(cities.Remove(ctx, "Palermo", "Rome")).To(Equal(1))
			_, err := cities.SearchAround(ctx, "Palermo", kv.Circle(kv.Kilometre))
			Expect(err).To(MatchError(kv.ErrNotFound))
			Expect(store.Trips.Taken()).To(Equal(8))
		})
		It("are found in circles and boxes", func(ctx context.Context) {
			Expect(cities.Add(ctx, palermo, catania)).To(Equal(2))
			store.Trips.Reset()
			Expect(cities.Search(ctx, middle, kv.Circle(100*kv.Kilometre))).To(HaveExactElements(kv.Located[string]{
				Member: "Catania", Position: kv.Position{Longitude: 15.08726745843887329, Latitude: 37.50266842333162032}, Distance: 56441.2579 * kv.Metre}))
			Expect(geoNames(cities.Search(ctx, middle, kv.Circle(200*kv.Kilometre)))).To(HaveExactElements("Catania", "Palermo"))
			Expect(geoNames(cities.Search(ctx, middle, kv.Circle(200*kv.Kilometre).Farthest()))).To(HaveExactElements("Palermo", "Catania"))
			Expect(geoNames(cities.Search(ctx, middle, kv.Circle(120*kv.Mile).Farthest().Limit(1)))).To(HaveExactElements("Palermo"))
			Expect(geoNames(cities.Search(ctx, middle, kv.Box(400*kv.Kilometre, 400*kv.Kilometre)))).To(HaveExactElements("Catania", "Palermo"))
			Expect(geoNames(cities.Search(ctx, middle, kv.Box(200*kv.Kilometre, 400*kv.Kilometre)))).To(HaveExactElements("Catania"))
			Expect(geoNames(cities.SearchAround(ctx, "Palermo", kv.Circle(100_000*kv.Foot)))).To(HaveExactElements("Palermo"))
			Expect(store.Trips.Taken()).To(Equal(7))
		})
		It("refuse what is no position and no area", func(ctx context.Context) {
			for _, wrong := range []kv.Located[string]{geoLocated("x", 180.1, 0), geoLocated("x", 0, 85.1), geoLocated("x", math.NaN(), 0)} {
				_, err := cities.Add(ctx, palermo, wrong)
				Expect(err).To(MatchError(kv.ErrInvalid))
				Expect(cities.Write(ctx, []kv.Located[string]{palermo, wrong})).To(MatchError(kv.ErrInvalid))
				_, err = cities.Search(ctx, wrong.Position, kv.Circle(1))
				Expect(err).To(MatchError(kv.ErrInvalid))
			}
			for _, area := range []kv.GeoArea{{}, kv.Circle(0), kv.Circle(-1), kv.Box(1, 0), kv.Box(kv.Distance(math.NaN()), 1), kv.Circle(1).Limit(-1)} {
				_, err := cities.Search(ctx, middle, area)
				Expect(err).To(MatchError(kv.ErrInvalid))
				_, err = cities.SearchAround(ctx, "Palermo", area)
				Expect(err).To(MatchError(kv.ErrInvalid))
			}
			Expect(cities.Exists(ctx)).To(BeFalse())
			Expect(cities.Add(ctx)).To(Equal(0))
		})
		It("are replaced as a whole, with the schema's TTL", func(ctx context.Context) {
			brief := root.Take(GeoBrief)
			Expect(brief.Write(ctx, []kv.Located[string]{palermo, catania})).To(Succeed())
			Expect(brief.TTL(ctx)).To(BeNumerically("~", time.Hour, time.Minute))
			Expect(brief.Distance(ctx, "Palermo", "Catania")).To(Equal(166274.1516 * kv.Metre))
			Expect(brief.Write(ctx, []kv.Located[string]{palermo}, kv.IfAbsent)).To(MatchError(kv.ErrConditionFailed))
			Expect(brief.Write(ctx, nil)).To(Succeed())
			Expect(brief.Exists(ctx)).To(BeFalse())
			Expect(brief.Add(ctx, palermo)).To(Equal(1))
			Expect(brief.TTL(ctx)).To(BeNumerically("~", time.Hour, time.Minute))
		})
		It("belong to members of any type that has a text", func(ctx context.Context) {
			taxis := root.Take(GeoTaxis)
			Expect(taxis.Add(ctx, kv.Located[int]{Member: 7, Position: middle}, kv.Located[int]{Member: 8, Position: kv.Position{}})).To(Equal(2))
			found, err := taxis.SearchAround(ctx, 7, kv.Circle(kv.Metre))
			Expect(err).NotTo(HaveOccurred())
			Expect(found).To(HaveLen(1))
			Expect(found[0].Member).To(Equal(7))
			_, err = kv.MustOpen(kv.Geo(), store.Driver, kv.At("geo", "taxis")).Add(ctx, geoLocated("seven", 15, 37))
			Expect(err).NotTo(HaveOccurred())
			_, err = taxis.Search(ctx, middle, kv.Circle(kv.Kilometre))
			Expect(err).To(MatchError(kv.ErrCorrupt))
		})
		It("take part in batches and transactions", func(ctx context.Context) {
			var batch kv.Batch
			bound := batch.Bind(root).Take(GeoCities)
			added := batch.Do(func(ctx context.Context) (int, error) { return bound.Add(ctx, palermo, catania) })
			distance := batch.Do(func(ctx context.Context) (kv.Distance, error) { return bound.Distance(ctx, "Palermo", "Catania") })
			Expect(batch.Run(ctx)).To(Succeed())
			Expect(added.Get()).To(Equal(2))
			Expect(distance.Get()).To(Equal(166274.1516 * kv.Metre))
			Expect(kv.Atomic(ctx, root, func(ctx context.Context, root kv.StaticStore) error {
				near, err := root.Take(GeoCities).Search(ctx, middle, kv.Circle(100*kv.Kilometre))
				if err != nil {
					return err
				}
				added, err := root.Take(GeoBrief).Add(ctx, near...)
				Expect(added).To(Equal(1))
				_, removeErr := root.Take(GeoCities).Remove(ctx, "Catania")
				return errors.Join(err, removeErr)
			})).To(Succeed())
			Expect(geoNames(root.Take(GeoBrief).Read(ctx))).To(HaveExactElements("Catania"))
			Expect(geoNames(cities.Read(ctx))).To(HaveExactElements("Palermo"))
		})
		It("are copied and exported", func(ctx context.Context) {
			Expect(cities.Add(ctx, palermo, catania)).To(Equal(2))
			var file bytes.Buffer
			Expect(root.Export(ctx, &file)).To(HaveField("Values", 1))
			elsewhere := kv.MustOpen(GeoSchema, memory.New())
			Expect(elsewhere.Import(ctx, &file)).To(HaveField("Records", 1))
			Expect(elsewhere.Take(GeoCities).Distance(ctx, "Palermo", "Catania")).To(Equal(166274.1516 * kv.Metre))
		})
		It("keep the error of a wrong Take", func(ctx context.Context) {
			lost := root.Take[kv.GeoField]("lost")
			_, err := lost.Add(ctx, palermo)
			Expect(err).To(MatchError(kv.ErrUndeclared))
			_, err = lost.Position(ctx, "a")
			Expect(err).To(MatchError(kv.ErrUndeclared))
			_, err = lost.Search(ctx, middle, kv.Circle(1))
			Expect(err).To(MatchError(kv.ErrUndeclared))
			Expect(lost.Write(ctx, nil)).To(MatchError(kv.ErrUndeclared))
		})
	})
})
