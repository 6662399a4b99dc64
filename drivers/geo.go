package drivers

import "math"

// geoOps are the Ops on sorted sets of positions.
var geoOps = family{
	OpGeoAdd:    {name: "GEOADD", effect: Writes, check: all(checkCondition, checkPositions, checkChanged, checkExpiry), reach: ReachScores, elements: valuesOf},
	OpGeoPos:    {name: "GEOPOS", check: checkValues, reach: ReachScores, elements: valuesOf},
	OpGeoDist:   {name: "GEODIST", check: checkTwo, reach: ReachScores, elements: valuesOf},
	OpGeoSearch: {name: "GEOSEARCH", check: all(checkArea, checkCount)},
}

// checkPositions refuses a command without members, or not with a position for each.
func checkPositions(cmd Command) error {
	if err := checkValues(cmd); err != nil {
		return err
	}
	if len(cmd.Scores) != 2*len(cmd.Values) {
		return Errorf(ErrInvalid, "%v of %d members with %d coordinates", cmd.Op, len(cmd.Values), len(cmd.Scores))
	}
	for i := 0; i < len(cmd.Scores); i += 2 {
		if err := (GeoPoint{cmd.Scores[i], cmd.Scores[i+1]}).Check(); err != nil {
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
		return Errorf(ErrInvalid, "%v between %d members", cmd.Op, len(cmd.Values))
	}
	return nil
}

// checkArea refuses an area without a middle or an extent.
func checkArea(cmd Command) error {
	if len(cmd.Values) > 1 || len(cmd.Scores) != 3 && len(cmd.Scores) != 4 {
		return Errorf(ErrInvalid, "%v around %d members with %d numbers", cmd.Op, len(cmd.Values), len(cmd.Scores))
	}
	for _, extent := range cmd.Scores[2:] {
		if !(extent > 0) || math.IsInf(extent, 0) {
			return Errorf(ErrInvalid, "an area of %v metres", extent)
		}
	}
	if len(cmd.Values) == 1 {
		return nil
	}
	return GeoPoint{cmd.Scores[0], cmd.Scores[1]}.Check()
}

// Scored is the OpZAdd that an OpGeoAdd is.
func (cmd Command) Scored() Command {
	positions := cmd.Scores
	cmd.Op, cmd.Scores = OpZAdd, make([]float64, len(cmd.Values))
	for i := range cmd.Values {
		cmd.Scores[i] = GeoPoint{positions[2*i], positions[2*i+1]}.Score()
	}
	return cmd
}
