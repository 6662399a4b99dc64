package drivers

import "math"

// geoOps are the Ops on sorted sets of positions.
var geoOps = family{
	OpGeoAdd:    {"GEOADD", Writes, all(checkCondition, checkPositions, checkChanged, checkExpiry), predictGeoAdd},
	OpGeoPos:    {"GEOPOS", Reads, checkValues, nil},
	OpGeoDist:   {"GEODIST", Reads, checkTwo, nil},
	OpGeoSearch: {"GEOSEARCH", Reads, all(checkArea, checkCount), nil},
}

// checkPositions refuses a command without members, or not with a position for each.
func checkPositions(cmd Command) error {
	if err := checkValues(cmd); err != nil {
		return err
	}
	if len(cmd.Scores) != 2*len(cmd.Values) {
		return Errorf(ErrInvalid, "%v of %d members with %d coordinates", cmd.Op, len(cmd.Values), len(cmd.Scores))
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
	return cmd.Middle().Check()
}

// Scored is the OpZAdd that an OpGeoAdd is.
func (cmd Command) Scored() Command {
	scores := make([]float64, len(cmd.Values))
	for i := range scores {
		scores[i] = cmd.Position(i).Score()
	}
	cmd.Op, cmd.Scores = OpZAdd, scores
	return cmd
}

func predictGeoAdd(p *predictor, out *Prediction) error {
	p.cmd = p.cmd.Scored()
	return predictZAdd(p, out)
}
