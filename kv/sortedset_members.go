package kv

import (
	"context"
	"errors"

	"github.com/samber/lo"

	"github.com/kvstore-go/kvstore/drivers"
)

// scoredField is what the handles of sorted sets and of positions have in common: members
// of type T, each with a score.
type scoredField[T any] struct{ Field }

// Len is the number of members. One round trip (ZCARD).
func (f scoredField[T]) Len(ctx context.Context) (int, error) {
	return f.at.doInt(ctx, "Len", &drivers.Command{Op: drivers.OpZCard})
}

// Remove takes members out and returns how many were there. One round trip (ZREM).
func (f scoredField[T]) Remove(ctx context.Context, members ...T) (int, error) {
	return changesOf(ctx, f.at, "Remove", &drivers.Command{Op: drivers.OpZRem}, members)
}

// of executes a command about one member, which is ErrNotFound if that is not there.
func (f scoredField[T]) of(ctx context.Context, op string, cmd *drivers.Command, member T) (drivers.Reply, error) {
	text, err := textOf(f.at, op, member)
	if err != nil {
		return drivers.Reply{}, err
	}
	cmd.Value = text
	reply, err := f.at.do(ctx, op, cmd)
	if err == nil && reply.Nil {
		err = f.at.fail(op, ErrNotFound)
	}
	return reply, err
}

// list executes a command that is answered with members and their scores.
func (f scoredField[T]) list(ctx context.Context, op string, cmd *drivers.Command) ([]Scored[T], error) {
	reply, err := f.at.do(ctx, op, cmd)
	if err != nil {
		return nil, err
	}
	members, err := f.scoredAll(reply)
	if err != nil {
		return nil, f.at.fail(op, err)
	}
	return members, nil
}

// scoredAll is the members of a reply. It is never nil: empty, it is [] in JSON.
func (f scoredField[T]) scoredAll(reply drivers.Reply) ([]Scored[T], error) {
	members, err := codecOf(&f.at).DecodeAll[T](reply.Values)
	if err != nil {
		return nil, err
	}
	return lo.Map(members, func(member T, i int) Scored[T] { return Scored[T]{member, reply.Floats[i]} }), nil
}

// poppedScored is the members that a reply has taken out: those that do not fit are reported
// in the error, beside the others.
func (f scoredField[T]) poppedScored(op string, reply drivers.Reply) ([]Scored[T], error) {
	members := make([]Scored[T], 0, len(reply.Values))
	var corrupt []error
	for i, text := range reply.Values {
		member, err := codecOf(&f.at).Decode[T](text)
		if err != nil {
			corrupt = append(corrupt, &CorruptElementError{Text: text, Err: err})
			continue
		}
		members = append(members, Scored[T]{member, reply.Floats[i]})
	}
	if len(corrupt) > 0 {
		return members, f.at.fail(op, errors.Join(corrupt...))
	}
	return members, nil
}
