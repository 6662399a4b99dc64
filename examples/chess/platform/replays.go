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
type ReplayService struct{ store Replays }

// Ingest keeps the replay of a game. The replay is written first and the indexes
// after it, and each step may be done again: after a crash, or a reply that was
// lost, the repetition of the same call finds the same replay and writes the indexes
// that are missing. So an index never names what is not there, and nothing stays
// unfindable for a caller who repeats until he succeeds.
func (s ReplayService) Ingest(ctx context.Context, id uuid.UUID, record Record) (Replay, error) {
	replay, err := record.replay(id)
	if err != nil {
		return replay, err
	}
	day, err := DayOf(replay.Date)
	if err != nil {
		return replay, err
	}
	err = s.store.Data.Take(id).Write(ctx, replay, kv.IfAbsent)
	if errors.Is(err, kv.ErrConditionFailed) {
		err = s.repeats(ctx, replay)
	}
	if err != nil {
		return replay, err
	}
	for _, engine := range replay.engines() {
		if _, err := s.store.Index.Config.Take(engine).Add(ctx, id.String()); err != nil {
			return replay, err
		}
	}
	_, err = s.store.Index.Date.Take(day).Add(ctx, id.String())
	return replay, err
}

// repeats refuses another replay under an id that is taken.
func (s ReplayService) repeats(ctx context.Context, replay Replay) error {
	stored, err := s.store.Data.Take(replay.ID).Read(ctx)
	if err == nil && !reflect.DeepEqual(stored, replay) {
		err = refuse(Conflict, "there is another replay with the id %v", replay.ID)
	}
	return err
}

// Get is a replay.
func (s ReplayService) Get(ctx context.Context, id uuid.UUID) (Replay, error) {
	return s.store.Data.Take(id).Read(ctx)
}

// Find is the replays of a day, of an engine, or of an engine on a day; day nil and
// engine "" stand for any.
func (s ReplayService) Find(ctx context.Context, day *Day, engine EngineHash) (List[Replay], error) {
	found := List[Replay]{Items: []Replay{}}
	ids, err := s.indexed(ctx, day, engine)
	if err != nil {
		return found, err
	}
	for _, text := range ids {
		id, err := uuid.Parse(text)
		if err != nil {
			found.Unreadable = append(found.Unreadable, text)
			continue
		}
		if found.More, err = found.add(ctx, s.store.Data.Take(id), everything[Replay]); err != nil || found.More {
			return found, err
		}
	}
	return found, nil
}

// indexed is one round trip. In a cluster the two indexes would have to share a
// slot to be intersected.
func (s ReplayService) indexed(ctx context.Context, day *Day, engine EngineHash) ([]string, error) {
	switch {
	case day == nil && engine == "":
		return nil, refuse(Invalid, "replays are found by day, date or engine: name at least one")
	case day == nil:
		return s.store.Index.Config.Take(engine).Read(ctx)
	case engine == "":
		return s.store.Index.Date.Take(*day).Read(ctx)
	default:
		return s.store.Index.Date.Take(*day).Intersect(ctx, s.store.Index.Config.Take(engine))
	}
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
	return s.store.Analysis.Take(id).Write(ctx, analysis)
}

// Analysis is the analysis of a replay.
func (s ReplayService) Analysis(ctx context.Context, id uuid.UUID) (Analysis, error) {
	return s.store.Analysis.Take(id).Read(ctx)
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
	err := s.store.Logs.Take(id).Write(ctx, log, kv.IfAbsent)
	if errors.Is(err, kv.ErrConditionFailed) {
		return refuse(Conflict, "the replay has a log already")
	}
	return err
}

// Log is the log of a replay and how long it will be kept.
func (s ReplayService) Log(ctx context.Context, id uuid.UUID) (Log, time.Duration, error) {
	field := s.store.Logs.Take(id)
	log, err := field.Read(ctx)
	if err != nil {
		return log, 0, err
	}
	left, err := field.TTL(ctx)
	return log, left, err
}

func (s ReplayService) mustExist(ctx context.Context, id uuid.UUID) error {
	exists, err := s.store.Data.Take(id).Exists(ctx)
	if err == nil && !exists {
		err = refuse(NotFound, "there is no replay %v", id)
	}
	return err
}
