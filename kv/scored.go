package kv

import (
	"context"

	"github.com/kvstore-go/kvstore/drivers"
)

// scoredField is what the handles of sorted sets and of positions have in common: members
// of type T, each with a score.
type scoredField[T any] struct {
	Field
	codec *codec[T]
}

// Size is the number of members. One round trip (ZCARD).
func (f scoredField[T]) Size(ctx context.Context) (int, error) {
	return f.count(ctx, "Size", drivers.Command{Op: drivers.OpZCard})
}

// Remove takes members out and returns how many were there. One round trip (ZREM).
func (f scoredField[T]) Remove(ctx context.Context, members ...T) (int, error) {
	texts, err := f.texts("Remove", members)
	if len(texts) == 0 || err != nil {
		return 0, err
	}
	return f.count(ctx, "Remove", drivers.Command{Op: drivers.OpZRem, Values: texts})
}

// texts is what is stored of members, unless the handle was given up.
func (f scoredField[T]) texts(op string, members []T) ([]string, error) {
	if err := f.err(); err != nil {
		return nil, err
	}
	texts, err := f.codec.encodeAll(members)
	if err != nil {
		return nil, f.fail(op, err)
	}
	return texts, nil
}

// of executes a command about one member, which is ErrNotFound if that is not there.
func (f scoredField[T]) of(ctx context.Context, op string, cmd drivers.Command, member T) (drivers.Reply, error) {
	texts, err := f.texts(op, []T{member})
	if err != nil {
		return drivers.Reply{}, err
	}
	cmd.Value = texts[0]
	reply, err := f.do(ctx, op, cmd)
	if err == nil && reply.Nil {
		err = f.fail(op, ErrNotFound)
	}
	return reply, err
}

// list executes a command that is answered with members and their scores.
func (f scoredField[T]) list(ctx context.Context, op string, cmd drivers.Command) ([]Scored[T], error) {
	reply, err := f.do(ctx, op, cmd)
	if err != nil {
		return nil, err
	}
	members, err := f.scoredAll(reply)
	if err != nil {
		return nil, f.fail(op, err)
	}
	return members, nil
}

// scoredAll is the members of a reply. It is never nil: empty, it is [] in JSON.
func (f scoredField[T]) scoredAll(reply drivers.Reply) ([]Scored[T], error) {
	members := make([]Scored[T], len(reply.Values))
	for i, text := range reply.Values {
		member, err := f.codec.decode(text)
		if err != nil {
			return nil, err
		}
		members[i] = Scored[T]{member, reply.Floats[i]}
	}
	return members, nil
}

// inScoredPages is the transfer of members and scores, which are parts by turns.
func inScoredPages() transfer {
	pages := inPages(drivers.OpZScan, drivers.OpZReplace, drivers.OpZAdd)
	pages.parts = func(reply drivers.Reply) []string {
		parts := make([]string, 0, 2*len(reply.Values))
		for i, member := range reply.Values {
			parts = append(parts, member, drivers.FormatFloat(reply.Floats[i]))
		}
		return parts
	}
	pages.write, pages.add = withScores(pages.write), withScores(pages.add)
	return pages
}

// withScores makes the command of members that command makes one of members and scores
// by turns. A score that is none is left out, and the driver refuses what is left.
func withScores(command func(members []string) drivers.Command) func(parts []string) drivers.Command {
	return func(parts []string) drivers.Command {
		var members []string
		var scores []float64
		for i, part := range parts {
			if i%2 == 0 {
				members = append(members, part)
			} else if score, err := drivers.ParseFloat(part); err == nil {
				scores = append(scores, score)
			}
		}
		cmd := command(members)
		cmd.Scores = scores
		return cmd
	}
}
