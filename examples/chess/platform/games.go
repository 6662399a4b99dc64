package platform

import (
	"context"
	"iter"
	"time"
	"uuid"

	"github.com/kvstore-go/kvstore/examples/chess/board"
	"github.com/kvstore-go/kvstore/kv"
)

// GameService is the games being played. Each change is one atomic step, so that of
// two players, or two tabs of one, neither overwrites the other.
type GameService struct {
	store Games
	now   func() time.Time
}

// NewGame is what a game is created from.
type NewGame struct {
	Event string    `json:"event,omitempty" jsonschema:"maxLength=200"`
	Site  string    `json:"site,omitempty" jsonschema:"maxLength=200"`
	Date  string    `json:"date,omitempty" jsonschema:"format=date"` // today, if it is not given
	White NewPlayer `json:"white"`
	Black NewPlayer `json:"black"`
}

// NewPlayer is a player before the game.
type NewPlayer struct {
	UUID   uuid.UUID  `json:"uuid" jsonschema:"format=uuid"`
	Name   string     `json:"name" jsonschema:"minLength=1,maxLength=200"`
	Type   PlayerType `json:"type" jsonschema:"enum=human,enum=engine"`
	Engine EngineHash `json:"engine,omitempty" jsonschema:"pattern=^[0-9a-f]{8\\,64}$"`
	Time   int64      `json:"time,omitempty" jsonschema:"exclusiveMinimum=0"`
}

// Create starts a game between two players, who then have to connect.
func (s GameService) Create(ctx context.Context, game NewGame) (LiveGame, error) {
	if game.White.UUID == game.Black.UUID {
		return LiveGame{}, refuse(Invalid, "nobody plays against himself: the players have the same uuid")
	}
	if game.Date == "" {
		game.Date = s.now().UTC().Format(time.DateOnly)
	}
	white, err := game.White.as(board.White)
	if err != nil {
		return LiveGame{}, err
	}
	black, err := game.Black.as(board.Black)
	if err != nil {
		return LiveGame{}, err
	}
	created := LiveGame{
		ID:    uuid.New(),
		Event: game.Event, Site: game.Site, Date: game.Date,
		Players:  Players{White: white, Black: black},
		State:    Waiting,
		Result:   Undecided,
		Position: board.Start(),
		Moves:    []string{},
		Events:   []Event{{Type: Created, Timestamp: s.now().UnixMilli()}},
	}
	return created, s.store.Live.Take(created.ID).Write(ctx, created, kv.IfAbsent)
}

func (p NewPlayer) as(colour board.Colour) (Player, error) {
	if err := checkEngine(p.Name, p.Type, p.Engine); err != nil {
		return Player{}, err
	}
	return Player{UUID: p.UUID, Name: p.Name, Type: p.Type, Engine: p.Engine, Colour: colour, Time: p.Time}, nil
}

// checkEngine is what a JSON Schema cannot say by tags: one member depends on another.
func checkEngine(name string, kind PlayerType, engine EngineHash) error {
	if (kind == Engine) != (engine != "") {
		return refuse(Invalid, "%s: an engine names the hash of its configuration, and a human does not", name)
	}
	return nil
}

// Get is a game.
func (s GameService) Get(ctx context.Context, id uuid.UUID) (LiveGame, error) {
	return s.store.Live.Take(id).Read(ctx)
}

// OfPlayer is the games in progress of a player.
func (s GameService) OfPlayer(ctx context.Context, player uuid.UUID) (List[LiveGame], error) {
	return list(s.store.Live.Find(byPlayer.Is(player.String())).All(ctx))
}

// List is all live games.
func (s GameService) List(ctx context.Context) (List[LiveGame], error) {
	return list(s.store.Live.All(ctx))
}

// Follow is a game, and then what becomes of it, wherever it is played.
func (s GameService) Follow(ctx context.Context, id uuid.UUID) iter.Seq2[LiveGame, error] {
	return s.store.Live.Take(id).Follow(ctx)
}

// FollowOfPlayer is the games in progress of a player, and then what becomes of them.
func (s GameService) FollowOfPlayer(ctx context.Context, player uuid.UUID) iter.Seq2[kv.Change[uuid.UUID, LiveGame], error] {
	return s.store.Live.Find(byPlayer.Is(player.String())).Follow(ctx)
}

// FollowAll is all live games, and then what becomes of them.
func (s GameService) FollowAll(ctx context.Context) iter.Seq2[kv.Change[uuid.UUID, LiveGame], error] {
	return s.store.Live.Find().Follow(ctx)
}

// Replay is that of a finished game, which is kept since the game's last move.
func (s GameService) Replay(ctx context.Context, id uuid.UUID) (Replay, error) {
	game, err := s.Get(ctx, id)
	if err != nil {
		return Replay{}, err
	}
	if game.State != Finished {
		return Replay{}, refuse(Conflict, "the game is not finished")
	}
	return s.store.Replays.Take(id).Read(ctx)
}

// Connect says that a player is at the board. When both have come, play begins.
func (s GameService) Connect(ctx context.Context, id, player uuid.UUID) (LiveGame, error) {
	return s.happen(ctx, id, Event{Type: Connected, Player: player}, func(game *LiveGame, p *Player) (news bool) {
		news, p.Connected = !p.Connected, true
		if game.State == Waiting && game.Players.White.Connected && game.Players.Black.Connected {
			game.State = Playing
		}
		return news
	})
}

// Disconnect says that a player has left.
func (s GameService) Disconnect(ctx context.Context, id, player uuid.UUID) (LiveGame, error) {
	return s.happen(ctx, id, Event{Type: Disconnected, Player: player}, func(_ *LiveGame, p *Player) (news bool) {
		news, p.Connected = p.Connected, false
		return news
	})
}

// Message says something to the other player.
func (s GameService) Message(ctx context.Context, id, player uuid.UUID, text string) (LiveGame, error) {
	return s.happen(ctx, id, Event{Type: Messaged, Player: player, Text: text}, func(*LiveGame, *Player) bool { return true })
}

// happen notes an event of a player if change says that it is news.
func (s GameService) happen(ctx context.Context, id uuid.UUID, event Event, change func(*LiveGame, *Player) bool) (LiveGame, error) {
	event.Timestamp = s.now().UnixMilli()
	return s.store.Live.Take(id).Update(ctx, func(game *LiveGame) error {
		p, err := game.player(event.Player)
		if err != nil || !change(game, p) {
			return err
		}
		return game.note(event)
	})
}
