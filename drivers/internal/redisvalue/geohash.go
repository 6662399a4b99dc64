package redisvalue

import (
	"math"
	"strconv"
)

// Positions have these bounds, as in Redis: there is nothing around the poles.
const (
	MaxLongitude = 180.0
	MaxLatitude  = 85.05112878
)

// EarthRadius is in metres, and that of Redis.
const EarthRadius = 6372797.560856

// GeoSteps is how often the world is halved in both directions until a position has a
// cell of its own, of some half a metre.
const GeoSteps = 26

// GeoPoint is a position in degrees.
type GeoPoint struct{ Longitude, Latitude float64 }

// Score is the number of the point's cell.
func (p GeoPoint) Score() float64 { return float64(GeoCell(p.Column(GeoSteps), p.Row(GeoSteps))) }

// Column is which of 2^steps columns the point lies in, from the west.
func (p GeoPoint) Column(steps int) uint32 { return place(p.Longitude, MaxLongitude, steps) }

// Row is which of 2^steps rows the point lies in, from the south.
func (p GeoPoint) Row(steps int) uint32 { return place(p.Latitude, MaxLatitude, steps) }

func place(degrees, limit float64, steps int) uint32 {
	return uint32((degrees + limit) / (limit + limit) * float64(uint64(1)<<steps))
}

// GeoCell is the number of a cell: the bits of its column and of its row by turns.
func GeoCell(column, row uint32) uint64 { return spread(column)<<1 | spread(row) }

// PointOf is the middle of the cell whose number is score. Of a score that is no such
// number it makes the point that Redis does.
func PointOf(score float64) GeoPoint {
	cell := cellOf(score)
	return GeoPoint{middle(gather(cell>>1), MaxLongitude), middle(gather(cell), MaxLatitude)}
}

// cellOf is the integer that a score is. Neither C nor Go say what that is of a score that
// is out of bounds; this is what comes out of Redis on amd64.
func cellOf(score float64) uint64 {
	const half = 1 << 63
	switch {
	case score >= -half && score < half:
		return uint64(int64(score))
	case score >= half && score < 2*half:
		return half + uint64(score-half)
	case score > 0:
		return 0
	default:
		return half
	}
}

// middle is that between the edges of a row or a column. The last of 32 bits has none
// behind it but the first, as in Redis.
func middle(place uint32, limit float64) float64 {
	degrees := (GeoEdge(place, limit, GeoSteps) + GeoEdge(place+1, limit, GeoSteps)) / 2
	return max(-limit, min(degrees, limit))
}

// GeoEdge is where one of 2^steps rows or columns begins, in degrees between -limit and
// limit, rounded as Redis does.
func GeoEdge(place uint32, limit float64, steps int) float64 {
	return float64(float64(place)/float64(uint64(1)<<steps)*(limit+limit)) - limit // float64 forbids to round but once
}

// masks keep every second bit, every second pair of bits, and so on.
var masks = [...]uint64{0x5555555555555555, 0x3333333333333333, 0x0f0f0f0f0f0f0f0f, 0x00ff00ff00ff00ff, 0x0000ffff0000ffff, math.MaxUint32}

// spread puts a zero in front of every bit.
func spread(bits uint32) uint64 {
	wide := uint64(bits)
	for i := len(masks) - 2; i >= 0; i-- {
		wide = (wide | wide<<(1<<i)) & masks[i]
	}
	return wide
}

// gather is what spread makes undone.
func gather(wide uint64) uint32 {
	wide &= masks[0]
	for i, mask := range masks[1:] {
		wide = (wide | wide>>(1<<i)) & mask
	}
	return uint32(wide)
}

// Distance is that along the surface of the earth, in metres.
func (p GeoPoint) Distance(q GeoPoint) float64 {
	v := math.Sin((Radians(q.Longitude) - Radians(p.Longitude)) / 2)
	if v == 0 {
		return p.Northward(q)
	}
	u := math.Sin((Radians(q.Latitude) - Radians(p.Latitude)) / 2)
	a := float64(u*u) + float64(math.Cos(Radians(p.Latitude))*math.Cos(Radians(q.Latitude))*v*v)
	return 2 * EarthRadius * math.Asin(min(math.Sqrt(a), 1))
}

// Northward is the distance of the latitudes, in metres.
func (p GeoPoint) Northward(q GeoPoint) float64 {
	return EarthRadius * math.Abs(Radians(q.Latitude)-Radians(p.Latitude))
}

// Radians makes radians of degrees.
func Radians(degrees float64) float64 { return float64(degrees * (math.Pi / 180)) }

// Printed is the point to as many places as Redis prints of it.
func (p GeoPoint) Printed() GeoPoint {
	return GeoPoint{rounded(p.Longitude, 17), rounded(p.Latitude, 17)}
}

// PrintedDistance is a distance to as many places as Redis prints of it.
func PrintedDistance(metres float64) float64 { return rounded(metres, 4) }

func rounded(number float64, places int) float64 {
	short, _ := strconv.ParseFloat(strconv.FormatFloat(number, 'f', places, 64), 64)
	return short
}
