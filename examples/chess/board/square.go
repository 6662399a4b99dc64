package board

// Square is a place on the board, from a1 = 0 by b1 = 1 to h8 = 63.
type Square int8

// noSquare is what lies beyond the edge.
const noSquare Square = -1

func squareAt(file, rank int) Square {
	if file < 0 || file > 7 || rank < 0 || rank > 7 {
		return noSquare
	}
	return Square(rank*8 + file)
}

// parseSquare reads the name of a square; anything else is noSquare.
func parseSquare(name string) Square {
	if len(name) != 2 {
		return noSquare
	}
	return squareAt(int(name[0])-'a', int(name[1])-'1')
}

func (s Square) file() int { return int(s) % 8 }
func (s Square) rank() int { return int(s) / 8 }

// by is the square so many files and ranks away, or noSquare.
func (s Square) by(step direction) Square {
	return squareAt(s.file()+step.files, s.rank()+step.ranks)
}

func (s Square) fileName() string { return string(rune('a' + s.file())) }
func (s Square) rankName() string { return string(rune('1' + s.rank())) }

// String is the name of the square: e4.
func (s Square) String() string { return s.fileName() + s.rankName() }

// direction is a step on the board, as White sees it.
type direction struct{ files, ranks int }

var (
	straight = []direction{{0, 1}, {1, 0}, {0, -1}, {-1, 0}}
	diagonal = []direction{{1, 1}, {1, -1}, {-1, -1}, {-1, 1}}
	around   = append(append([]direction(nil), straight...), diagonal...)
	leaps    = []direction{{1, 2}, {2, 1}, {2, -1}, {1, -2}, {-1, -2}, {-2, -1}, {-2, 1}, {-1, 2}}
)

// forward is the direction in which a side's pawns go.
func forward(colour Colour) int {
	if colour == White {
		return 1
	}
	return -1
}

// homeRank is where a side's king and rooks start.
func homeRank(colour Colour) int {
	if colour == White {
		return 0
	}
	return 7
}
