package drivers

import (
	"math"

	"github.com/kvstore-go/kvstore/drivers/internal/redisvalue"
)

// Positions have these bounds, as in Redis: there is nothing around the poles.
const (
	MaxLongitude = redisvalue.MaxLongitude // 180
	MaxLatitude  = redisvalue.MaxLatitude  // 85.05112878
)

// GeoPoint is a position in degrees.
type GeoPoint struct{ Longitude, Latitude float64 }

// Score is what OpGeoAdd gives a member at the point for a score: the number of its cell.
func (p GeoPoint) Score() float64 { return redisvalue.GeoPoint(p).Score() }

// PointOf is the position that OpGeoPos answers for a member of this score: the middle of a
// cell of some half a metre, as Redis prints it. Of a score that is no cell it makes the point that Redis does.
func PointOf(score float64) GeoPoint { return GeoPoint(redisvalue.PointOf(score).Printed()) }

// geoOps are the Ops on sorted sets of positions.
var geoOps = family{
	{OpGeoAdd, operation{name: "GEOADD", effect: Writes, keeps: true, checks: checks{checkCondition, checkPositions, checkChanged, checkExpiry}, reach: ReachScores, elements: valuesOf}},
	{OpGeoPos, operation{name: "GEOPOS", checks: checks{checkValues}, reach: ReachScores, elements: valuesOf}},
	{OpGeoDist, operation{name: "GEODIST", checks: checks{checkTwo}, reach: ReachScores, elements: valuesOf}},
	{OpGeoSearch, operation{name: "GEOSEARCH", checks: checks{checkArea, checkCount}}},
}

// checkPositions refuses a command without members, or not with a position for each.
func checkPositions(cmd Command) error {
	if err := checkValues(cmd); err != nil {
		return err
	}
	if len(cmd.Scores()) != 2*len(cmd.Values) {
		return Errorf(ErrInvalid, "%d members with %d coordinates", len(cmd.Values), len(cmd.Scores()))
	}
	for i := range cmd.Values {
		if err := cmd.Position(i).Check(); err != nil {
			return err
		}
	}
	return nil
}

// Check refuses a point out of bounds, as ErrInvalid. NaN is within none.
func (p GeoPoint) Check() error {
	if math.Abs(p.Longitude) <= MaxLongitude && math.Abs(p.Latitude) <= MaxLatitude {
		return nil
	}
	return Errorf(ErrInvalid, "no position: longitude %v, latitude %v", p.Longitude, p.Latitude)
}

func checkTwo(cmd Command) error {
	if len(cmd.Values) != 2 {
		return Errorf(ErrInvalid, "a distance between %d members", len(cmd.Values))
	}
	return nil
}

// checkArea refuses an area without a middle or an extent.
func checkArea(cmd Command) error {
	if len(cmd.Values) > 1 || len(cmd.Scores()) != 3 && len(cmd.Scores()) != 4 {
		return Errorf(ErrInvalid, "an area around %d members, of %d numbers", len(cmd.Values), len(cmd.Scores()))
	}
	for _, extent := range cmd.Scores()[2:] {
		if !(extent > 0) || math.IsInf(extent, 0) {
			return Errorf(ErrInvalid, "an area of %v metres", extent)
		}
	}
	if len(cmd.Values) == 1 {
		return nil
	}
	return cmd.Middle().Check()
}
