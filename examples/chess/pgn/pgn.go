// Package pgn reads a recorded game in Portable Game Notation.
package pgn

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
)

// Game is a recorded game: its tags, its moves as they stand there, and how it ended.
type Game struct {
	Tags   map[string]string
	Moves  []string
	Result string // 1-0, 0-1, 1/2-1/2, or * for a game that is not over
}

// ErrSyntax: the text is not one game in PGN.
var ErrSyntax = errors.New("not a game in PGN")

var (
	tagPair    = regexp.MustCompile(`^\[(\w+)\s+"((?:[^"\\]|\\.)*)"\]$`)
	moveNumber = regexp.MustCompile(`^[0-9]+\.+`)
	results    = map[string]bool{"1-0": true, "0-1": true, "1/2-1/2": true, "*": true}
	unescape   = strings.NewReplacer(`\"`, `"`, `\\`, `\`)
)

// Parse reads the one game in text. Comments, variations and annotations are
// skipped; moves are not checked.
func Parse(text string) (Game, error) {
	game := Game{Tags: map[string]string{}}
	var movetext strings.Builder
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if tag := tagPair.FindStringSubmatch(line); tag != nil && movetext.Len() == 0 {
			game.Tags[tag[1]] = unescape.Replace(tag[2])
			continue
		}
		line, _, _ = strings.Cut(line, ";")
		if line != "" {
			movetext.WriteString(line + " ")
		}
	}
	played, err := withoutAsides(movetext.String())
	if err != nil {
		return Game{}, err
	}
	for token := range strings.FieldsSeq(played) {
		token = moveNumber.ReplaceAllString(token, "")
		switch {
		case token == "" || token[0] == '$':
		case game.Result != "":
			return Game{}, fmt.Errorf("%w: %q after the result", ErrSyntax, token)
		case results[token]:
			game.Result = token
		default:
			game.Moves = append(game.Moves, token)
		}
	}
	if game.Result == "" {
		return Game{}, fmt.Errorf("%w: the moves do not end with a result", ErrSyntax)
	}
	return game, nil
}

// withoutAsides drops {comments} and (variations), which may be nested.
func withoutAsides(movetext string) (string, error) {
	var played strings.Builder
	comment, depth := false, 0
	for _, c := range movetext {
		switch {
		case comment:
			comment = c != '}'
		case c == '{':
			comment = true
		case c == '(':
			depth++
		case c == ')':
			depth--
		case depth == 0:
			played.WriteRune(c)
		}
		if depth < 0 {
			break
		}
	}
	if comment || depth != 0 {
		return "", fmt.Errorf("%w: a comment or variation is not closed", ErrSyntax)
	}
	return played.String(), nil
}
