package memory

import (
	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/drivers/internal/redisvalue"
)

// addInt is what an increment by an integer answers where text is stored, or nothing is.
func addInt(cmd drivers.Command, text string, stored bool) (drivers.Reply, error) {
	sum, fits, err := redisvalue.AddInt(text, stored, cmd.Amount, cmd.Min, cmd.Max)
	return drivers.Reply{Nil: err == nil && !fits, Int: sum}, invalid(err)
}

// addFloat is addInt for a float, which is in the reply as text.
func addFloat(cmd drivers.Command, text string, stored bool) (drivers.Reply, error) {
	amount := cmd.Value
	if cmd.Op == drivers.OpHIncrByFloat {
		amount = cmd.Expected
	}
	sum, fits, err := redisvalue.AddFloat(text, stored, amount, cmd.Min, cmd.Max)
	return drivers.Reply{Nil: err == nil && !fits, Value: sum}, invalid(err)
}

// invalid makes cause, if there is one, a drivers.ErrInvalid.
func invalid(cause error) error {
	if cause == nil {
		return nil
	}
	return drivers.Join(drivers.ErrInvalid, cause)
}

// valid is a value, or why there is none as a drivers.ErrInvalid.
func valid[V any](value V, cause error) (V, error) { return value, invalid(cause) }
