package board

// Move is a piece going from one square to another. Castling is a move of the
// king by two squares. Promotion is None unless a pawn reaches the last rank.
type Move struct {
	From, To  Square
	Promotion Piece
}

// Moves is every legal move of the side whose turn it is.
func (p Position) Moves() []Move {
	var legal []Move
	p.candidates(func(m Move) {
		if next := p.after(m); !next.inCheck(p.Turn) {
			legal = append(legal, m)
		}
	})
	return legal
}

// candidates are the moves that are legal but for leaving the king in check.
func (p *Position) candidates(emit func(Move)) {
	for at, piece := range p.Board {
		from := Square(at)
		if !piece.belongsTo(p.Turn) {
			continue
		}
		switch piece.kind() {
		case pawn:
			p.pawnMoves(from, emit)
		case knight:
			p.pieceMoves(from, leaps, 1, emit)
		case bishop:
			p.pieceMoves(from, diagonal, 7, emit)
		case rook:
			p.pieceMoves(from, straight, 7, emit)
		case queen:
			p.pieceMoves(from, around, 7, emit)
		case king:
			p.pieceMoves(from, around, 1, emit)
			p.castling(from, emit)
		}
	}
}

func (p *Position) pieceMoves(from Square, directions []direction, reach int, emit func(Move)) {
	for _, step := range directions {
		to := from
		for range reach {
			if to = to.by(step); to == noSquare || p.Board[to].belongsTo(p.Turn) {
				break
			}
			emit(Move{From: from, To: to})
			if p.Board[to] != None {
				break
			}
		}
	}
}

func (p *Position) pawnMoves(from Square, emit func(Move)) {
	ahead := forward(p.Turn)
	to := from.by(direction{0, ahead})
	if to != noSquare && p.Board[to] == None {
		p.pawnMove(from, to, emit)
		if from.rank() == homeRank(p.Turn)+ahead {
			if to = to.by(direction{0, ahead}); p.Board[to] == None {
				p.pawnMove(from, to, emit)
			}
		}
	}
	for _, side := range []int{-1, 1} {
		to := from.by(direction{side, ahead})
		if to != noSquare && (p.Board[to].belongsTo(p.Turn.Other()) || to == parseSquare(p.EnPassant)) {
			p.pawnMove(from, to, emit)
		}
	}
}

func (p *Position) pawnMove(from, to Square, emit func(Move)) {
	if to.rank() != homeRank(p.Turn.Other()) {
		emit(Move{From: from, To: to})
		return
	}
	for _, kind := range []byte{queen, rook, bishop, knight} {
		emit(Move{From: from, To: to, Promotion: pieceOf(kind, p.Turn)})
	}
}

// castling needs the right to it, empty squares between king and rook, and a king
// that neither is in check nor passes through one.
func (p *Position) castling(from Square, emit func(Move)) {
	for _, side := range castlings {
		if !p.mayCastle(pieceOf(side.right, p.Turn)) {
			continue
		}
		rank := homeRank(p.Turn)
		free := true
		for _, file := range side.empty {
			free = free && p.Board[squareAt(file, rank)] == None
		}
		for _, file := range side.safe {
			free = free && !p.attacked(squareAt(file, rank), p.Turn.Other())
		}
		if free {
			emit(Move{From: from, To: squareAt(side.king, rank)})
		}
	}
}

// castlings are the two ways to castle, in files: the squares that must be empty
// and not attacked, and where king and rook come to stand.
var castlings = []struct {
	right       byte
	san         string
	empty, safe []int
	king        int
	rook        [2]int // from, to
}{
	{right: king, san: "O-O", empty: []int{5, 6}, safe: []int{4, 5, 6}, king: 6, rook: [2]int{7, 5}},
	{right: queen, san: "O-O-O", empty: []int{1, 2, 3}, safe: []int{4, 3, 2}, king: 2, rook: [2]int{0, 3}},
}
