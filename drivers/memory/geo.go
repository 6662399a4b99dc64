package memory

import (
	"cmp"
	"math"
	"slices"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/drivers/internal/redisvalue"
)

// geoHandlers are those of sorted sets of positions.
func geoHandlers() handlers {
	return handlers{
		{drivers.OpGeoAdd, handler{write: geoAdd}},
		{drivers.OpGeoPos, handler{read: geoPos}},
		{drivers.OpGeoDist, handler{read: geoDist}},
		{drivers.OpGeoSearch, handler{read: geoSearch}},
	}
}

// geoAdd is zAdd with the numbers of the members' cells for scores.
func geoAdd(ks keyspace, cmd drivers.Command) (drivers.Reply, error) {
	positions, scores := cmd.Scores(), make([]float64, len(cmd.Values))
	cmd.OwnExtra().Scores = scores
	for i := range cmd.Values {
		scores[i] = redisvalue.GeoPoint{Longitude: positions[2*i], Latitude: positions[2*i+1]}.Score()
	}
	return zAdd(ks, cmd)
}

// point is where a member is.
func (z *sortedSet) point(member string) (point redisvalue.GeoPoint, there bool) {
	score, there := z.score(member)
	return redisvalue.PointOf(score), there
}

func geoPos(e *entry, _ int64, cmd drivers.Command) (drivers.Reply, error) {
	z, err := sortedSetOf(e)
	if err != nil {
		return drivers.Reply{}, err
	}
	floats := make([]float64, 0, 2*len(cmd.Values))
	for _, member := range cmd.Values {
		point, there := z.point(member)
		if point = point.Printed(); !there {
			point = redisvalue.GeoPoint{Longitude: math.NaN(), Latitude: math.NaN()}
		}
		floats = append(floats, point.Longitude, point.Latitude)
	}
	return drivers.Reply{Floats: floats}, nil
}

func geoDist(e *entry, _ int64, cmd drivers.Command) (drivers.Reply, error) {
	z, err := sortedSetOf(e)
	if err != nil {
		return drivers.Reply{}, err
	}
	one, there := z.point(cmd.Values[0])
	other, too := z.point(cmd.Values[1])
	if !there || !too {
		return drivers.Reply{Nil: true}, nil
	}
	return drivers.Reply{Float: redisvalue.PrintedDistance(one.Distance(other))}, nil
}

// found is a member within an area.
type found struct {
	distance float64
	member   string
	point    redisvalue.GeoPoint
}

func geoSearch(e *entry, _ int64, cmd drivers.Command) (drivers.Reply, error) {
	z, err := sortedSetOf(e)
	if err != nil {
		return drivers.Reply{}, err
	}
	area := area{redisvalue.GeoPoint(cmd.Middle()), cmd.Extent()}
	if member, around := cmd.MiddleMember(); around {
		var there bool
		if area.middle, there = z.point(member); !there {
			return drivers.Reply{Nil: true}, nil
		}
	}
	all := z.within(area)
	slices.SortFunc(all, func(a, b found) int {
		nearer := cmp.Or(cmp.Compare(a.distance, b.distance), cmp.Compare(a.member, b.member))
		if cmd.Farthest() {
			return -nearer
		}
		return nearer
	})
	if cmd.Amount > 0 {
		all = all[:min(int64(len(all)), cmd.Amount)]
	}
	reply := drivers.Reply{Values: make([]string, 0, len(all)), Floats: make([]float64, 0, 3*len(all))}
	for _, f := range all {
		point := f.point.Printed()
		reply.Values = append(reply.Values, f.member)
		reply.Floats = append(reply.Floats, redisvalue.PrintedDistance(f.distance), point.Longitude, point.Latitude)
	}
	return reply, nil
}

// within is the members in an area that are in the cells where it looks for them.
func (z *sortedSet) within(a area) []found {
	var all []found
	steps, cells := a.cells()
	width := 2 * (redisvalue.GeoSteps - steps) // of the part of a score that says where in the cell
	for _, cell := range cells {
		low, high := float64(cell<<width), float64((cell+1)<<width)
		z.order.ascend(z.order.rank(func(s scored) bool { return s.score < low }), func(s scored) bool {
			if s.score >= high {
				return false
			}
			point := redisvalue.PointOf(s.score)
			if distance, inside := a.distance(point); inside {
				all = append(all, found{distance, s.member, point})
			}
			return true
		})
	}
	return all
}
