package kv

import (
	"context"

	"github.com/kvstore-go/kvstore/drivers"
)

// wait is do for a command that waits until there is something to answer with, or until
// the context ends. What was taken out comes beside an error if that befell later. Within
// a batch or a transaction it is errors.ErrUnsupported.
func (k keyRef) wait(ctx context.Context, op string, cmd *drivers.Command) (drivers.Reply, error) {
	if err := k.err(); err != nil {
		return drivers.Reply{}, err
	}
	k.address(cmd)
	reply, err := drivers.Block(ctx, k.driver, *cmd)
	if err != nil {
		return reply, k.fail(op, err)
	}
	return reply, nil
}
