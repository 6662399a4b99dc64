package platform

import (
	"context"
	"strings"
	"uuid"

	"github.com/kvstore-go/kvstore/examples/chess/board"
	"github.com/kvstore-go/kvstore/kv"
)

// What was stored otherwise once. A form stays here until Migrate has been run and no program writes it any more.

// logV1 had all lines in one text.
type logV1 struct {
	Text string `json:"text" jsonschema:"minLength=1"`
}

func logOfV1(old logV1) (Log, error) {
	return Log{Lines: strings.Split(strings.TrimSuffix(old.Text, "\n"), "\n")}, nil
}

// nodeGameV1 had a score.
type nodeGameV1 struct {
	Game  uuid.UUID `json:"game" jsonschema:"format=uuid"`
	White bool      `json:"white"` // the candidate's colour
	Score float64   `json:"score" jsonschema:"enum=0,enum=0.5,enum=1"`
}

func nodeGameOfV1(old nodeGameV1) (NodeGame, error) {
	colour := board.Black
	if old.White {
		colour = board.White
	}
	outcome := map[float64]Outcome{0: "defeat", 0.5: "draw", 1: "win"}[old.Score]
	return NodeGame{Game: old.Game, Colour: colour, Outcome: outcome}, nil
}

// Migrate rewrites what is stored in an older form, while the platform is used. What cannot be rewritten
// is told to refused, and left as it is.
func (p *Platform) Migrate(ctx context.Context, refused func(path string, err error)) (kv.Migration, error) {
	logs, err := kv.Migrate(ctx, p.Replays.annexes.Logs, kv.OnRefused(refused))
	if err != nil {
		return logs, err
	}
	games, err := kv.Migrate(ctx, p.Verifications.store.Verification, kv.OnRefused(refused))
	return kv.Migration{
		Seen: logs.Seen + games.Seen, Current: logs.Current + games.Current, Rewritten: logs.Rewritten + games.Rewritten,
		Refused: logs.Refused + games.Refused,
	}, err
}
