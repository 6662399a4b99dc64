package kv

import (
	"context"
	"math"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/dsl"
)

// Geo declares strings with positions on the earth.
func Geo(options ...ElementOption) Schema[GeoField] { return GeoOf[string](options...) }

// Geo adds strings with positions to the store.
func (s StaticSchema) Geo[H interface{ GeoField }](key Key[H], options ...ElementOption) StaticSchema {
	return s.Field(Key[GeoField](key), Geo(options...))
}

// GeoOf declares members of type T with positions on the earth. T is what the members of
// a set may be; see SetOf.
func GeoOf[T any](options ...ElementOption) Schema[GeoFieldOf[T]] {
	return elements[T](dsl.Geo, options, func(f Field, _ declaration) GeoFieldOf[T] {
		return GeoFieldOf[T]{scoredField[T]{f}}
	})
}

// GeoOf adds members of type T with positions to the store.
func (s StaticSchema) GeoOf[T any](key Key[GeoFieldOf[T]], options ...ElementOption) StaticSchema {
	return s.Field(key, GeoOf[T](options...))
}

// GeoField is the handle of strings with positions.
type GeoField = GeoFieldOf[string]

// GeoFieldOf is the handle of members of type T with positions. Absent, there are no
// members, and without members it is absent. Positions are kept to within some half a
// metre, and distances are those on a sphere, which the earth is to within half a percent.
// A member that cannot be written and a position that is none are ErrInvalid; a member
// found stored that is no T is ErrCorrupt.
//
// In Redis: [GEOADD], [GEOPOS], [GEODIST], [GEOSEARCH], [ZRANGE], [ZREM], [ZCARD].
//
// [GEOADD]: https://redis.io/docs/latest/commands/geoadd/
// [GEOPOS]: https://redis.io/docs/latest/commands/geopos/
// [GEODIST]: https://redis.io/docs/latest/commands/geodist/
// [GEOSEARCH]: https://redis.io/docs/latest/commands/geosearch/
// [ZRANGE]: https://redis.io/docs/latest/commands/zrange/
// [ZREM]: https://redis.io/docs/latest/commands/zrem/
// [ZCARD]: https://redis.io/docs/latest/commands/zcard/
type GeoFieldOf[T any] struct{ scoredField[T] }

// Position is a place on the earth, in degrees: longitudes from -180 to 180, latitudes
// from -85.05112878 to 85.05112878.
type Position struct{ Longitude, Latitude float64 }

// Distance is in metres. Divided by a unit it is a number of these: d / kv.Kilometre.
type Distance float64

// The units of distances.
const (
	Metre     Distance = 1
	Kilometre          = 1000 * Metre
	Mile               = 1609.34 * Metre
	Foot               = 0.3048 * Metre
)

// Located is a member with its position.
type Located[T any] struct {
	Member T
	Position
	Distance Distance // from the middle of a search
}

// GeoArea is a circle or a box around a middle, and which of the members in it are found.
type GeoArea struct {
	extent   drivers.GeoExtent
	farthest bool
	limit    int
}

// Circle is the area that is no farther than radius from its middle.
func Circle(radius Distance) GeoArea {
	return GeoArea{extent: drivers.GeoExtent{Radius: float64(radius)}}
}

// Box is the area that is no farther than half of width to the west and the east of its
// middle, and half of height to the north and the south.
func Box(width, height Distance) GeoArea {
	return GeoArea{extent: drivers.GeoExtent{Width: float64(width), Height: float64(height)}}
}

// Limit is the same area, of which at most n members are found: the nearest, or the
// farthest; all if n is 0.
func (a GeoArea) Limit(n int) GeoArea {
	a.limit = n
	return a
}

// Farthest is the same area, of which the farthest members are found first.
func (a GeoArea) Farthest() GeoArea {
	a.farthest = true
	return a
}

// Add puts members at their positions, and returns how many were new. One round trip
// (GEOADD; with a TTL in the schema, a script).
func (f GeoFieldOf[T]) Add(ctx context.Context, members ...Located[T]) (int, error) {
	names, points := split(members)
	texts, err := textsOf(f.at, "Add", names)
	if len(texts) == 0 || err != nil {
		return 0, err
	}
	cmd := drivers.GeoAdd(texts, points)
	return f.at.doInt(ctx, "Add", f.at.changing(&cmd))
}

func split[T any](members []Located[T]) (names []T, points []drivers.GeoPoint) {
	for _, located := range members {
		names, points = append(names, located.Member), append(points, drivers.GeoPoint(located.Position))
	}
	return names, points
}

// Read is all members, those that are near to each other mostly in a row. One round trip (ZRANGE).
func (f GeoFieldOf[T]) Read(ctx context.Context) ([]Located[T], error) {
	reply, err := f.at.do(ctx, "Read", &drivers.Command{Op: drivers.OpZRange, Stop: -1})
	if err != nil {
		return nil, err
	}
	members, err := f.readFrom(reply)
	if err != nil {
		return nil, f.at.fail("Read", err)
	}
	return members, nil
}

func (f GeoFieldOf[T]) readBy() drivers.Command {
	return drivers.Command{Op: drivers.OpZRange, Stop: -1}
}

func (f GeoFieldOf[T]) readFrom(reply drivers.Reply) ([]Located[T], error) {
	scored, err := f.scoredAll(reply)
	if err != nil {
		return nil, err
	}
	members := make([]Located[T], len(scored))
	for i, at := range scored {
		members[i] = Located[T]{Member: at.Member, Position: Position(drivers.PointOf(at.Score))}
	}
	return members, nil
}

// Write replaces all members, in one step. Without members there is nothing afterwards; of
// a member that comes twice the last position counts. A TTL that is there is kept unless
// the schema or an option says otherwise; a condition that does not hold is
// ErrConditionFailed. One round trip (a script: ZRANGE, ZADD, ZREM, PEXPIRE), which takes
// the longer the more members there are and were.
func (f GeoFieldOf[T]) Write(ctx context.Context, members []Located[T], options ...WriteOption) error {
	names, points := split(members)
	texts, err := textsOf(f.at, "Write", names)
	if err != nil {
		return err
	}
	cmd := drivers.Command{Op: drivers.OpZReplace, Values: texts}
	for _, point := range points {
		if err := point.Check(); err != nil {
			return f.at.fail("Write", err)
		}
		cmd.Scores = append(cmd.Scores, point.Score())
	}
	return f.at.write(ctx, "Write", &cmd, options)
}

// Position is where member is, or ErrNotFound. One round trip (GEOPOS).
func (f GeoFieldOf[T]) Position(ctx context.Context, member T) (Position, error) {
	text, err := textOf(f.at, "Position", member)
	if err != nil {
		return Position{}, err
	}
	reply, err := f.at.do(ctx, "Position", &drivers.Command{Op: drivers.OpGeoPos, Values: []string{text}})
	switch {
	case err != nil:
		return Position{}, err
	case math.IsNaN(reply.Floats[0]):
		return Position{}, f.at.fail("Position", ErrNotFound)
	}
	return Position{reply.Floats[0], reply.Floats[1]}, nil
}

// Distance is how far two members are from each other, or ErrNotFound if one of them is
// not there. One round trip (GEODIST).
func (f GeoFieldOf[T]) Distance(ctx context.Context, one, other T) (Distance, error) {
	texts, err := textsOf(f.at, "Distance", []T{one, other})
	if err != nil {
		return 0, err
	}
	reply, err := f.at.do(ctx, "Distance", &drivers.Command{Op: drivers.OpGeoDist, Values: texts})
	if err == nil && reply.Nil {
		err = f.at.fail("Distance", ErrNotFound)
	}
	return Distance(reply.Float), err
}

// Search is the members in an area around a position, the nearest first. An extent or a
// limit that makes no sense is ErrInvalid. Redis, and the memory driver with it, misses
// members at the longitude 180 or the latitude 85.05112878 exactly, which -180 and a
// slightly lesser latitude avoid; members just across that edge from a middle that lies on
// it; and some members to the west and the east of a middle above 78.7°, where the area
// reaches beyond the pole. One round trip (GEOSEARCH).
func (f GeoFieldOf[T]) Search(ctx context.Context, middle Position, area GeoArea) ([]Located[T], error) {
	cmd := drivers.GeoSearch(drivers.GeoPoint(middle), area.extent, int64(area.limit), area.farthest)
	return f.search(ctx, "Search", &cmd)
}

// SearchAround is Search around the position of a member, itself included, or ErrNotFound
// if that is not there. One round trip (GEOSEARCH).
func (f GeoFieldOf[T]) SearchAround(ctx context.Context, member T, area GeoArea) ([]Located[T], error) {
	text, err := textOf(f.at, "SearchAround", member)
	if err != nil {
		return nil, err
	}
	cmd := drivers.GeoSearchAround(text, area.extent, int64(area.limit), area.farthest)
	return f.search(ctx, "SearchAround", &cmd)
}

func (f GeoFieldOf[T]) search(ctx context.Context, op string, cmd *drivers.Command) ([]Located[T], error) {
	reply, err := f.at.do(ctx, op, cmd)
	switch {
	case err != nil:
		return nil, err
	case reply.Nil:
		return nil, f.at.fail(op, ErrNotFound)
	}
	members, err := codecOf[T](f.at).DecodeAll(reply.Values)
	if err != nil {
		return nil, f.at.fail(op, err)
	}
	found := make([]Located[T], len(members))
	for i, member := range members {
		at := reply.Floats[3*i:]
		found[i] = Located[T]{member, Position{at[1], at[2]}, Distance(at[0])}
	}
	return found, nil
}
