package redisdriver

import (
	"errors"
	"fmt"

	"github.com/redis/go-redis/v9"

	"github.com/kvstore-go/kvstore/drivers"
)

// lacks is errors.ErrUnsupported for an operation that the server is known to lack.
func (d *Driver) lacks(op *operation, cmd drivers.Command) error {
	if op.newer && d.older.Load() {
		return unknownToServer(cmd)
	}
	return nil
}

// learn makes the answer of a server that does not know an operation's command
// errors.ErrUnsupported, or answers nil. The driver remembers it: the next such
// operation costs no round trip.
func (d *Driver) learn(op *operation, cmd drivers.Command, err error) error {
	var answer redis.Error
	if !op.newer || !errors.As(err, &answer) || !containsAny(answer.Error(), unknownTexts) {
		return nil
	}
	d.older.Store(true)
	return unknownToServer(cmd)
}

// unknownTexts are what servers answer to a command they do not know, and to one in a script.
var unknownTexts = []string{"unknown command", "Unknown Redis command"}

func unknownToServer(cmd drivers.Command) error {
	return fmt.Errorf("redisdriver: the server does not know %v: %w", cmd.Op, errors.ErrUnsupported)
}
