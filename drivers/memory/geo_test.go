package memory

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/drivers/internal/redisvalue"
)

// TestGeoSearchMissesNobodyFarFromThePoles compares with a look at every member, across the
// date line too. What is found at the poles and on the edge of the map is Redis's, see the
// differential.
func TestGeoSearchMissesNobodyFarFromThePoles(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		random := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0))
		point := func() redisvalue.GeoPoint {
			return redisvalue.GeoPoint{Longitude: (2*random.Float64() - 1) * redisvalue.MaxLongitude, Latitude: (2*random.Float64() - 1) * redisvalue.MaxLatitude}
		}
		metres := func() float64 { return math.Pow(10, 4+3.6*random.Float64()) }
		var z sortedSet
		for i := range 300 {
			z.add(fmt.Sprint(i), point().Score())
		}
		a := area{point(), drivers.GeoExtent{Radius: metres()}}
		northward := a.Radius
		if random.IntN(2) == 0 {
			a.GeoExtent = drivers.GeoExtent{Width: metres(), Height: metres()}
			northward = a.Height / 2
		}
		if random.IntN(2) == 0 {
			a.middle, _ = z.point("0")
		}
		if math.Abs(a.middle.Latitude)+degrees(northward/redisvalue.EarthRadius) >= 90 {
			t.Skip("beyond a pole")
		}
		var want, got []string
		z.order.ascend(0, func(s scored) bool {
			if _, inside := a.distance(redisvalue.PointOf(s.score)); inside {
				want = append(want, s.member)
			}
			return true
		})
		for _, f := range z.within(a) {
			got = append(got, f.member)
		}
		if slices.Sort(want); !slices.Equal(slices.Sorted(slices.Values(got)), want) {
			t.Fatalf("%+v: %q instead of %q", a, got, want)
		}
	})
}
