package memory

import (
	"math"
	"slices"

	"github.com/kvstore-go/kvstore/drivers"
)

// area is a circle, or a box if it has a width. Lengths are in metres.
type area struct {
	middle        drivers.GeoPoint
	radius        float64
	width, height float64
}

// areaOf reads the Scores of an OpGeoSearch.
func areaOf(numbers []float64) area {
	a := area{middle: drivers.GeoPoint{Longitude: numbers[0], Latitude: numbers[1]}}
	if len(numbers) == 3 {
		a.radius = numbers[2]
	} else {
		a.width, a.height = numbers[2], numbers[3]
	}
	return a
}

// distance is that of a point from the middle, and whether the point lies in the area.
// A box is as wide as it says at the latitude of the point, as in Redis.
func (a area) distance(p drivers.GeoPoint) (metres float64, inside bool) {
	metres = a.middle.Distance(p)
	if a.width == 0 {
		return metres, metres <= a.radius
	}
	sideward := p.Distance(drivers.GeoPoint{Longitude: a.middle.Longitude, Latitude: p.Latitude})
	return metres, a.middle.Northward(p) <= a.height/2 && sideward <= a.width/2
}

// slack, in degrees, keeps what is on the edge in spite of rounding.
const slack = 1e-9

// extent is how many degrees the area reaches, at most, to the north and the south, and
// to the west and the east.
func (a area) extent() (northward, sideward float64) {
	latitude := math.Abs(drivers.Radians(a.middle.Latitude))
	if a.width == 0 {
		north := a.radius / drivers.EarthRadius
		if latitude+north >= math.Pi/2 { // beyond the pole
			return degrees(north), drivers.MaxLongitude
		}
		return degrees(north), degrees(math.Asin(math.Sin(north) / math.Cos(latitude)))
	}
	north := a.height / 2 / drivers.EarthRadius
	farthest := min(latitude+north, drivers.Radians(drivers.MaxLatitude)) // where a degree is shortest
	quarter := a.width / 4 / drivers.EarthRadius
	sine := math.Sin(quarter) / math.Cos(farthest)
	if quarter >= math.Pi/2 || sine >= 1 {
		return degrees(north), drivers.MaxLongitude
	}
	return degrees(north), degrees(2 * math.Asin(sine))
}

func degrees(radians float64) float64 { return radians/(math.Pi/180) + slack }

// longitudes are the spans within reach of one. What is beyond the edge of the map is on
// its other side.
func longitudes(middle, reach float64) [][2]float64 {
	const edge = drivers.MaxLongitude
	west, east := middle-reach, middle+reach
	switch {
	case reach >= edge:
		return [][2]float64{{-edge, edge}}
	case west < -edge:
		return [][2]float64{{-edge, east}, {west + 2*edge, edge}}
	case east > edge:
		return [][2]float64{{west, edge}, {-edge, east - 2*edge}}
	default:
		return [][2]float64{{west, east}}
	}
}

// fewCells is how many cells there are at most side by side, and one above the other.
const fewCells = 4

// cells are the numbers of few cells that cover the area, with how often the world was
// halved to make them.
func (a area) cells() (steps int, cells []uint64) {
	northward, sideward := a.extent()
	south := max(a.middle.Latitude-northward, -drivers.MaxLatitude)
	north := min(a.middle.Latitude+northward, drivers.MaxLatitude)
	steps = drivers.GeoSteps
	spans := longitudes(a.middle.Longitude, sideward)
	for _, span := range spans {
		low, high := drivers.GeoPoint{Longitude: span[0], Latitude: south}, drivers.GeoPoint{Longitude: span[1], Latitude: north}
		for high.Column(steps)-low.Column(steps) >= fewCells || high.Row(steps)-low.Row(steps) >= fewCells {
			steps--
		}
	}
	for _, span := range spans {
		low, high := drivers.GeoPoint{Longitude: span[0], Latitude: south}, drivers.GeoPoint{Longitude: span[1], Latitude: north}
		for column := low.Column(steps); column <= high.Column(steps); column++ {
			for row := low.Row(steps); row <= high.Row(steps); row++ {
				cells = append(cells, drivers.GeoCell(column, row))
			}
		}
	}
	slices.Sort(cells)
	return steps, slices.Compact(cells)
}
