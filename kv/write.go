package kv

import (
	"context"

	"github.com/kvstore-go/kvstore/drivers"
)

// Previous is what a Swap replaced.
type Previous[T any] struct {
	Value  T
	Exists bool // false if there was no value; Value is zero then
}

// replacing completes a command that replaces the field's value: with the schema's
// TTL, unless an option says otherwise.
func (k keyRef) replacing(op string, cmd drivers.Command, options []WriteOption) (drivers.Command, error) {
	if err := k.err(); err != nil {
		return cmd, err
	}
	cmd.Expiry = k.node.expiry
	if len(options) > 0 {
		cmd = withOptions(cmd, options)
	}
	if err := cmd.Expiry.Check(); err != nil {
		return cmd, k.fail(op, err)
	}
	return cmd, nil
}

// withOptions is a function of its own so that commands without options need not be on the heap.
func withOptions(cmd drivers.Command, options []WriteOption) drivers.Command {
	for _, option := range options {
		option.write(&cmd)
	}
	return cmd
}

// write executes a replacing command that is answered with Nil if a condition refused it.
func (k keyRef) write(ctx context.Context, op string, cmd drivers.Command, options []WriteOption) error {
	cmd, err := k.replacing(op, cmd, options)
	if err != nil {
		return err
	}
	reply, err := k.do(ctx, op, cmd)
	if err == nil && reply.Nil {
		err = k.fail(op, ErrConditionFailed)
	}
	return err
}

// changing completes a command that changes a part of the value: the schema's TTL
// starts where none is running.
func (k keyRef) changing(cmd drivers.Command) drivers.Command {
	if k.node != nil {
		cmd.Expiry = k.node.expiry
	}
	return cmd
}
