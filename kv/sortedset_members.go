package kv

import (
	"cmp"
	"context"
	"iter"
	"strings"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/kv/internal/gotext"
)

// Between texts with scores and the members of sorted sets, and of positions, are these functions; see
// field_elements.go.

// textsOfScored is what is stored of members, unless the handle carries an error.
func textsOfScored[T any](at *keyRef, op string, members []Scored[T]) (texts []string, scores []float64, err error) {
	names := make([]T, len(members))
	scores = make([]float64, len(members))
	for i, scored := range members {
		names[i], scores[i] = scored.Member, scored.Score
	}
	texts, err = textsOf(at, op, names)
	return texts, scores, err
}

// scoredOf is the members of texts that have been read.
func scoredOf[T any](at *keyRef, op string, texts []string, scores []float64, err error) ([]Scored[T], error) {
	if err != nil {
		return nil, err
	}
	members, err := decodeScored[T](at.elements().codec, texts, scores)
	if err != nil {
		return nil, at.fail(op, err)
	}
	return members, nil
}

// decodeScored never answers nil: empty, it is [] in JSON.
func decodeScored[T any](codec *gotext.Codec, texts []string, scores []float64) ([]Scored[T], error) {
	members := make([]Scored[T], len(texts))
	for i, text := range texts {
		if err := codec.DecodeTo(text, &members[i].Member); err != nil {
			return nil, err
		}
		members[i].Score = scores[i]
	}
	return members, nil
}

// poppedScoredOf is the members of texts that have been taken out: those that do not fit are reported
// in the error, beside the others.
func poppedScoredOf[T any](at *keyRef, op string, texts []string, scores []float64, err error) ([]Scored[T], error) {
	if err != nil {
		return nil, err
	}
	members, fitting := make([]Scored[T], len(texts)), 0
	var corrupt corruptElements
	for i, text := range texts {
		next := &members[fitting]
		if corrupt.none(text, at.elements().codec.DecodeTo(text, &next.Member)) {
			next.Score = scores[i]
			fitting++
		}
	}
	return members[:fitting], corrupt.of(at, op)
}

// awaitedScoredOf is the one member that has been taken out, even where something went wrong after that.
func awaitedScoredOf[T any](at *keyRef, op string, texts []string, scores []float64, err error) (member Scored[T], _ error) {
	if len(texts) == 0 {
		return member, err
	}
	taken, corrupt := poppedScoredOf[T](at, op, texts, scores, nil)
	if corrupt != nil {
		return member, corrupt
	}
	return taken[0], err
}

// eachScoredOf goes through the members of the texts that each goes through. One that does not fit is an error of its
// own, and ends nothing.
//
//go:noinline // see eachOf
func eachScoredOf[T any](ctx context.Context, at keyRef, op string, each func(ctx context.Context, at keyRef, op string, yield func(string, float64, error) bool)) iter.Seq2[Scored[T], error] {
	return func(yield func(Scored[T], error) bool) {
		each(ctx, at, op, func(text string, score float64, err error) bool {
			place := at // which is on the stack
			member, err := elementOf[T](&place, op, text, err)
			if err != nil {
				return yield(Scored[T]{}, err)
			}
			return yield(Scored[T]{member, score}, nil)
		})
	}
}

// scored executes a command that is answered with texts and their scores.
func (k *keyRef) scored(ctx context.Context, op string, cmd *drivers.Command) ([]string, []float64, error) {
	reply, err := k.do(ctx, op, cmd)
	return reply.Values, reply.Floats, err
}

func (k *keyRef) allScored(ctx context.Context) ([]string, []float64, error) {
	return k.scored(ctx, "Read", &drivers.Command{Op: drivers.OpZRange, Stop: -1})
}

func (k *keyRef) writeScored(ctx context.Context, texts []string, scores []float64, options []WriteOption, err error) error {
	if err != nil {
		return err
	}
	return k.write(ctx, "Write", &drivers.Command{Op: drivers.OpZReplace, Values: texts, Extra: &drivers.Extra{Scores: scores}}, options)
}

// ofScored executes a command about a member, or two, which is ErrNotFound if one is not there.
func (k *keyRef) ofScored(ctx context.Context, op string, cmd *drivers.Command, err error) (drivers.Reply, error) {
	if err != nil {
		return drivers.Reply{}, err
	}
	reply, err := k.do(ctx, op, cmd)
	if err == nil && reply.Nil {
		err = k.missing(op, cmp.Or(cmd.Value, strings.Join(cmd.Values, " or ")))
	}
	return reply, err
}

func (k *keyRef) countScored(ctx context.Context) (int, error) {
	return k.askInt(ctx, "Len", drivers.OpZCard)
}
