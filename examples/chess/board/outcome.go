package board

// Outcome is how a position ends the game.
type Outcome string

// The ways a position ends a game, or does not.
const (
	Ongoing   Outcome = "ongoing"
	Checkmate Outcome = "checkmate" // of the side whose turn it is
	Stalemate Outcome = "stalemate"
)

// Outcome reports whether the side whose turn it is has been mated or has no move.
func (p Position) Outcome() Outcome {
	switch {
	case len(p.Moves()) > 0:
		return Ongoing
	case p.inCheck(p.Turn):
		return Checkmate
	default:
		return Stalemate
	}
}
