package api

import (
	"context"
	"iter"
	"net/http"
	"uuid"

	"github.com/kvstore-go/kvstore/examples/chess/platform"
	"github.com/kvstore-go/kvstore/kv"
)

type games struct{ service platform.GameService }

// byPlayer is the body of what a player does without further words.
type byPlayer struct {
	Player uuid.UUID `json:"player" jsonschema:"format=uuid"`
}

type message struct {
	Player uuid.UUID `json:"player" jsonschema:"format=uuid"`
	Text   string    `json:"text" jsonschema:"minLength=1,maxLength=500"`
}

var (
	newGame     = bodyOf[platform.NewGame]()
	newMove     = bodyOf[platform.NewMove]()
	newMessage  = bodyOf[message]()
	newByPlayer = bodyOf[byPlayer]()
)

func (h games) create(r *http.Request) (answer, error) {
	game, err := newGame.read(r)
	if err != nil {
		return answer{}, err
	}
	live, err := h.service.Create(r.Context(), game)
	return created("/games/"+live.ID.String(), live, err)
}

func (h games) list(r *http.Request) (answer, error) {
	player, some, err := playerOf(r)
	switch {
	case err != nil:
		return answer{}, err
	case !some:
		return result(h.service.List(r.Context()))
	}
	return result(h.service.OfPlayer(r.Context(), player))
}

// playerOf is the player whose games a request is about, if it names one.
func playerOf(r *http.Request) (player uuid.UUID, some bool, err error) {
	text := r.URL.Query().Get("player")
	if text == "" {
		return player, false, nil
	}
	if player, err = uuid.Parse(text); err != nil {
		err = badRequest("player: %q is not a UUID", text)
	}
	return player, true, err
}

// follow streams a game: an event for each state that it comes to.
func (h games) follow(r *http.Request) (iter.Seq2[event, error], error) {
	game, err := id(r, "id")
	if err == nil {
		_, err = h.service.Get(r.Context(), game) // of one that is not there the browser need not wait for more
	}
	return events(h.service.Follow(r.Context(), game), func(game platform.LiveGame) event { return event{"game", game} }), err
}

// followAll streams the lobby, or the games of a player: an event for each that enters, changes or leaves.
func (h games) followAll(r *http.Request) (iter.Seq2[event, error], error) {
	player, some, err := playerOf(r)
	follow := h.service.FollowAll(r.Context())
	if some {
		follow = h.service.FollowOfPlayer(r.Context(), player)
	}
	return events(follow, func(change kv.Change[uuid.UUID, platform.LiveGame]) event {
		told := gameEvent{ID: change.Key}
		if change.Kind != kv.Leaves {
			told.Game = &change.Value
		}
		return event{change.Kind.String(), told}
	}), err
}

// gameEvent is what became of a game in the lobby.
type gameEvent struct {
	ID   uuid.UUID          `json:"id"`
	Game *platform.LiveGame `json:"game,omitempty"` // of one that is there
}

func (h games) get(r *http.Request) (answer, error) {
	game, err := id(r, "id")
	if err != nil {
		return answer{}, err
	}
	return result(h.service.Get(r.Context(), game))
}

func (h games) connect(r *http.Request) (answer, error) {
	game, player, err := twoIDs(r, "id", "player")
	if err != nil {
		return answer{}, err
	}
	return result(h.service.Connect(r.Context(), game, player))
}

func (h games) disconnect(r *http.Request) (answer, error) {
	game, player, err := twoIDs(r, "id", "player")
	if err != nil {
		return answer{}, err
	}
	return result(h.service.Disconnect(r.Context(), game, player))
}

func (h games) message(r *http.Request) (answer, error) {
	game, message, err := newMessage.readWithID(r)
	if err != nil {
		return answer{}, err
	}
	return result(h.service.Message(r.Context(), game, message.Player, message.Text))
}

func (h games) move(r *http.Request) (answer, error) {
	game, move, err := newMove.readWithID(r)
	if err != nil {
		return answer{}, err
	}
	return result(h.service.Move(r.Context(), game, move))
}

func (h games) resign(r *http.Request) (answer, error) { return h.act(r, h.service.Resign) }

func (h games) draw(r *http.Request) (answer, error) { return h.act(r, h.service.OfferDraw) }

func (h games) act(r *http.Request, act func(ctx context.Context, game, player uuid.UUID) (platform.LiveGame, error)) (answer, error) {
	game, by, err := newByPlayer.readWithID(r)
	if err != nil {
		return answer{}, err
	}
	return result(act(r.Context(), game, by.Player))
}

func (h games) archive(r *http.Request) (answer, error) {
	game, err := id(r, "id")
	if err != nil {
		return answer{}, err
	}
	return result(h.service.Replay(r.Context(), game))
}
