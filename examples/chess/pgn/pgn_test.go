package pgn_test

import (
	"errors"
	"slices"
	"testing"

	"github.com/kvstore-go/kvstore/examples/chess/pgn"
)

func TestParse(t *testing.T) {
	game, err := pgn.Parse(`[Event "A \"casual\" game"]
[White "Légal"]

1.e4 e5 {the open game} 2. Bc4 $1 (2. Nf3 Nc6 (2... d6)) 2... d6 ; Black waits
3. Nf3 *`)
	if err != nil {
		t.Fatal(err)
	}
	if game.Tags["Event"] != `A "casual" game` || game.Tags["White"] != "Légal" || game.Result != "*" {
		t.Errorf("%+v", game)
	}
	if want := []string{"e4", "e5", "Bc4", "d6", "Nf3"}; !slices.Equal(game.Moves, want) {
		t.Errorf("got %q, want %q", game.Moves, want)
	}
}

func TestParseRefuses(t *testing.T) {
	for _, text := range []string{"", "1. e4", "1. e4 {no end 1-0", "1. e4 (1. d4 1-0", "1. e4) 1-0", "1. e4 1-0 e5"} {
		if game, err := pgn.Parse(text); !errors.Is(err, pgn.ErrSyntax) {
			t.Errorf("%q: %+v, %v", text, game, err)
		}
	}
}
