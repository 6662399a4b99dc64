package memory

import (
	"math"
	"slices"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/drivers/internal/redisvalue"
)

// area is a circle, or a box if it has a width.
type area struct {
	middle redisvalue.GeoPoint
	drivers.GeoExtent
}

// distance is that of a point from the middle, and whether the point lies in the area.
// A box is as wide as it says at the latitude of the point, as in Redis.
func (a area) distance(p redisvalue.GeoPoint) (metres float64, inside bool) {
	metres = a.middle.Distance(p)
	if a.Width == 0 {
		return metres, metres <= a.Radius
	}
	sideward := p.Distance(redisvalue.GeoPoint{Longitude: a.middle.Longitude, Latitude: p.Latitude})
	return metres, a.middle.Northward(p) <= a.Height/2 && sideward <= a.Width/2
}

// bounds are the corners of a box around the area. As in Redis, it is as wide as the area
// would be at its latitude nearest to the pole; beyond the pole its sides are exchanged.
func (a area) bounds() (low, high redisvalue.GeoPoint) {
	width, height := a.Radius, a.Radius
	if a.Width > 0 {
		width, height = a.Width/2, a.Height/2
	}
	northward := degrees(height / redisvalue.EarthRadius)
	farthest := a.middle.Latitude + northward
	if a.middle.Latitude < 0 {
		farthest = a.middle.Latitude - northward
	}
	eastward := degrees(width / redisvalue.EarthRadius / math.Cos(redisvalue.Radians(farthest)))
	low = redisvalue.GeoPoint{Longitude: a.middle.Longitude - eastward, Latitude: a.middle.Latitude - northward}
	high = redisvalue.GeoPoint{Longitude: a.middle.Longitude + eastward, Latitude: a.middle.Latitude + northward}
	return low, high
}

func degrees(radians float64) float64 { return radians / (math.Pi / 180) }

// worldWidth is half of the circumference of the earth in metres, as Redis has it.
const worldWidth = 20037726.37

// steps is how often Redis halves the world at first, that three cells in a row may be as
// wide as the area.
func (a area) steps() int {
	reach := a.Radius
	if a.Width > 0 {
		reach = math.Sqrt(float64((a.Width/2)*(a.Width/2)) + float64((a.Height/2)*(a.Height/2)))
	}
	steps := -1
	for ; reach < worldWidth; reach *= 2 {
		steps++
	}
	if math.Abs(a.middle.Latitude) > 66 {
		steps--
	}
	if math.Abs(a.middle.Latitude) > 80 {
		steps--
	}
	return max(1, min(steps, redisvalue.GeoSteps))
}

// neighbours are three columns and three rows of cells, from the west and from the south.
type neighbours struct {
	steps         int
	columns, rows [3]uint32
}

// around is the cell of a point and those around it. What is beyond the edge of the map is
// on its other side.
func around(p redisvalue.GeoPoint, steps int) neighbours {
	last := uint32(1)<<steps - 1
	three := func(place uint32) [3]uint32 { return [3]uint32{(place - 1) & last, place, (place + 1) & last} }
	return neighbours{steps, three(p.Column(steps)), three(p.Row(steps))}
}

// west and south are where a column or a row begins.
func (n neighbours) west(column uint32) float64 {
	return redisvalue.GeoEdge(column, redisvalue.MaxLongitude, n.steps)
}

func (n neighbours) south(row uint32) float64 {
	return redisvalue.GeoEdge(row, redisvalue.MaxLatitude, n.steps)
}

// cover reports whether they reach as far as a box on all sides.
func (n neighbours) cover(low, high redisvalue.GeoPoint) bool {
	return n.west(n.columns[0]) <= low.Longitude && n.west(n.columns[2]+1) >= high.Longitude &&
		n.south(n.rows[0]) <= low.Latitude && n.south(n.rows[2]+1) >= high.Latitude
}

// within are the numbers of the cells, without the sides that a box does not reach.
func (n neighbours) within(low, high redisvalue.GeoPoint) []uint64 {
	columns, rows := n.columns[:], n.rows[:]
	if n.steps > 1 { // else there are but two columns and two rows
		columns = inner(columns, n.west(n.columns[1]) < low.Longitude, n.west(n.columns[1]+1) > high.Longitude)
		rows = inner(rows, n.south(n.rows[1]) < low.Latitude, n.south(n.rows[1]+1) > high.Latitude)
	}
	cells := make([]uint64, 0, len(n.columns)*len(n.rows))
	for _, column := range columns {
		for _, row := range rows {
			cells = append(cells, redisvalue.GeoCell(column, row))
		}
	}
	slices.Sort(cells)
	return slices.Compact(cells)
}

func inner(places []uint32, withoutFirst, withoutLast bool) []uint32 {
	if withoutLast {
		places = places[:2]
	}
	if withoutFirst {
		places = places[1:]
	}
	return places
}

// cells are the numbers of the cells in which members of the area are looked for, with
// how often the world was halved to make them. They are those in which Redis looks, so
// that nobody is found here whom Redis does not find.
func (a area) cells() (steps int, cells []uint64) {
	low, high := a.bounds()
	n := around(a.middle, a.steps())
	if n.steps > 1 && !n.cover(low, high) {
		n = around(a.middle, n.steps-1)
	}
	return n.steps, n.within(low, high)
}
