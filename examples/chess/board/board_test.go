package board

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/kvstore-go/kvstore/examples/chess/pgn"
)

// position reads FEN.
func position(t *testing.T, fen string) Position {
	t.Helper()
	fields := strings.Fields(fen)
	p := Position{Turn: White, Castling: fields[2], EnPassant: fields[3]}
	if fields[1] == "b" {
		p.Turn = Black
	}
	p.HalfmoveClock, _ = strconv.Atoi(fields[4])
	p.FullmoveNumber, _ = strconv.Atoi(fields[5])
	for i, row := range strings.Split(fields[0], "/") {
		square := (7 - i) * 8
		for _, c := range []byte(row) {
			if c >= '1' && c <= '8' {
				square += int(c - '0')
				continue
			}
			p.Board[square] = Piece(c)
			square++
		}
	}
	if p.FEN() != fen {
		t.Fatalf("%s is written as %s", fen, p.FEN())
	}
	return p
}

func TestRecordedGames(t *testing.T) {
	files, err := filepath.Glob("../testdata/*.pgn")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			game, err := pgn.Parse(string(text))
			if err != nil {
				t.Fatal(err)
			}
			p := Start()
			for i, san := range game.Moves {
				next, canonical, err := p.Play(san)
				if err != nil || canonical != san {
					t.Fatalf("ply %d, %s: %s, %v", i+1, san, canonical, err)
				}
				p = next
			}
			if p.FEN() != game.Tags["FinalFEN"] {
				t.Errorf("the game ends at %s, want %s", p.FEN(), game.Tags["FinalFEN"])
			}
			if mate := strings.HasSuffix(game.Moves[len(game.Moves)-1], "#"); mate != (p.Outcome() == Checkmate) {
				t.Errorf("the game ends with %s", p.Outcome())
			}
		})
	}
}
