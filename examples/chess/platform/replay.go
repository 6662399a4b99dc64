package platform

import (
	"crypto/sha256"
	"fmt"
	"strings"
	"time"
	"uuid"

	"github.com/kvstore-go/kvstore/examples/chess/board"
	"github.com/kvstore-go/kvstore/examples/chess/pgn"
)

// Replay is a game that is over. It never changes.
type Replay struct {
	ID uuid.UUID `json:"id" jsonschema:"format=uuid"`
	Record
	FEN string `json:"fen" jsonschema:"maxLength=100"` // the last position
}

// Record is what is told of a game that is over.
type Record struct {
	Event  string     `json:"event,omitempty" jsonschema:"maxLength=200"`
	Site   string     `json:"site,omitempty" jsonschema:"maxLength=200"`
	Date   string     `json:"date" jsonschema:"format=date"`
	White  Contestant `json:"white"`
	Black  Contestant `json:"black"`
	Moves  []string   `json:"moves" jsonschema:"maxItems=2000"` // in standard algebraic notation
	Result Result     `json:"result" jsonschema:"enum=1-0,enum=0-1,enum=1/2-1/2"`
}

// Contestant is who played.
type Contestant struct {
	Name   string     `json:"name" jsonschema:"minLength=1,maxLength=200"`
	Type   PlayerType `json:"type" jsonschema:"enum=human,enum=engine"`
	Engine EngineHash `json:"engine,omitempty" jsonschema:"pattern=^[0-9a-f]{8\\,64}$"`
}

// EngineHash identifies the configuration of an engine.
type EngineHash string

// Day is the number of a day, counted from 1 January 1970; earlier days are negative.
type Day int

// DayOf is the day of a date such as 1851-06-21.
func DayOf(date string) (Day, error) {
	at, err := time.Parse(time.DateOnly, date)
	if err != nil {
		return 0, refuse(Invalid, "%q is not a date such as 1851-06-21", date)
	}
	return Day(at.Unix() / (24 * 60 * 60)), nil // midnights divide without a rest
}

// days is what a replay is found by: the one it was played on.
func (r Replay) days() []Day {
	day, _ := DayOf(r.Date) // the schema wants a date
	return []Day{day}
}

// engines are the configurations a replay is found by.
func (r Replay) engines() []EngineHash {
	var hashes []EngineHash
	for _, side := range []Contestant{r.White, r.Black} {
		if side.Engine != "" {
			hashes = append(hashes, side.Engine)
		}
	}
	return hashes
}

// replay plays the moves over, so that only games that were possible are kept, and
// fills in what follows from them: canonical notation and the last position.
func (r Record) replay(id uuid.UUID) (Replay, error) {
	for _, side := range []Contestant{r.White, r.Black} {
		if err := checkEngine(side.Name, side.Type, side.Engine); err != nil {
			return Replay{}, err
		}
	}
	if _, err := DayOf(r.Date); err != nil {
		return Replay{}, err
	}
	position := board.Start()
	moves := make([]string, 0, len(r.Moves))
	for i, move := range r.Moves {
		next, san, err := position.Play(move)
		if err != nil {
			return Replay{}, refuse(Invalid, "ply %d: %v", i+1, err)
		}
		position, moves = next, append(moves, san)
	}
	r.Moves = moves
	switch winner, outcome := position.Turn.Other(), position.Outcome(); {
	case outcome == board.Checkmate && r.Result != winOf(winner):
		return Replay{}, refuse(Invalid, "the result is %s, and %s has mated", r.Result, winner)
	case outcome == board.Stalemate && r.Result != Draw:
		return Replay{}, refuse(Invalid, "the result is %s, and the last position is a stalemate", r.Result)
	}
	return Replay{ID: id, Record: r, FEN: position.FEN()}, nil
}

// FromPGN is the record of a game in PGN. A date that is not known to the day
// counts as the first it could be.
func FromPGN(game pgn.Game) Record {
	return Record{
		Event:  game.Tags["Event"],
		Site:   game.Tags["Site"],
		Date:   strings.NewReplacer("????", "0001", "??", "01", ".", "-").Replace(game.Tags["Date"]),
		White:  contestantFromPGN(game, "White"),
		Black:  contestantFromPGN(game, "Black"),
		Moves:  game.Moves,
		Result: Result(game.Result),
	}
}

// contestantFromPGN reads White, WhiteType and WhiteEngineConfig, or Black's.
func contestantFromPGN(game pgn.Game, side string) Contestant {
	kind := Human
	if game.Tags[side+"Type"] == "program" {
		kind = Engine
	}
	return Contestant{Name: game.Tags[side], Type: kind, Engine: EngineHash(game.Tags[side+"EngineConfig"])}
}

// NaturalID is an id that is the same for the same game, so that to send a record
// again is to repeat and not to add.
func (r Record) NaturalID() uuid.UUID {
	sum := sha256.Sum256([]byte(fmt.Sprintf("%q", []string{
		r.Event, r.Site, r.Date, r.White.Name, r.Black.Name, string(r.Result), strings.Join(r.Moves, " "),
	})))
	id := uuid.UUID(sum[:16])
	id[6] = id[6]&0x0F | 0x80 // version 8: made by a rule of one's own (RFC 9562)
	id[8] = id[8]&0x3F | 0x80
	return id
}
