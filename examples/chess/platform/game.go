package platform

import (
	"uuid"

	"github.com/kvstore-go/kvstore/examples/chess/board"
)

// LiveGame is a game that is being played, one document: whoever changes it
// changes all of it at once or nothing.
type LiveGame struct {
	ID        uuid.UUID      `json:"id" jsonschema:"format=uuid"`
	Event     string         `json:"event,omitempty" jsonschema:"maxLength=200"`
	Site      string         `json:"site,omitempty" jsonschema:"maxLength=200"`
	Date      string         `json:"date" jsonschema:"format=date"`
	Players   Players        `json:"players"`
	State     State          `json:"state" jsonschema:"enum=waiting,enum=playing,enum=finished"`
	Result    Result         `json:"result" jsonschema:"enum=*,enum=1-0,enum=0-1,enum=1/2-1/2"`
	Position  board.Position `json:"position"`
	Moves     []string       `json:"moves" jsonschema:"maxItems=2000"` // in standard algebraic notation
	DrawOffer board.Colour   `json:"drawOffer,omitempty" jsonschema:"enum=white,enum=black"`
	Events    []Event        `json:"events" jsonschema:"minItems=1,maxItems=2000"`
}

// Players are the two sides.
type Players struct {
	White Player `json:"white"`
	Black Player `json:"black"`
}

// Player is a person or an engine at the board.
type Player struct {
	UUID      uuid.UUID    `json:"uuid" jsonschema:"format=uuid"`
	Name      string       `json:"name" jsonschema:"minLength=1,maxLength=200"`
	Type      PlayerType   `json:"type" jsonschema:"enum=human,enum=engine"`
	Engine    EngineHash   `json:"engine,omitempty" jsonschema:"pattern=^[0-9a-f]{8\\,64}$"` // of its configuration; for engines
	Colour    board.Colour `json:"colour" jsonschema:"enum=white,enum=black"`
	Connected bool         `json:"connected"`
	Time      int64        `json:"time,omitempty" jsonschema:"exclusiveMinimum=0"` // milliseconds for the game
}

// PlayerType says who thinks.
type PlayerType string

// The types of players.
const (
	Human  PlayerType = "human"
	Engine PlayerType = "engine"
)

// State is how far a game is.
type State string

// The states of a game.
const (
	Waiting  State = "waiting" // for both players to have connected once
	Playing  State = "playing"
	Finished State = "finished"
)

// Result is the score of a game as PGN writes it.
type Result string

// The results of a game.
const (
	Undecided Result = "*"
	WhiteWins Result = "1-0"
	BlackWins Result = "0-1"
	Draw      Result = "1/2-1/2"
)

func winOf(colour board.Colour) Result {
	if colour == board.White {
		return WhiteWins
	}
	return BlackWins
}

// Event is something that happened beside the moves.
type Event struct {
	Type      EventType `json:"type" jsonschema:"enum=create,enum=connect,enum=disconnect,enum=message"`
	Timestamp int64     `json:"timestamp" jsonschema:"exclusiveMinimum=0"` // milliseconds since 1970
	Player    uuid.UUID `json:"player,omitzero" jsonschema:"format=uuid"`
	Text      string    `json:"text,omitempty" jsonschema:"maxLength=500"`
}

// EventType is what happened.
type EventType string

// The types of events.
const (
	Created      EventType = "create"
	Connected    EventType = "connect"
	Disconnected EventType = "disconnect"
	Messaged     EventType = "message"
)

// player is the side of a player who takes part in the game.
func (g *LiveGame) player(id uuid.UUID) (*Player, error) {
	switch id {
	case g.Players.White.UUID:
		return &g.Players.White, nil
	case g.Players.Black.UUID:
		return &g.Players.Black, nil
	default:
		return nil, refuse(Forbidden, "%v does not play in this game", id)
	}
}

// playing is whom a game is found by: its players, until it is over.
func (g LiveGame) playing() []string {
	if g.State == Finished {
		return nil
	}
	return []string{g.Players.White.UUID.String(), g.Players.Black.UUID.String()}
}

// The limits of the schema, which are also checked where they can be passed, so
// that the user is told.
const maxMoves, maxEvents = 2000, 2000

func (g *LiveGame) note(event Event) error {
	if len(g.Events) >= maxEvents {
		return refuse(Conflict, "the game has had %d events and takes no more", maxEvents)
	}
	g.Events = append(g.Events, event)
	return nil
}

func (g *LiveGame) finish(result Result) {
	g.State, g.Result, g.DrawOffer = Finished, result, ""
}

// record is what is kept of the game when it is over.
func (g *LiveGame) record() Record {
	return Record{
		Event: g.Event, Site: g.Site, Date: g.Date,
		White:  g.Players.White.contestant(),
		Black:  g.Players.Black.contestant(),
		Moves:  g.Moves,
		Result: g.Result,
	}
}

func (p Player) contestant() Contestant {
	return Contestant{Name: p.Name, Type: p.Type, Engine: p.Engine}
}
