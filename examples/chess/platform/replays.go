package platform

import (
	"context"
	"errors"
	"reflect"
	"time"
	"uuid"

	"github.com/kvstore-go/kvstore/kv"
)

// ReplayService keeps finished games, and finds them by day and by engine.
type ReplayService struct {
	games   Games
	annexes Annexes
}

// Ingest keeps the replay of a game. To repeat it is harmless.
func (s ReplayService) Ingest(ctx context.Context, id uuid.UUID, record Record) (replay Replay, err error) {
	err = kv.Atomic(ctx, s.games, func(ctx context.Context, games Games) (err error) {
		replay, err = games.keep(ctx, id, record)
		return err
	})
	return replay, err
}

// keep is for use within a transaction. Nobody but a game itself can take its id, so
// that nothing keeps it from ending.
func (g Games) keep(ctx context.Context, id uuid.UUID, record Record) (Replay, error) {
	replay, err := record.replay(id)
	if err != nil {
		return replay, err
	}
	switch game, err := g.Live.Take(id).Read(ctx); {
	case errors.Is(err, kv.ErrNotFound):
	case err != nil:
		return replay, err
	case game.State != Finished:
		return replay, refuse(Conflict, "the game %v is being played", id)
	}
	return g.Replays.Take(id).Upsert(ctx, func(stored *Replay) error {
		if stored.ID == id && !reflect.DeepEqual(*stored, replay) {
			return refuse(Conflict, "there is another replay with the id %v", id)
		}
		*stored = replay
		return nil
	})
}

// Get is a replay.
func (s ReplayService) Get(ctx context.Context, id uuid.UUID) (Replay, error) {
	return s.games.Replays.Take(id).Read(ctx)
}

// Find is the replays of a day, of an engine, or of an engine on a day; day nil and
// engine "" stand for any.
func (s ReplayService) Find(ctx context.Context, day *Day, engine EngineHash) (List[Replay], error) {
	var terms []kv.Term
	if day != nil {
		terms = append(terms, byDay.Is(*day))
	}
	if engine != "" {
		terms = append(terms, byEngine.Is(engine))
	}
	if len(terms) == 0 {
		return List[Replay]{}, refuse(Invalid, "replays are found by day, date or engine: name at least one")
	}
	return list(s.games.Replays.Find(terms...).All(ctx))
}

// Analysis is what an engine thinks of a replay's positions.
type Analysis struct {
	Engine      EngineHash   `json:"engine" jsonschema:"pattern=^[0-9a-f]{8\\,64}$"`
	Evaluations []Evaluation `json:"evaluations" jsonschema:"minItems=1,maxItems=2000"`
}

// Evaluation is the value of the position after a ply, for White.
type Evaluation struct {
	Ply        int `json:"ply" jsonschema:"minimum=0"`
	Centipawns int `json:"centipawns"`
}

// Analyse keeps the analysis of a replay; a later one replaces it.
func (s ReplayService) Analyse(ctx context.Context, id uuid.UUID, analysis Analysis) error {
	if err := s.mustExist(ctx, id); err != nil {
		return err
	}
	return s.annexes.Analysis.Take(id).Write(ctx, analysis)
}

// Analysis is the analysis of a replay.
func (s ReplayService) Analysis(ctx context.Context, id uuid.UUID) (Analysis, error) {
	return s.annexes.Analysis.Take(id).Read(ctx)
}

// Log is what an engine wrote while it played.
type Log struct {
	Lines []string `json:"lines" jsonschema:"minItems=1,maxItems=10000"`
}

// KeepLog keeps the log of a replay for as long as the schema says. The first one
// counts: a second, in that time, is refused.
func (s ReplayService) KeepLog(ctx context.Context, id uuid.UUID, log Log) error {
	if err := s.mustExist(ctx, id); err != nil {
		return err
	}
	err := s.annexes.Logs.Take(id).Write(ctx, log, kv.IfAbsent)
	if errors.Is(err, kv.ErrConditionFailed) {
		return refuse(Conflict, "the replay has a log already")
	}
	return err
}

// Log is the log of a replay and how long it will be kept.
func (s ReplayService) Log(ctx context.Context, id uuid.UUID) (Log, time.Duration, error) {
	var batch kv.Batch
	field := batch.Bind(s.annexes.Logs.Take(id))
	log, left := batch.Do(field.Read), batch.Do(field.TTL)
	if err := batch.Run(ctx); err != nil {
		return Log{}, 0, err
	}
	kept, err := log.Get()
	if err != nil {
		return kept, 0, err
	}
	ttl, err := left.Get()
	return kept, ttl, err
}

func (s ReplayService) mustExist(ctx context.Context, id uuid.UUID) error {
	exists, err := s.games.Replays.Take(id).Exists(ctx)
	if err == nil && !exists {
		err = refuse(NotFound, "there is no replay %v", id)
	}
	return err
}
