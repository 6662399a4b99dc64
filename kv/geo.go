package kv

import (
	"context"
	"math"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/dsl"
	"github.com/kvstore-go/kvstore/kv/internal/gotext"
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
	node, all := elementsNode(dsl.Geo, typeOf((*T)(nil)), options)
	all.all = func(reply drivers.Reply, into any) (err error) {
		*into.(*[]Located[T]), err = decodeLocated[T](all.codec, reply)
		return err
	}
	return fieldSchema[GeoFieldOf[T]](node, all)
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
type GeoFieldOf[T any] struct{ Field }

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
	texts, points, err := textsOfLocated(&f.at, "Add", members)
	return f.at.addLocated(ctx, texts, points, err)
}

func (k *keyRef) addLocated(ctx context.Context, texts []string, points []drivers.GeoPoint, err error) (int, error) {
	if len(texts) == 0 || err != nil {
		return 0, err
	}
	cmd := drivers.GeoAdd(texts, points)
	return k.doInt(ctx, "Add", k.changing(&cmd))
}

// textsOfLocated is what is stored of members, unless the handle carries an error.
func textsOfLocated[T any](at *keyRef, op string, members []Located[T]) (texts []string, points []drivers.GeoPoint, err error) {
	names := make([]T, len(members))
	points = make([]drivers.GeoPoint, len(members))
	for i, located := range members {
		names[i], points[i] = located.Member, drivers.GeoPoint(located.Position)
	}
	texts, err = textsOf(at, op, names)
	return texts, points, err
}

// Len is the number of members. One round trip (ZCARD).
func (f GeoFieldOf[T]) Len(ctx context.Context) (int, error) { return f.at.countScored(ctx) }

// Remove takes members out and returns how many were there. One round trip (ZREM).
func (f GeoFieldOf[T]) Remove(ctx context.Context, members ...T) (int, error) {
	texts, err := textsOf(&f.at, "Remove", members)
	return f.at.removeElements(ctx, drivers.OpZRem, texts, err)
}

// Read is all members, those that are near to each other mostly in a row. One round trip (ZRANGE).
func (f GeoFieldOf[T]) Read(ctx context.Context) ([]Located[T], error) {
	reply, err := f.at.do(ctx, "Read", &drivers.Command{Op: drivers.OpZRange, Stop: -1})
	if err != nil {
		return nil, err
	}
	members, err := decodeLocated[T](f.at.elements().codec, reply)
	if err != nil {
		return nil, f.at.fail("Read", err)
	}
	return members, nil
}

func (f GeoFieldOf[T]) whole(*[]Located[T]) {}

// decodeLocated never answers nil: empty, it is [] in JSON.
func decodeLocated[T any](codec *gotext.Codec, reply drivers.Reply) ([]Located[T], error) {
	names, err := codec.DecodeAll[T](reply.Values)
	if err != nil {
		return nil, err
	}
	members := make([]Located[T], len(names))
	for i, name := range names {
		members[i] = Located[T]{Member: name, Position: Position(drivers.PointOf(reply.Floats[i]))}
	}
	return members, nil
}

// Write replaces all members, in one step. Without members there is nothing afterwards; of
// a member that comes twice the last position counts. A TTL that is there is kept unless
// the schema or an option says otherwise; a condition that does not hold is
// ErrConditionFailed. One round trip (a script: ZRANGE, ZADD, ZREM, PEXPIRE), which takes
// the longer the more members there are and were.
func (f GeoFieldOf[T]) Write(ctx context.Context, members []Located[T], options ...WriteOption) error {
	texts, points, err := textsOfLocated(&f.at, "Write", members)
	return f.at.writeLocated(ctx, texts, points, options, err)
}

func (k *keyRef) writeLocated(ctx context.Context, texts []string, points []drivers.GeoPoint, options []WriteOption, err error) error {
	if err != nil {
		return err
	}
	scores := make([]float64, len(points))
	for i, point := range points {
		if err := point.Check(); err != nil {
			return k.fail("Write", err)
		}
		scores[i] = point.Score()
	}
	return k.writeScored(ctx, texts, scores, options, nil)
}

// Position is where member is, or ErrNotFound. One round trip (GEOPOS).
func (f GeoFieldOf[T]) Position(ctx context.Context, member T) (Position, error) {
	text, err := textOf(&f.at, "Position", member)
	return f.at.position(ctx, text, err)
}

func (k *keyRef) position(ctx context.Context, text string, err error) (Position, error) {
	if err != nil {
		return Position{}, err
	}
	reply, err := k.do(ctx, "Position", &drivers.Command{Op: drivers.OpGeoPos, Values: []string{text}})
	switch {
	case err != nil:
		return Position{}, err
	case math.IsNaN(reply.Floats[0]):
		return Position{}, k.missing("Position", text)
	}
	return Position{reply.Floats[0], reply.Floats[1]}, nil
}

// Distance is how far two members are from each other, or ErrNotFound if one of them is
// not there. One round trip (GEODIST).
func (f GeoFieldOf[T]) Distance(ctx context.Context, one, other T) (Distance, error) {
	texts, err := textsOf(&f.at, "Distance", []T{one, other})
	return f.at.distance(ctx, texts, err)
}

func (k *keyRef) distance(ctx context.Context, texts []string, err error) (Distance, error) {
	reply, err := k.ofScored(ctx, "Distance", &drivers.Command{Op: drivers.OpGeoDist, Values: texts}, err)
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
	return locatedOf[T](ctx, &f.at, "Search", &cmd)
}

// SearchAround is Search around the position of a member, itself included, or ErrNotFound
// if that is not there. One round trip (GEOSEARCH).
func (f GeoFieldOf[T]) SearchAround(ctx context.Context, member T, area GeoArea) ([]Located[T], error) {
	text, err := textOf(&f.at, "SearchAround", member)
	if err != nil {
		return nil, err
	}
	cmd := drivers.GeoSearchAround(text, area.extent, int64(area.limit), area.farthest)
	return locatedOf[T](ctx, &f.at, "SearchAround", &cmd)
}

// locatedOf executes a command that is answered with members that are found.
func locatedOf[T any](ctx context.Context, at *keyRef, op string, cmd *drivers.Command) ([]Located[T], error) {
	reply, err := at.ofScored(ctx, op, cmd, nil)
	members, err := elementsOf[T](at, op, reply.Values, err)
	if err != nil {
		return nil, err
	}
	found := make([]Located[T], len(members))
	for i, member := range members {
		near := reply.Floats[3*i:]
		found[i] = Located[T]{member, Position{near[1], near[2]}, Distance(near[0])}
	}
	return found, nil
}
