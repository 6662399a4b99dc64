package kv

import (
	"context"
	"fmt"
	"strconv"

	"github.com/kvstore-go/kvstore/drivers"
)

// Previous is what a Swap replaced.
type Previous[T any] struct {
	Value  T
	Exists bool // false if there was no value; Value is zero then
}

// replacing completes a command that replaces the field's value: with the schema's
// TTL, unless an option says otherwise.
func (k keyRef) replacing(op string, cmd *drivers.Command, options []WriteOption) error {
	if err := k.carried(op); err != nil {
		return err
	}
	cmd.Expiry = k.node.expiry
	withOptions(cmd, options, WriteOption.write)
	if err := cmd.Expiry.Check(); err != nil {
		return k.fail(op, err)
	}
	return nil
}

// withOptions lets apply change a command by each of its options. What does so is not known,
// so it is given a copy: the commands without options need not be on the heap.
func withOptions[O any](cmd *drivers.Command, options []O, apply func(option O, cmd *drivers.Command)) {
	if len(options) == 0 {
		return
	}
	changed := *cmd
	for option := range given(options) {
		apply(option, &changed)
	}
	*cmd = changed
}

// write executes a replacing command that is answered with Nil if a condition refused it.
func (k keyRef) write(ctx context.Context, op string, cmd *drivers.Command, options []WriteOption) error {
	if err := k.replacing(op, cmd, options); err != nil {
		return err
	}
	var reply drivers.Reply
	err := k.doInto(ctx, op, cmd, &reply)
	if err == nil && reply.Nil {
		err = k.fail(op, refusedBy(cmd.If))
	}
	return err
}

// refusedBy is what a condition says that does not hold.
func refusedBy(condition drivers.Condition) error {
	if condition == drivers.IfAbsent {
		return errPresent
	}
	return errAbsent
}

var (
	errPresent = fmt.Errorf("%w: there is a value", ErrConditionFailed)
	errAbsent  = fmt.Errorf("%w: there is no value", ErrConditionFailed)
)

// changing completes a command that changes a part of the value: the schema's TTL
// starts where none is running.
func (k keyRef) changing(cmd *drivers.Command) *drivers.Command {
	if k.node != nil {
		cmd.Expiry = k.node.expiry
	}
	return cmd
}

// adding executes a command that changes a number, unless the outcome does not fit.
func (k keyRef) adding(ctx context.Context, op string, cmd *drivers.Command) (drivers.Reply, error) {
	reply, err := k.do(ctx, op, k.changing(cmd))
	if err == nil && reply.Nil {
		err = k.fail(op, doesNotFit(cmd))
	}
	return reply, err
}

// doesNotFit says within which bounds a number has to stay that a command was to change.
func doesNotFit(cmd *drivers.Command) error {
	least, most := "", ""
	switch {
	case cmd.Bits.Width > 0:
		least, most = strconv.FormatInt(cmd.Bits.Min(), 10), strconv.FormatInt(cmd.Bits.Max(), 10)
	case cmd.Extra != nil:
		least, most = cmd.Extra.Min, cmd.Extra.Max
	}
	switch {
	case least != "" && most != "":
		return fmt.Errorf("%w: it has to be at least %s and at most %s", ErrOverflow, least, most)
	case least != "":
		return fmt.Errorf("%w: it has to be at least %s and within 64 bits", ErrOverflow, least)
	case most != "":
		return fmt.Errorf("%w: it has to be at most %s and within 64 bits", ErrOverflow, most)
	}
	return fmt.Errorf("%w: it has to be within 64 bits", ErrOverflow)
}

// sum is the number, of so many bits, that a command has added up to in 80.
func (k keyRef) sum(op string, reply drivers.Reply, bits int) (float64, error) {
	sum, err := strconv.ParseFloat(reply.Value, bits)
	if err != nil {
		return 0, k.fail(op, drivers.Join(ErrOverflow, err))
	}
	return sum, nil
}
