package drivers

// ZAddChanged is an OpZAdd whose reply counts the members that have another score now, too
// (ZADD CH). What it adds is to be put in.
func ZAddChanged(condition Condition) Command {
	return Command{Op: OpZAdd, If: condition, Amount: 1}
}

// ZIncrBy is an OpZIncrBy.
func ZIncrBy(member string, increment float64) Command {
	return Command{Op: OpZIncrBy, Value: member, Extra: &Extra{Scores: []float64{increment}}}
}

// ZCombine is an OpZUnion or OpZInter of Key and others, or an OpZUnionStore or OpZInterStore of
// others alone. Without weights, one for each set, all have that of 1; the aggregate is SUM,
// MIN or MAX, SUM if it is empty.
func ZCombine(op Op, others []string, weights []float64, aggregate string) Command {
	return Command{Op: op, Extra: &Extra{Keys: others, Scores: weights}, Value: aggregate}
}

// CountsChanged reports whether the reply of an OpZAdd or OpGeoAdd counts the members that
// have another score now, too.
func (c *Command) CountsChanged() bool { return c.Amount == 1 }

// ScoreIncrement is what an OpZIncrBy adds to a score.
func (c *Command) ScoreIncrement() float64 { return c.Scores()[0] }

// Skip is how many members of its range an OpZRangeByScore or OpZRangeByLex passes over.
func (c *Command) Skip() int64 { return c.Start }

// SetSkip makes it pass over so many.
func (c *Command) SetSkip(members int64) { c.Start = members }

// Weights are those of the sets that an OpZUnion, OpZInter or their …Store combines; none
// where all have that of 1. See Weighed.
func (c *Command) Weights() []float64 { return c.Scores() }

// Aggregation is how they make one score of two; empty for SUM. See Aggregate.
func (c *Command) Aggregation() string { return c.Value }

// GeoExtent is a circle or a box around a middle, in metres: the circle of Radius, unless that is
// 0.
type GeoExtent struct{ Radius, Width, Height float64 }

// GeoAdd is an OpGeoAdd of members, each with a position.
func GeoAdd(members []string, positions []GeoPoint) Command {
	scores := make([]float64, 0, 2*len(positions))
	for _, position := range positions {
		scores = append(scores, position.Longitude, position.Latitude)
	}
	return Command{Op: OpGeoAdd, Values: members, Extra: &Extra{Scores: scores}}
}

// GeoSearch is an OpGeoSearch around a position for the nearest count members, or the farthest,
// or all if it is 0.
func GeoSearch(middle GeoPoint, extent GeoExtent, count int64, farthest bool) Command {
	numbers := []float64{middle.Longitude, middle.Latitude, extent.Radius}
	if extent.Radius == 0 {
		numbers = []float64{middle.Longitude, middle.Latitude, extent.Width, extent.Height}
	}
	return Command{Op: OpGeoSearch, Extra: &Extra{Scores: numbers}, Amount: count, Reverse: farthest}
}

// GeoSearchAround is GeoSearch around a member.
func GeoSearchAround(member string, extent GeoExtent, count int64, farthest bool) Command {
	cmd := GeoSearch(GeoPoint{}, extent, count, farthest)
	cmd.Values = []string{member}
	return cmd
}

// Position is where an OpGeoAdd puts the member of a place in Values.
func (c *Command) Position(place int) GeoPoint {
	return GeoPoint{Longitude: c.Scores()[2*place], Latitude: c.Scores()[2*place+1]}
}

// MiddleMember is the member around which an OpGeoSearch looks, unless it does around Middle.
func (c *Command) MiddleMember() (member string, is bool) {
	if len(c.Values) != 1 {
		return "", false
	}
	return c.Values[0], true
}

// Middle is the position around which an OpGeoSearch looks, unless it does around MiddleMember.
func (c *Command) Middle() GeoPoint { return c.Position(0) }

// Extent is how far an OpGeoSearch looks.
func (c *Command) Extent() GeoExtent {
	if len(c.Scores()) == 3 {
		return GeoExtent{Radius: c.Scores()[2]}
	}
	return GeoExtent{Width: c.Scores()[2], Height: c.Scores()[3]}
}

// Farthest reports whether an OpGeoSearch begins with the farthest members.
func (c *Command) Farthest() bool { return c.Reverse }
