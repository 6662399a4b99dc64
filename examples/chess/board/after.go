package board

import "strings"

// after is the position after a move, which is not checked.
func (p Position) after(m Move) Position {
	piece, captured := p.Board[m.From], p.Board[m.To]
	next := p
	next.Board[m.From], next.Board[m.To] = None, piece
	if m.Promotion != None {
		next.Board[m.To] = m.Promotion
	}
	next.EnPassant = nothing
	switch {
	case piece.kind() == pawn && m.To == parseSquare(p.EnPassant):
		next.Board[squareAt(m.To.file(), m.From.rank())] = None
	case piece.kind() == pawn && m.To-m.From == 16 || piece.kind() == pawn && m.From-m.To == 16:
		next.EnPassant = ((m.From + m.To) / 2).String()
	case isCastling(piece, m):
		next.moveRook(m)
	}
	next.Castling = p.castlingAfter(m)
	next.HalfmoveClock++
	if piece.kind() == pawn || captured != None {
		next.HalfmoveClock = 0
	}
	if p.Turn == Black {
		next.FullmoveNumber++
	}
	next.Turn = p.Turn.Other()
	return next
}

func isCastling(piece Piece, m Move) bool {
	return piece.kind() == king && (m.To.file()-m.From.file() == 2 || m.From.file()-m.To.file() == 2)
}

func (p *Position) moveRook(m Move) {
	for _, side := range castlings {
		if side.king == m.To.file() {
			from, to := squareAt(side.rook[0], m.To.rank()), squareAt(side.rook[1], m.To.rank())
			p.Board[to], p.Board[from] = p.Board[from], None
		}
	}
}

func (p *Position) mayCastle(right Piece) bool {
	return strings.IndexByte(p.Castling, byte(right)) >= 0
}

// castlingAfter is the castling rights that are left when something has moved
// from or to one of the squares where kings and rooks start.
func (p *Position) castlingAfter(m Move) string {
	rights := strings.Map(func(right rune) rune {
		colour := Piece(right).colour()
		for _, side := range castlings {
			if pieceOf(side.right, colour) != Piece(right) {
				continue
			}
			home := homeRank(colour)
			for _, square := range []Square{squareAt(4, home), squareAt(side.rook[0], home)} {
				if m.From == square || m.To == square {
					return -1
				}
			}
		}
		return right
	}, p.Castling)
	if rights == "" {
		return nothing
	}
	return rights
}
