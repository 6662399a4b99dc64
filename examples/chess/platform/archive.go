package platform

import (
	"context"
	"errors"
	"time"
	"uuid"

	"github.com/kvstore-go/kvstore/kv"
)

// finishedFor is how long a finished game can still be read as a live one.
const finishedFor = time.Hour

// archive keeps the replay of a finished game and lets the game itself end after a
// while. Both steps can be repeated: whatever a crash leaves undone is done by
// Archive, or by archiveFinished when the program starts again.
func (s GameService) archive(ctx context.Context, game LiveGame) (Replay, error) {
	replay, err := s.replays.Ingest(ctx, game.ID, game.record())
	if err != nil {
		return replay, err
	}
	_, err = s.store.Live.Take(game.ID).Expire(ctx, finishedFor)
	return replay, err
}

// Archive repeats the archiving of a finished game.
func (s GameService) Archive(ctx context.Context, id uuid.UUID) (Replay, error) {
	game, err := s.Get(ctx, id)
	if err != nil {
		return Replay{}, err
	}
	if game.State != Finished {
		return Replay{}, refuse(Conflict, "the game is not finished")
	}
	return s.archive(ctx, game)
}

// archiveFinished archives the games whose archiving was cut short. One that cannot
// be does not keep the program from starting.
func (s GameService) archiveFinished(ctx context.Context) error {
	for id, err := range s.store.Live.Keys(ctx) {
		if err == nil {
			err = s.archiveIfFinished(ctx, id)
		}
		var refusal *Refusal
		switch {
		case errors.Is(err, kv.ErrNotFound): // it has ended since it was listed
		case errors.Is(err, kv.ErrBadKey), errors.Is(err, kv.ErrInvalid), errors.As(err, &refusal):
			s.log.WarnContext(ctx, "a game is left as it is", "error", err)
		case err != nil:
			return err
		}
	}
	return nil
}

// archiveIfFinished knows a game that is archived by its time to live, which is
// the last thing archive sets.
func (s GameService) archiveIfFinished(ctx context.Context, id uuid.UUID) error {
	game, err := s.Get(ctx, id)
	if err != nil || game.State != Finished {
		return err
	}
	if left, err := s.store.Live.Take(id).TTL(ctx); err != nil || left != kv.NoTTL {
		return err
	}
	_, err = s.archive(ctx, game)
	return err
}
