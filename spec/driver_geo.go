package spec

import (
	"math"

	"github.com/onsi/gomega"

	"github.com/kvstore-go/kvstore/drivers"
)

// geoadd puts members at positions, longitude and latitude by turns.
func geoadd(key string, members []string, positions ...float64) drivers.Command {
	return drivers.Command{Op: drivers.OpGeoAdd, Key: key, Values: members, Extra: &drivers.Extra{Scores: positions}}
}

// near is a search around a position, within a radius or a width and a height.
func near(longitude, latitude float64, extent ...float64) drivers.Command {
	return drivers.Command{Op: drivers.OpGeoSearch, Key: "k", Extra: &drivers.Extra{Scores: append([]float64{longitude, latitude}, extent...)}}
}

// nearMember is a search around a member.
func nearMember(member string, extent ...float64) drivers.Command {
	cmd := near(0, 0, extent...)
	cmd.Values = []string{member}
	return cmd
}

// geoFamily is about sorted sets whose scores are positions.
func geoFamily() family {
	one := drivers.Reply{Int: 1}
	atZero := geoadd("k", []string{"new"}, -drivers.MaxLongitude, -drivers.MaxLatitude)
	return family{checks: geoChecks, writers: []writer{
		{cmd: atZero, existing: zadd("k", 0, "old"), want: one, changed: ordered("new", "old"), absent: true, made: ordered("new"), reply: one},
	}, examples: []example{
		{geoadd("k", []string{"new", "a"}, 2.5, 48.5, 13.361389, 38.115556), sortedSetKind, "Values Scores If Amount Expiry"},
		{drivers.Command{Op: drivers.OpGeoPos, Key: "k", Values: []string{"old", "new"}}, sortedSetKind, "Values"},
		{drivers.Command{Op: drivers.OpGeoDist, Key: "k", Values: []string{"old", "new"}}, sortedSetKind, "Values"},
		{nearMember("old", 100_000), sortedSetKind, "Values Scores Amount Reverse"},
	}}
}

// The positions of Redis's documentation, in the middle of their cells.
const (
	palermoLongitude, palermoLatitude = 13.36138933897018433, 38.11555639549629859
	cataniaLongitude, cataniaLatitude = 15.08726745843887329, 37.50266842333162032
)

func geoChecks(Harness) []check {
	two := drivers.Reply{Int: 2}
	sicily := geoadd("k", []string{"Palermo", "Catania"}, 13.361389, 38.115556, 15.087269, 37.502669)
	mortal := sicily
	mortal.Expiry = in(hour)
	both := scored([]string{"Palermo", "Catania"}, []float64{3479099956230698, 3479447370796909})
	position := func(members ...string) drivers.Command {
		return drivers.Command{Op: drivers.OpGeoPos, Key: "k", Values: members}
	}
	distance := func(members ...string) drivers.Command {
		return drivers.Command{Op: drivers.OpGeoDist, Key: "k", Values: members}
	}
	invalid := func(says string, cmd drivers.Command) row {
		return row{says: "is ErrInvalid " + says, given: given(mortal), when: cmd, err: drivers.ErrInvalid}
	}
	inf, nan, absent := math.Inf(1), math.NaN(), drivers.Reply{Nil: true}
	table := []row{
		{says: "gives members the numbers of their cells for scores (row 49)", when: sicily, want: two, then: then{"k": both}},
		{says: "starts a time to live", when: mortal, want: two, then: then{"k": both.lasting(hour)}},
		{says: "of what is there changes nothing", given: given(mortal), when: sicily},
		{says: "with Amount 1 counts who moved", given: given(sicily), when: changes(geoadd("k", []string{"Palermo", "Catania"}, 13.361389, 38.115556, 0, 0)),
			want: drivers.Reply{Int: 1}, then: then{"k": scored([]string{"Catania", "Palermo"}, []float64{3377699720527872, 3479099956230698}).kept()}},
		{says: "IfAbsent moves nobody", given: given(sicily), when: zif(drivers.IfAbsent, geoadd("k", []string{"Palermo"}, 1, 1))},
		{says: "IfExists adds nobody", given: given(sicily), when: zif(drivers.IfExists, geoadd("k", []string{"Rome"}, 12.5, 41.9))},
		{says: "IfExists makes no sorted set", when: zif(drivers.IfExists, geoadd("k", []string{"Rome"}, 12.5, 41.9))},
		{says: "takes the corners of the map (row 49)", when: geoadd("k", []string{"sw", "nw", "se"}, -180, -drivers.MaxLatitude, -180, drivers.MaxLatitude, 180, -drivers.MaxLatitude), want: drivers.Reply{Int: 3},
			then: then{"k": scored([]string{"sw", "nw", "se"}, []float64{0, 1 << 52, 1 << 53})}},
		invalid("IfGreater", zif(drivers.IfGreater, sicily)),
		invalid("without members", geoadd("k", nil)),
		invalid("with half a position", geoadd("k", []string{"Rome"}, 12.5)),
		invalid("beyond the date line", geoadd("k", []string{"Rome"}, 180.0001, 41.9)),
		invalid("too near to a pole (row 49)", geoadd("k", []string{"Rome"}, 12.5, -85.06)),
		invalid("at NaN", geoadd("k", []string{"Rome"}, nan, 41.9)),

		{says: "is NaN for members of an absent key", when: position("a", "b"), want: drivers.Reply{Floats: []float64{nan, nan, nan, nan}}},
		{says: "is the middle of the cells (row 49)", given: given(sicily), when: position("Palermo", "Rome", "Catania"),
			want: drivers.Reply{Floats: []float64{palermoLongitude, palermoLatitude, nan, nan, cataniaLongitude, cataniaLatitude}}},
		invalid("without members", position()),
		{says: "of a score that is no position is what it is on Redis", given: given(zadd("k", -1, "below"), zadd("k", inf, "above"), zadd("k", -inf, "least"), zadd("k", 1e25, "huge"), zadd("k", 9.3e18, "wide")),
			when: position("below", "above", "least", "huge", "wide"), want: drivers.Reply{Floats: []float64{
				180, 85.0511287799999991, -179.99999731779098511, -85.05112751263942528, 180, -85.05112751263942528, -179.99999731779098511, -85.05112751263942528, 180, 85.0511287799999991}}},

		{says: "is Nil for an absent key", when: distance("Palermo", "Catania"), want: absent},
		{says: "is Nil for an absent member", given: given(sicily), when: distance("Palermo", "Rome"), want: absent},
		{says: "is in metres, to a tenth of a millimetre", given: given(sicily), when: distance("Palermo", "Catania"), want: drivers.Reply{Float: 166274.1516}},
		{says: "is 0 to itself", given: given(sicily), when: distance("Palermo", "Palermo")},
		invalid("of one member", distance("Palermo")),
		invalid("of three members", distance("Palermo", "Catania", "Palermo")),

		{says: "is empty for an absent key", when: near(15, 37, 200_000)},
		{says: "is Nil around a member of an absent key", when: nearMember("Palermo", 200_000), want: absent},
		{says: "is Nil around an absent member", given: given(sicily), when: nearMember("Rome", 200_000), want: absent},
		{says: "has the nearest first", given: given(sicily), when: near(15, 37, 200_000), want: drivers.Reply{Values: []string{"Catania", "Palermo"},
			Floats: []float64{56441.2579, cataniaLongitude, cataniaLatitude, 190442.4298, palermoLongitude, palermoLatitude}}},
		{says: "has the farthest first with Reverse, and at most Amount", given: given(sicily), when: limited(backwards(near(15, 37, 200_000)), 0, 1),
			want: drivers.Reply{Values: []string{"Palermo"}, Floats: []float64{190442.4298, palermoLongitude, palermoLatitude}}},
		{says: "has nobody beyond the radius", given: given(sicily), when: near(15, 37, 56_000)},
		{says: "has the member in the middle", given: given(sicily), when: nearMember("Palermo", 0.001), want: drivers.Reply{Values: []string{"Palermo"},
			Floats: []float64{0, palermoLongitude, palermoLatitude}}},
		{says: "has who is in a box", given: given(sicily), when: near(15, 37, 400_000, 400_000), want: drivers.Reply{Values: []string{"Catania", "Palermo"},
			Floats: []float64{56441.2579, cataniaLongitude, cataniaLatitude, 190442.4298, palermoLongitude, palermoLatitude}}},
		{says: "has nobody to the west of a box", given: given(sicily), when: near(15, 37, 200_000, 400_000), want: drivers.Reply{Values: []string{"Catania"},
			Floats: []float64{56441.2579, cataniaLongitude, cataniaLatitude}}},
		{says: "has nobody to the north of a box", given: given(sicily), when: near(15, 37, 400_000, 50_000)},
		invalid("of no radius", near(15, 37, 0)),
		invalid("of a negative radius", near(15, 37, -1)),
		invalid("of a radius that is no number", near(15, 37, nan)),
		invalid("of an endless radius", near(15, 37, inf)),
		invalid("of a box without height", near(15, 37, 1, 0)),
		invalid("without an extent", near(15, 37)),
		invalid("around what is no position", near(181, 37, 1)),
		invalid("of a negative number of members", limited(near(15, 37, 1), 0, -1)),
		invalid("around two members", func() drivers.Command {
			cmd := nearMember("Palermo", 1)
			cmd.Values = []string{"Palermo", "Catania"}
			return cmd
		}()),
	}
	table = append(table, geoEdges()...)
	return append(rows(table...),
		about(drivers.OpGeoSearch, "crosses the date line", func(t *trial) {
			t.given(geoadd("k", []string{"east", "west", "far"}, 179.9, 10, -179.9, 10, 170, 10))
			t.Expect(t.must(near(179.95, 10, 20_000)).Values).To(gomega.HaveExactElements("east", "west"))
			t.Expect(t.must(near(-179.95, 10, 40_000, 1_000)).Values).To(gomega.HaveExactElements("west", "east"))
		}))
}

// geoEdges are what a search finds on the edge of the map and across the poles, where
// Redis does not find everybody.
func geoEdges() []row {
	top := drivers.MaxLatitude
	at := func(longitude, latitude float64) []drivers.Command {
		return given(geoadd("k", []string{"p"}, longitude, latitude))
	}
	misses := func(says string, given []drivers.Command, search drivers.Command) row {
		return row{says: "misses a member " + says, given: given, when: search}
	}
	finds := func(says string, given []drivers.Command, search drivers.Command, distance, longitude, latitude float64) row {
		return row{says: "finds a member " + says, given: given, when: search, want: drivers.Reply{Values: []string{"p"}, Floats: []float64{distance, longitude, latitude}}}
	}
	return []row{
		misses("at the greatest latitude", at(0, top), near(0, 85, 50_000)),
		finds("at the greatest latitude from there", at(0, top), near(0, top, 50_000), 0.0257, 0.00000268220901489, top),
		misses("at the longitude 180", at(180, 0), near(179.9, 0, 500_000)),
		misses("at the longitude 180 from -180", at(180, 0), near(-180, 0, 500_000)),
		finds("at the longitude 180 from there", at(180, 0), near(180, 0, 500_000), 0.1410, 180, 0.00000126736058093),
		misses("at the longitude -180 from 180", at(-180, 0), near(180, 0, 500_000)),
		finds("at the longitude -180 from across it", at(-180, 0), near(179.9, 0, 500_000), 11122.9283, -179.99999731779098511, 0.00000126736058093),
		misses("to the west of an area that all of it lies in, from the longitude 180", at(-0.5, -85.05), near(180, 0, 30_000_000)),
		misses("to the west of a middle, where the area reaches beyond a pole", at(-1, 85), near(1, 85, 600_000)),
		finds("to the west of a middle, where the area does not reach the pole", at(-1, 85), near(1, 85, 500_000), 19387.0448, -0.99999994039535522, 84.99999965213439168),
	}
}
