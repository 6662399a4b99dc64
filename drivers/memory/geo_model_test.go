package memory_test

import (
	"maps"
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/drivers/internal/redisvalue"
	"github.com/kvstore-go/kvstore/drivers/memory"
)

// geoMachine applies the same commands to positions of the driver and to a map.
type geoMachine struct {
	d     *memory.Driver
	model map[string]redisvalue.GeoPoint
}

// geoPrecision is how many metres a position is stored away from where it was said to be.
const geoPrecision = 1.0

var (
	geoName  = rapid.StringMatching("[a-d]{1,2}")
	geoPoint = rapid.Custom(func(t *rapid.T) redisvalue.GeoPoint {
		return redisvalue.GeoPoint{
			Longitude: rapid.Float64Range(-redisvalue.MaxLongitude, redisvalue.MaxLongitude).Draw(t, "longitude"),
			Latitude:  rapid.Float64Range(-redisvalue.MaxLatitude, redisvalue.MaxLatitude).Draw(t, "latitude"),
		}
	})
)

// geoSeen reports whether a search has to find a member: not one that lies on the edge of
// the map, and, around the edge or across a pole, none for certain, as in Redis.
func geoSeen(middle, member redisvalue.GeoPoint, radius float64) bool {
	inside := func(p redisvalue.GeoPoint) bool {
		return p.Longitude < redisvalue.MaxLongitude-1e-5 && p.Latitude < redisvalue.MaxLatitude-1e-5
	}
	return inside(middle) && inside(member) && geoDistance(middle, redisvalue.GeoPoint{Longitude: middle.Longitude, Latitude: math.Copysign(90, middle.Latitude)}) > radius
}

// geoDistance is the law of haversines, in metres.
func geoDistance(p, q redisvalue.GeoPoint) float64 {
	const earth, degree = 6372797.560856, math.Pi / 180
	half := func(a, b float64) float64 { s := math.Sin((b - a) * degree / 2); return s * s }
	h := half(p.Latitude, q.Latitude) + math.Cos(p.Latitude*degree)*math.Cos(q.Latitude*degree)*half(p.Longitude, q.Longitude)
	return 2 * earth * math.Asin(min(math.Sqrt(h), 1))
}

func (m *geoMachine) Add(t *rapid.T) {
	cmd := drivers.Command{
		Op: drivers.OpGeoAdd, Key: "g", Values: rapid.SliceOfN(geoName, 1, 10).Draw(t, "names"),
		If: rapid.SampledFrom([]drivers.Condition{drivers.Always, drivers.IfAbsent, drivers.IfExists}).Draw(t, "if"),
	}
	news := int64(0)
	for _, name := range cmd.Values {
		point := geoPoint.Draw(t, "point")
		cmd.OwnExtra().Scores = append(cmd.Scores(), point.Longitude, point.Latitude)
		_, there := m.model[name]
		if cmd.If == drivers.IfAbsent && there || cmd.If == drivers.IfExists && !there {
			continue
		}
		if m.model[name] = point; !there {
			news++
		}
	}
	if reply := mustDo(t, m.d, cmd); reply.Int != news {
		t.Fatalf("%+v: %d new instead of %d", cmd, reply.Int, news)
	}
}

func (m *geoMachine) Remove(t *rapid.T) {
	names := rapid.SliceOfN(geoName, 1, 6).Draw(t, "names")
	before := len(m.model)
	for _, name := range names {
		delete(m.model, name)
	}
	if reply := mustDo(t, m.d, drivers.Command{Op: drivers.OpZRem, Key: "g", Values: names}); int(reply.Int) != before-len(m.model) {
		t.Fatalf("%d of %q removed instead of %d", reply.Int, names, before-len(m.model))
	}
}

func (m *geoMachine) Distance(t *rapid.T) {
	names := []string{geoName.Draw(t, "one"), geoName.Draw(t, "other")}
	one, there := m.model[names[0]]
	other, too := m.model[names[1]]
	reply := mustDo(t, m.d, drivers.Command{Op: drivers.OpGeoDist, Key: "g", Values: names})
	if reply.Nil == (there && too) || !reply.Nil && math.Abs(reply.Float-geoDistance(one, other)) > 2*geoPrecision {
		t.Fatalf("%+v between %v and %v", reply, one, other)
	}
}

func (m *geoMachine) Search(t *rapid.T) {
	middle, radius := geoPoint.Draw(t, "middle"), rapid.Float64Range(1, 2.1e7).Draw(t, "radius")
	cmd := drivers.Command{Op: drivers.OpGeoSearch, Key: "g", Extra: &drivers.Extra{Scores: []float64{middle.Longitude, middle.Latitude, radius}}}
	if rapid.Bool().Draw(t, "around a member") {
		cmd.Values = []string{geoName.Draw(t, "member")}
		there := false
		if middle, there = m.model[cmd.Values[0]]; !there {
			if reply := mustDo(t, m.d, cmd); len(m.model) > 0 && !reply.Nil {
				t.Fatalf("%+v around %q, which is not there", reply, cmd.Values[0])
			}
			return
		}
	}
	reply := mustDo(t, m.d, cmd)
	before := 0.0
	for i, name := range reply.Values {
		away := reply.Floats[3*i]
		if away < before || math.Abs(away-geoDistance(middle, m.model[name])) > 2*geoPrecision {
			t.Fatalf("%q is %v metres away, after one that is %v: %+v", name, away, before, reply)
		}
		before = away
	}
	for name, point := range m.model {
		inside := slices.Contains(reply.Values, name)
		if away := geoDistance(middle, point); math.Abs(away-radius) > 2*geoPrecision && inside != (away < radius) && (inside || geoSeen(middle, point, radius)) {
			t.Fatalf("%q, %v metres away, within %v: %t", name, away, radius, inside)
		}
	}
}

// Check asks where everybody is, and somebody who is not there.
func (m *geoMachine) Check(t *rapid.T) {
	names := append(slices.Sorted(maps.Keys(m.model)), "nobody")
	reply := mustDo(t, m.d, drivers.Command{Op: drivers.OpGeoPos, Key: "g", Values: names})
	for i, name := range names {
		got := redisvalue.GeoPoint{Longitude: reply.Floats[2*i], Latitude: reply.Floats[2*i+1]}
		want, there := m.model[name]
		if there == math.IsNaN(got.Longitude) || there && geoDistance(got, want) > geoPrecision {
			t.Fatalf("%q at %v instead of %v", name, got, want)
		}
	}
	if reply := mustDo(t, m.d, drivers.Command{Op: drivers.OpZCard, Key: "g"}); int(reply.Int) != len(m.model) {
		t.Fatalf("%d members instead of %d", reply.Int, len(m.model))
	}
	if err := memory.Check(m.d); err != nil {
		t.Fatal(err)
	}
}

func TestGeoAgreesWithModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := &geoMachine{memory.New(), map[string]redisvalue.GeoPoint{}}
		t.Repeat(map[string]func(*rapid.T){
			"": m.Check, "add": m.Add, "remove": m.Remove, "distance": m.Distance, "search": m.Search,
		})
	})
}
