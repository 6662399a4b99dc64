package board

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
)

// ErrIllegal: the text is no move, or not one that can be made, in the position.
var ErrIllegal = errors.New("illegal move")

// notation is SAN without its check mark: piece, file, rank, capture, target, promotion.
var notation = regexp.MustCompile(`^([KQRBN]?)([a-h]?)([1-8]?)(x?)([a-h][1-8])(?:=([QRBN]))?$`)

// Play makes the move written in SAN and returns the position after it, with the
// move as SAN prescribes it: the least that tells it from others, and the mark of
// check or checkmate. A mark that is missing in san is added and a wrong one
// ignored, as is customary in reading recorded games.
func (p Position) Play(san string) (next Position, canonical string, err error) {
	m, err := p.parse(strings.TrimRight(san, "+#!?"))
	if err != nil {
		return p, "", fmt.Errorf("%w: %q %w", ErrIllegal, san, err)
	}
	return p.after(m), p.san(m), nil
}

// parse finds the one legal move that text describes.
func (p *Position) parse(text string) (Move, error) {
	describes := p.describedBySquares(text)
	for _, side := range castlings {
		if text == side.san {
			describes = func(m Move) bool { return isCastling(p.Board[m.From], m) && m.To.file() == side.king }
		}
	}
	if describes == nil {
		return Move{}, errors.New("is not standard algebraic notation")
	}
	var found []Move
	for _, m := range p.Moves() {
		if describes(m) {
			found = append(found, m)
		}
	}
	switch len(found) {
	case 0:
		return Move{}, errors.New("cannot be made in this position")
	case 1:
		return found[0], nil
	default:
		return Move{}, errors.New("could be more than one move")
	}
}

// describedBySquares is whether a move fits text that is not castling; nil if text is not SAN.
func (p *Position) describedBySquares(text string) func(Move) bool {
	parts := notation.FindStringSubmatch(text)
	if parts == nil {
		return nil
	}
	kind, promotion := byte(pawn), None
	if parts[1] != "" {
		kind = parts[1][0]
	}
	if parts[6] != "" {
		promotion = pieceOf(parts[6][0], p.Turn)
	}
	return func(m Move) bool {
		return p.Board[m.From].kind() == kind &&
			(parts[2] == "" || parts[2] == m.From.fileName()) &&
			(parts[3] == "" || parts[3] == m.From.rankName()) &&
			(parts[4] == "x") == p.captures(m) &&
			parts[5] == m.To.String() &&
			promotion == m.Promotion &&
			!isCastling(p.Board[m.From], m)
	}
}

func (p *Position) captures(m Move) bool {
	return p.Board[m.To] != None || p.Board[m.From].kind() == pawn && m.From.file() != m.To.file()
}

// san writes a legal move.
func (p *Position) san(m Move) string {
	var text strings.Builder
	switch piece := p.Board[m.From]; {
	case isCastling(piece, m):
		for _, side := range castlings {
			if side.king == m.To.file() {
				text.WriteString(side.san)
			}
		}
	default:
		if piece.kind() != pawn {
			text.WriteByte(piece.kind())
		}
		text.WriteString(p.origin(m))
		if p.captures(m) {
			text.WriteByte('x')
		}
		text.WriteString(m.To.String())
		if m.Promotion != None {
			text.WriteByte('=')
			text.WriteByte(m.Promotion.kind())
		}
	}
	switch next := p.after(m); {
	case next.Outcome() == Checkmate:
		text.WriteByte('#')
	case next.inCheck(next.Turn):
		text.WriteByte('+')
	}
	return text.String()
}

// origin is what tells the move from those of other pieces of its kind to the same
// square: the file if that is enough, else the rank, else both. Only legal moves
// count: a pinned piece is no alternative. A pawn that captures always has its file.
func (p *Position) origin(m Move) string {
	kind := p.Board[m.From].kind()
	if kind == pawn {
		if p.captures(m) {
			return m.From.fileName()
		}
		return ""
	}
	var rivals, onFile, onRank bool
	for _, other := range p.Moves() {
		if other.To != m.To || other.From == m.From || p.Board[other.From].kind() != kind {
			continue
		}
		rivals = true
		onFile = onFile || other.From.file() == m.From.file()
		onRank = onRank || other.From.rank() == m.From.rank()
	}
	switch {
	case !rivals:
		return ""
	case !onFile:
		return m.From.fileName()
	case !onRank:
		return m.From.rankName()
	default:
		return m.From.String()
	}
}
