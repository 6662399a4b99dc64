package redisdriver

import (
	"context"
	"math"

	"github.com/redis/go-redis/v9"

	"github.com/kvstore-go/kvstore/drivers"
)

// geoHandlers are those of sorted sets of positions.
var geoHandlers = handlers{
	{drivers.OpGeoAdd, handler{call: geoAddCall, reply: integer, expires: ownKey, perValue: 3}},
	{drivers.OpGeoPos, handler{call: withValues("geopos"), reply: points}},
	{drivers.OpGeoDist, handler{call: geoDistCall, reply: float}},
	{drivers.OpGeoSearch, handler{call: geoSearchCall, reply: places}},
}

var (
	// points are pairs of coordinates, NaN where there is none.
	points = replyType{command: newPoints, read: func(answer redis.Cmder) drivers.Reply {
		found := answer.(*redis.GeoPosCmd).Val()
		floats := make([]float64, 0, 2*len(found))
		for _, point := range found {
			if point == nil {
				point = &redis.GeoPos{Longitude: math.NaN(), Latitude: math.NaN()}
			}
			floats = append(floats, point.Longitude, point.Latitude)
		}
		return drivers.Reply{Floats: floats}
	}}
	// places are members with a distance and a position each. Where a member is in the
	// middle, none at all says that there is no sorted set.
	places = replyType{command: newSlice, readFor: func(cmd drivers.Command, answer redis.Cmder) drivers.Reply {
		found := answer.(*redis.SliceCmd).Val()
		_, around := cmd.MiddleMember()
		reply := drivers.Reply{Nil: around && len(found) == 0}
		for _, place := range found {
			if place, ok := place.([]any); ok && len(place) == 3 {
				member, _ := place[0].(string)
				reply.Values = append(reply.Values, member)
				reply.Floats = appendPoint(append(reply.Floats, numberIn(place[1])), place[2])
			}
		}
		return reply
	}}
)

func newPoints(ctx context.Context, args []any) redis.Cmder {
	return redis.NewGeoPosCmd(ctx, args...)
}

func appendPoint(floats []float64, answer any) []float64 {
	if point, ok := answer.([]any); ok && len(point) == 2 {
		return append(floats, numberIn(point[0]), numberIn(point[1]))
	}
	return append(floats, math.NaN(), math.NaN())
}

func geoAddCall(cmd drivers.Command) call {
	if len(cmd.Values) == 1 && cmd.If == drivers.Always && !cmd.CountsChanged() {
		s, at := &smallCall{texts: [2]string{cmd.Values[0]}}, cmd.Position(0)
		s.floats = [2]float64{at.Longitude, at.Latitude}
		return s.command("geoadd", cmd.Key, &s.floats[0], &s.floats[1], &s.texts[0])
	}
	c := addOptions(commandWith(2+3*len(cmd.Values), "geoadd", cmd.Key), cmd)
	own := append(make([]string, 0, len(cmd.Values)), cmd.Values...)
	for i := range own {
		at := cmd.Position(i)
		c = c.and(at.Longitude, at.Latitude, &own[i])
	}
	return c
}

func geoDistCall(cmd drivers.Command) call {
	return command("geodist", cmd.Key, cmd.Values[0], cmd.Values[1])
}

func geoSearchCall(cmd drivers.Command) call {
	c := commandWith(12, "geosearch", cmd.Key)
	if member, around := cmd.MiddleMember(); around {
		c = c.and("frommember", member)
	} else {
		middle := cmd.Middle()
		c = c.and("fromlonlat", middle.Longitude, middle.Latitude)
	}
	if extent := cmd.Extent(); extent.Radius != 0 {
		c = c.and("byradius", extent.Radius, "m")
	} else {
		c = c.and("bybox", extent.Width, extent.Height, "m")
	}
	if cmd.Farthest() {
		c = c.and("desc")
	} else {
		c = c.and("asc")
	}
	if cmd.Amount > 0 {
		c = c.and("count", cmd.Amount)
	}
	return c.and("withdist", "withcoord")
}
