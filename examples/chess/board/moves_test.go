package board

import (
	"errors"
	"testing"
)

// Counting the positions that can be reached in a number of plies is how move
// generators are checked; the numbers are those everybody else's arrive at.
func TestPerft(t *testing.T) {
	for _, row := range []struct {
		name, fen   string
		depth, want int
	}{
		{"start", Start().FEN(), 3, 8902},
		{"castling and pins", "r3k2r/p1ppqpb1/bn2pnp1/3PN3/1p2P3/2N2Q1p/PPPBBPPP/R3K2R w KQkq - 0 1", 2, 2039},
		{"en passant uncovers the king", "8/2p5/3p4/KP5r/1R3p1k/8/4P1P1/8 w - - 0 1", 3, 2812},
		{"promotion", "n1n5/PPPk4/8/8/8/8/4Kppp/5N1N b - - 0 1", 3, 9483},
	} {
		t.Run(row.name, func(t *testing.T) {
			if got := perft(t, position(t, row.fen), row.depth); got != row.want {
				t.Errorf("got %d, want %d", got, row.want)
			}
		})
	}
}

// perft also checks, short of the leaves, that the notation of every move leads to that move.
func perft(t *testing.T, p Position, depth int) int {
	moves := p.Moves()
	if depth == 1 {
		return len(moves)
	}
	count := 0
	for _, m := range moves {
		next, canonical, err := p.Play(p.san(m))
		if err != nil || canonical != p.san(m) || next != p.after(m) {
			t.Fatalf("%s in %s: %s, %v", p.san(m), p.FEN(), canonical, err)
		}
		count += perft(t, next, depth-1)
	}
	return count
}

func TestPlay(t *testing.T) {
	for _, row := range []struct {
		name, fen, san, canonical, after string
	}{
		{"a pinned piece is no alternative", "4k3/4r3/8/8/8/4N3/8/N3K3 w - - 0 1", "Nc2", "Nc2", "4k3/4r3/8/8/8/4N3/2N5/4K3 b - - 1 1"},
		{"more than is needed", Start().FEN(), "Ng1f3", "Nf3", "rnbqkbnr/pppppppp/8/8/8/5N2/PPPPPPPP/RNBQKB1R b KQkq - 1 1"},
		{"by file", "4k3/8/8/8/8/8/8/R3K2R w KQ - 0 1", "Rad1", "Rd1", "4k3/8/8/8/8/8/8/3RK2R b K - 1 1"},
		{"by rank", "7k/8/8/R7/8/8/8/R6K w - - 0 1", "R1a3", "R1a3", "7k/8/8/R7/8/R7/8/7K b - - 1 1"},
		{"by both", "8/2k5/8/8/4Q2Q/8/8/K6Q w - - 0 1", "Qh4e1", "Qh4e1", "8/2k5/8/8/4Q3/8/8/K3Q2Q b - - 1 1"},
		{"a missing mark is added", "6k1/5ppp/8/8/8/8/8/R5K1 w - - 0 1", "Ra8", "Ra8#", "R5k1/5ppp/8/8/8/8/8/6K1 b - - 1 1"},
		{"a promotion that captures", "1n5k/P7/8/8/8/8/8/7K w - - 3 9", "axb8=N", "axb8=N", "1N5k/8/8/8/8/8/8/7K b - - 0 9"},
		{"a captured rook takes the right to castle along", "r3k3/8/8/8/8/8/6B1/4K3 w q - 0 1", "Bxa8", "Bxa8", "B3k3/8/8/8/8/8/8/4K3 b - - 0 1"},
		{"en passant", "4k3/8/8/3pP3/8/8/8/4K3 w - d6 0 2", "exd6", "exd6", "4k3/8/3P4/8/8/8/8/4K3 b - - 0 2"},
		{"castling gives check", "5k2/8/8/8/8/8/8/4K2R w K - 0 1", "O-O", "O-O+", "5k2/8/8/8/8/8/8/5RK1 b - - 1 1"},
	} {
		t.Run(row.name, func(t *testing.T) {
			next, canonical, err := position(t, row.fen).Play(row.san)
			if err != nil || canonical != row.canonical || next.FEN() != row.after {
				t.Errorf("%s, %s, %v", canonical, next.FEN(), err)
			}
		})
	}
}

func TestPlayRefuses(t *testing.T) {
	for _, row := range []struct{ name, fen, san string }{
		{"a square off the board", "4k3/8/8/8/8/8/8/R3K2R w - - 0 1", "Rf9"},
		{"two rooks can go there", "7k/8/8/R7/8/8/8/R6K w - - 0 1", "Ra3"},
		{"a pinned piece", "4k3/4r3/8/8/8/4N3/8/4K3 w - - 0 1", "Nc4"},
		{"castling out of check", "4kr2/8/8/8/8/8/8/4K2R w K - 0 1", "O-O"},
		{"castling without the right", "4k3/8/8/8/8/8/8/4K2R w - - 0 1", "O-O"},
		{"a capture of nothing", Start().FEN(), "exd3"},
		{"a pawn on the last rank stays none", "7k/P7/8/8/8/8/8/7K w - - 0 1", "a8"},
		{"no notation at all", Start().FEN(), "e2e4 please"},
		{"nothing", Start().FEN(), ""},
	} {
		t.Run(row.name, func(t *testing.T) {
			before := position(t, row.fen)
			if next, _, err := before.Play(row.san); !errors.Is(err, ErrIllegal) || next != before {
				t.Error(next.FEN(), err)
			}
		})
	}
}

func TestOutcome(t *testing.T) {
	for fen, want := range map[string]Outcome{
		Start().FEN():                       Ongoing,
		"R5k1/5ppp/8/8/8/8/8/6K1 b - - 1 1": Checkmate,
		"7k/5Q2/8/8/8/8/8/6K1 b - - 1 1":    Stalemate,
	} {
		if got := position(t, fen).Outcome(); got != want {
			t.Errorf("%s: %s", fen, got)
		}
	}
}

func TestPiecesAsText(t *testing.T) {
	for _, letter := range []string{"", "K", "p"} {
		var piece Piece
		if err := piece.UnmarshalText([]byte(letter)); err != nil {
			t.Error(err)
		}
		if text, err := piece.MarshalText(); err != nil || string(text) != letter {
			t.Errorf("%q, %v", text, err)
		}
	}
	var piece Piece
	if err := piece.UnmarshalText([]byte("x")); err == nil {
		t.Error("x is a piece")
	}
}
