package memory

import (
	"math"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/drivers/internal/redisvalue"
)

// addInt is what an increment by an integer answers where text is stored, or nothing is.
func addInt(cmd drivers.Command, text string, stored bool) (drivers.Reply, error) {
	sum, fits, err := redisvalue.AddInt(text, stored, cmd.Amount, cmd.Min(), cmd.Max())
	return drivers.Reply{Nil: err == nil && !fits, Int: sum}, corrupt(err)
}

// addFloat is addInt for a float, which is in the reply as text.
func addFloat(cmd drivers.Command, text string, stored bool) (drivers.Reply, error) {
	sum, fits, err := redisvalue.AddFloat(text, stored, cmd.FloatIncrement(), cmd.Min(), cmd.Max())
	return drivers.Reply{Nil: err == nil && !fits, Value: sum}, corrupt(err)
}

// invalid makes cause, if there is one, a drivers.ErrInvalid: what is wrong with an argument.
func invalid(cause error) error { return drivers.Join(drivers.ErrInvalid, cause) }

// corrupt makes cause, if there is one, a drivers.ErrCorrupt: what is wrong with what is stored.
func corrupt(cause error) error { return drivers.Join(drivers.ErrCorrupt, cause) }

// valid is what was made of an argument, or why there is none as a drivers.ErrInvalid.
func valid[V any](value V, cause error) (V, error) { return value, invalid(cause) }

// sound is what was made of what is stored, or why there is none as a drivers.ErrCorrupt.
func sound[V any](value V, cause error) (V, error) { return value, corrupt(cause) }

// addScore is what OpZIncrBy answers where a member has a score, or none is there:
// ErrInvalid if the sum is no number.
func addScore(cmd drivers.Command, old float64, there bool) (drivers.Reply, error) {
	score := cmd.ScoreIncrement()
	if there {
		score += old
	}
	switch {
	case cmd.If.Refuses(there):
		return drivers.Reply{Nil: true}, nil
	case math.IsNaN(score):
		return drivers.Reply{}, drivers.Errorf(drivers.ErrInvalid, "%v + %v is not a number", old, cmd.ScoreIncrement())
	case !cmd.If.Accepts(score, old, there):
		return drivers.Reply{Nil: true}, nil
	}
	return drivers.Reply{Float: redisvalue.UnsignedZero(score)}, nil
}
