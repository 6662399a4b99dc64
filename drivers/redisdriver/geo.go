package redisdriver

import (
	"context"
	"math"

	"github.com/redis/go-redis/v9"

	"github.com/kvstore-go/kvstore/drivers"
)

// geoOperations are those of sorted sets of positions.
var geoOperations = operations{
	drivers.OpGeoAdd:    {args: geoAddArgs, reply: integer, starts: ownKey, each: 3},
	drivers.OpGeoPos:    {args: withValues("geopos"), reply: points},
	drivers.OpGeoDist:   {args: geoDistArgs, reply: float},
	drivers.OpGeoSearch: {args: geoSearchArgs, reply: places},
}

var (
	// points are pairs of coordinates, NaN where there is none.
	points = shape{newPoints, func(_ drivers.Command, answer redis.Cmder) drivers.Reply {
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
	places = shape{newSlice, func(cmd drivers.Command, answer redis.Cmder) drivers.Reply {
		found := answer.(*redis.SliceCmd).Val()
		reply := drivers.Reply{Nil: len(cmd.Values) == 1 && len(found) == 0}
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

func geoAddArgs(cmd drivers.Command) []any {
	if len(cmd.Values) == 1 && cmd.If == drivers.Always && cmd.Amount == 0 {
		s := &short{texts: [2]string{cmd.Values[0]}, floats: [2]float64(cmd.Scores)}
		return append(s.args[:0], "geoadd", cmd.Key, &s.floats[0], &s.floats[1], &s.texts[0])
	}
	args := append(make([]any, 0, 4+3*len(cmd.Values)), "geoadd", cmd.Key)
	if cmd.If != drivers.Always {
		args = append(args, conditionNames[cmd.If])
	}
	if cmd.Amount == 1 {
		args = append(args, "ch")
	}
	own := append(make([]string, 0, len(cmd.Values)), cmd.Values...)
	for i := range own {
		args = append(args, cmd.Scores[2*i], cmd.Scores[2*i+1], &own[i])
	}
	return args
}

func geoDistArgs(cmd drivers.Command) []any {
	return []any{"geodist", cmd.Key, cmd.Values[0], cmd.Values[1]}
}

func geoSearchArgs(cmd drivers.Command) []any {
	args := append(make([]any, 0, 14), "geosearch", cmd.Key)
	if len(cmd.Values) == 1 {
		args = append(args, "frommember", cmd.Values[0])
	} else {
		args = append(args, "fromlonlat", cmd.Scores[0], cmd.Scores[1])
	}
	if len(cmd.Scores) == 3 {
		args = append(args, "byradius", cmd.Scores[2], "m")
	} else {
		args = append(args, "bybox", cmd.Scores[2], cmd.Scores[3], "m")
	}
	if cmd.Reverse {
		args = append(args, "desc")
	} else {
		args = append(args, "asc")
	}
	if cmd.Amount > 0 {
		args = append(args, "count", cmd.Amount)
	}
	return append(args, "withdist", "withcoord")
}
