package board

import (
	"fmt"
	"strings"
)

// Position is everything FEN tells about a game: what stands where, whose turn it
// is, and what of the past still matters.
type Position struct {
	Board          [64]Piece `json:"board"` // from a1 by b1 to h8
	Turn           Colour    `json:"turn" jsonschema:"enum=white,enum=black"`
	Castling       string    `json:"castling" jsonschema:"pattern=^(-|K?Q?k?q?)$,minLength=1"`
	EnPassant      string    `json:"enPassant" jsonschema:"pattern=^(-|[a-h][36])$"` // behind a pawn that just went two squares
	HalfmoveClock  int       `json:"halfmoveClock" jsonschema:"minimum=0"`           // since the last capture or pawn move
	FullmoveNumber int       `json:"fullmoveNumber" jsonschema:"minimum=1"`
}

// nothing is FEN's sign for no castling and no square.
const nothing = "-"

// Start is the position every game begins with.
func Start() Position {
	p := Position{Turn: White, Castling: "KQkq", EnPassant: nothing, FullmoveNumber: 1}
	for file, kind := range []byte("RNBQKBNR") {
		p.Board[squareAt(file, 0)] = pieceOf(kind, White)
		p.Board[squareAt(file, 1)] = pieceOf(pawn, White)
		p.Board[squareAt(file, 6)] = pieceOf(pawn, Black)
		p.Board[squareAt(file, 7)] = pieceOf(kind, Black)
	}
	return p
}

// FEN is the position in Forsyth–Edwards notation.
func (p Position) FEN() string {
	var fen strings.Builder
	for rank := 7; rank >= 0; rank-- {
		empty := 0
		for file := range 8 {
			piece := p.Board[squareAt(file, rank)]
			if piece == None {
				empty++
				continue
			}
			writeEmpty(&fen, &empty)
			fen.WriteByte(byte(piece))
		}
		writeEmpty(&fen, &empty)
		if rank > 0 {
			fen.WriteByte('/')
		}
	}
	fmt.Fprintf(&fen, " %s %s %s %d %d", p.Turn[:1], p.Castling, p.EnPassant, p.HalfmoveClock, p.FullmoveNumber)
	return fen.String()
}

func writeEmpty(fen *strings.Builder, count *int) {
	if *count > 0 {
		fmt.Fprintf(fen, "%d", *count)
	}
	*count = 0
}

func (p Position) find(kind byte, colour Colour) Square {
	for square, piece := range p.Board {
		if piece.is(kind, colour) {
			return Square(square)
		}
	}
	return noSquare
}

// attacked reports whether a piece of colour by attacks the square.
func (p *Position) attacked(square Square, by Colour) bool {
	for _, side := range []int{-1, 1} { // a pawn attacks from one rank behind
		if from := square.by(direction{side, -forward(by)}); from != noSquare && p.Board[from].is(pawn, by) {
			return true
		}
	}
	return p.stands(square, leaps, 1, by, knight, knight) ||
		p.stands(square, around, 1, by, king, king) ||
		p.stands(square, straight, 7, by, rook, queen) ||
		p.stands(square, diagonal, 7, by, bishop, queen)
}

// stands reports whether the first piece met from the square in one of the
// directions, within reach, is one of the two kinds.
func (p *Position) stands(square Square, directions []direction, reach int, by Colour, one, other byte) bool {
	for _, step := range directions {
		at := square
		for range reach {
			if at = at.by(step); at == noSquare {
				break
			}
			if piece := p.Board[at]; piece != None {
				if piece.is(one, by) || piece.is(other, by) {
					return true
				}
				break
			}
		}
	}
	return false
}

// inCheck reports whether the side's king is attacked.
func (p *Position) inCheck(colour Colour) bool {
	at := p.find(king, colour)
	return at != noSquare && p.attacked(at, colour.Other())
}
