package spec_test

import (
	"cmp"
	"math"
	"slices"

	"github.com/kvstore-go/kvstore/drivers"
)

// What is in geoKeys has the scores of positions.
var geoKeys = []string{"d:g", "g"}

var randomGeo = random{
	keys: geoKeys,
	ops:  map[drivers.Op]int{drivers.OpGeoAdd: 8, drivers.OpGeoPos: 4, drivers.OpGeoDist: 4, drivers.OpGeoSearch: 12, drivers.OpZRem: 1},
	arguments: func(g generator, cmd *drivers.Command) {
		if !slices.Contains(geoKeys, cmd.Key) {
			cmd.Key = pick(g, geoKeys...)
		}
		switch cmd.Op {
		case drivers.OpGeoAdd:
			cmd.Values = g.members()
			for range cmd.Values {
				point := g.geoPoint()
				if g.oneIn(100) {
					point = pick(g, drivers.GeoPoint{Longitude: 181}, drivers.GeoPoint{Latitude: 86}, drivers.GeoPoint{Latitude: math.NaN()})
				}
				cmd.OwnExtra().Scores = append(cmd.Scores(), point.Longitude, point.Latitude)
			}
			cmd.If, cmd.Amount, cmd.Expiry = g.condition(), pick[int64](g, 0, 0, 1), g.rareExpiry()
		case drivers.OpGeoPos, drivers.OpZRem:
			cmd.Values = g.members()
		case drivers.OpGeoDist:
			cmd.Values = []string{pick(g, members...), pick(g, members...)}
		case drivers.OpGeoSearch:
			g.geoArea(cmd)
		default: // there are no others
		}
	},
}

// geoPoint draws one anywhere, on the edges of the map now and then.
func (g generator) geoPoint() drivers.GeoPoint {
	degrees := func(limit float64) float64 {
		if g.oneIn(20) {
			return pick(g, -limit, limit, 0, limit-1e-6, 1e-6-limit)
		}
		return (2*g.rng.Float64() - 1) * limit
	}
	return drivers.GeoPoint{Longitude: degrees(drivers.MaxLongitude), Latitude: degrees(drivers.MaxLatitude)}
}

func (g generator) geoArea(cmd *drivers.Command) {
	middle := g.geoPoint()
	if cmd.OwnExtra().Scores = []float64{middle.Longitude, middle.Latitude, g.geoLength()}; g.oneIn(2) {
		cmd.OwnExtra().Scores = append(cmd.Scores(), g.geoLength())
	}
	if g.oneIn(2) {
		cmd.Values = []string{pick(g, members...)}
	}
	cmd.Reverse, cmd.Amount = g.oneIn(2), pick[int64](g, 0, 0, 1, 2, 5)
	if g.oneIn(100) {
		cmd.Scores()[2] = pick(g, 0, -1, math.NaN())
	}
}

// geoLength draws metres, mostly up to half around the earth.
func (g generator) geoLength() float64 {
	if g.oneIn(20) {
		return pick(g, 1e-9, 20_037_726.37, 1e8)
	}
	return math.Pow(10, 1+6.3*g.rng.Float64())
}

// near reports whether an answer has the same members at the same distances, but for the
// last digit that Redis prints: two libraries may round a sine differently.
func (s step) near(other drivers.Reply) bool {
	mine := s.reply
	return math.Abs(mine.Float-other.Float) < 0.0002 && slices.Equal(byDistance(mine), byDistance(other)) &&
		slices.EqualFunc(mine.Floats, other.Floats, func(a, b float64) bool { return math.Abs(a-b) < 0.0002 })
}

// byDistance are the members, those at one distance by their names.
func byDistance(reply drivers.Reply) []string {
	places := make([]int, len(reply.Values))
	for i := range places {
		places[i] = i
	}
	slices.SortFunc(places, func(a, b int) int {
		return cmp.Or(cmp.Compare(reply.Floats[3*a], reply.Floats[3*b]), cmp.Compare(reply.Values[a], reply.Values[b]))
	})
	names := make([]string, len(places))
	for i, place := range places {
		names[i] = reply.Values[place]
	}
	return names
}
