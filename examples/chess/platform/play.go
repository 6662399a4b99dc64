package platform

import (
	"context"
	"time"
	"uuid"

	"github.com/kvstore-go/kvstore/examples/chess/board"
	"github.com/kvstore-go/kvstore/kv"
)

// NewMove is a move as a player sends it.
type NewMove struct {
	Player uuid.UUID `json:"player" jsonschema:"format=uuid"`
	// Ply is how many half-moves the player has seen in the game. It tells a move
	// that answers the present position from one that comes too late.
	Ply  int    `json:"ply" jsonschema:"minimum=0"`
	Move string `json:"move" jsonschema:"minLength=2,maxLength=10"`
}

// Move makes a move. Of two moves for one ply, one is made; the other is refused
// when it finds what the first has stored.
func (s GameService) Move(ctx context.Context, id uuid.UUID, move NewMove) (LiveGame, error) {
	return s.play(ctx, id, move.Player, func(game *LiveGame, p *Player) error {
		switch {
		case !p.Connected:
			return refuse(Conflict, "%s is not connected", p.Name)
		case move.Ply != len(game.Moves):
			return refuse(Conflict, "the move is for ply %d, and the game is at ply %d", move.Ply, len(game.Moves))
		case move.Ply == maxMoves:
			return refuse(Conflict, "the game has had %d moves and takes no more", maxMoves)
		case p.Colour != game.Position.Turn:
			return refuse(Conflict, "it is the turn of %s", game.Position.Turn)
		}
		next, san, err := game.Position.Play(move.Move)
		if err != nil {
			return refuse(Invalid, "%v", err)
		}
		game.Position, game.Moves = next, append(game.Moves, san)
		if game.DrawOffer != p.Colour { // to play on declines the opponent's offer
			game.DrawOffer = ""
		}
		switch next.Outcome() {
		case board.Checkmate:
			game.finish(winOf(p.Colour))
		case board.Stalemate:
			game.finish(Draw)
		case board.Ongoing:
		}
		return nil
	})
}

// Resign gives the game to the opponent.
func (s GameService) Resign(ctx context.Context, id, player uuid.UUID) (LiveGame, error) {
	return s.play(ctx, id, player, func(game *LiveGame, p *Player) error {
		game.finish(winOf(p.Colour.Other()))
		return nil
	})
}

// OfferDraw offers a draw, or accepts the one that the opponent has offered.
func (s GameService) OfferDraw(ctx context.Context, id, player uuid.UUID) (LiveGame, error) {
	return s.play(ctx, id, player, func(game *LiveGame, p *Player) error {
		if game.DrawOffer == p.Colour.Other() {
			game.finish(Draw)
		} else {
			game.DrawOffer = p.Colour
		}
		return nil
	})
}

// finishedFor is how long a finished game can still be read as a live one.
const finishedFor = time.Hour

// play is what a player does to a game in progress. A game that is over then is kept
// as a replay in the same step: there is no finished game without one.
func (s GameService) play(ctx context.Context, id, player uuid.UUID, act func(*LiveGame, *Player) error) (game LiveGame, err error) {
	err = kv.Atomic(ctx, s.store, func(ctx context.Context, games Games) (err error) {
		live := games.Live.Take(id)
		game, err = live.Update(ctx, func(game *LiveGame) error {
			p, err := game.player(player)
			if err != nil {
				return err
			}
			switch game.State {
			case Waiting:
				return refuse(Conflict, "the game has not begun: both players have to connect")
			case Finished:
				return refuse(Conflict, "the game is over: %s", game.Result)
			case Playing:
			}
			return act(game, p)
		})
		if err != nil || game.State != Finished {
			return err
		}
		if _, err := games.keep(ctx, id, game.record()); err != nil {
			return err
		}
		_, err = live.Expire(ctx, finishedFor)
		return err
	})
	return game, err
}
