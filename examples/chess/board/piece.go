package board

import "fmt"

// Colour is a side.
type Colour string

// The two sides.
const (
	White Colour = "white"
	Black Colour = "black"
)

// Other is the opponent.
func (c Colour) Other() Colour {
	if c == White {
		return Black
	}
	return White
}

// Piece is what stands on a square: the letter FEN has for it, upper case for
// White (K Q R B N P), lower case for Black; None on an empty square.
type Piece byte

// None is an empty square.
const None Piece = 0

const (
	king   = 'K'
	queen  = 'Q'
	rook   = 'R'
	bishop = 'B'
	knight = 'N'
	pawn   = 'P'
)

const letters = "KQRBNPkqrbnp"

// lower is how far a black piece's letter is from the white one's.
const lower = 'a' - 'A'

func pieceOf(kind byte, colour Colour) Piece {
	if colour == Black {
		return Piece(kind + lower)
	}
	return Piece(kind)
}

func (p Piece) colour() Colour {
	if p >= 'a' {
		return Black
	}
	return White
}

// kind is the white piece's letter, whichever the colour.
func (p Piece) kind() byte {
	if p >= 'a' {
		return byte(p) - lower
	}
	return byte(p)
}

func (p Piece) is(kind byte, colour Colour) bool { return p == pieceOf(kind, colour) }

func (p Piece) belongsTo(colour Colour) bool { return p != None && p.colour() == colour }

// MarshalText is the letter, or nothing for an empty square.
func (p Piece) MarshalText() ([]byte, error) {
	if p == None {
		return nil, nil
	}
	return []byte{byte(p)}, nil
}

// UnmarshalText refuses what is not a piece.
func (p *Piece) UnmarshalText(text []byte) error {
	if len(text) == 0 {
		*p = None
		return nil
	}
	for i := range letters {
		if string(text) == letters[i:i+1] {
			*p = Piece(text[0])
			return nil
		}
	}
	return fmt.Errorf("%q is not a piece: one of %s, or nothing", text, letters)
}
