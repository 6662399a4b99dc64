// Package board is the game of chess as far as a server needs it: a position, the
// moves that are legal in it, standard algebraic notation (SAN), and the end of a
// game by checkmate or stalemate.
//
// A Position is a value: Play returns the position after a move and leaves the one
// it is called on as it was, so that it can be called again by an atomic update.
//
// Draws that a player has to claim (threefold repetition, fifty moves) are left to
// the players.
package board
