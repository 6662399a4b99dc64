package record

import (
	"bytes"
	"cmp"
	"encoding/json/jsontext"
	"slices"
	"strconv"

	"github.com/kvstore-go/kvstore/jsonval/internal/violation"
)

// inDocumentOrder sorts violations by where their values stand in the text. The validator walks maps, whose order is random.
// Only the members on the way to a violation are looked at; the rest of the text is skipped.
func inDocumentOrder(text []byte, violations []violation.Violation) []violation.Violation {
	root := &place{}
	places := make(map[string]*place, len(violations))
	for _, violation := range violations {
		places[violation.Pointer] = root.at(jsontext.Pointer(violation.Pointer))
	}
	s := survey{decoder: jsontext.NewDecoder(bytes.NewBuffer(text))}
	s.visit(root)
	slices.SortFunc(violations, func(a, b violation.Violation) int {
		return cmp.Or(
			cmp.Compare(places[a.Pointer].rank, places[b.Pointer].rank),
			cmp.Compare(a.Pointer, b.Pointer),
			cmp.Compare(a.Keyword, b.Keyword),
			cmp.Compare(a.Message, b.Message),
		)
	})
	return slices.Compact(violations)
}

// place is a value of the document that a violation points to, or that contains one.
type place struct {
	rank  int
	below map[string]*place
}

func (p *place) at(pointer jsontext.Pointer) *place {
	for token := range pointer.Tokens() {
		if p.below == nil {
			p.below = map[string]*place{}
		}
		next := p.below[token]
		if next == nil {
			next = &place{}
			p.below[token] = next
		}
		p = next
	}
	return p
}

// survey reads a text that is known to be well formed, so that it has no errors to handle.
type survey struct {
	decoder *jsontext.Decoder
	seen    int
}

func (s *survey) visit(p *place) {
	if p == nil {
		_ = s.decoder.SkipValue()
		return
	}
	s.seen++
	p.rank = s.seen
	if len(p.below) == 0 {
		_ = s.decoder.SkipValue()
		return
	}
	begin, _ := s.decoder.ReadToken()
	switch begin.Kind() {
	case jsontext.KindBeginArray:
		for i := 0; s.decoder.PeekKind() != jsontext.KindEndArray; i++ {
			s.visit(p.below[strconv.Itoa(i)])
		}
	case jsontext.KindBeginObject:
		for s.decoder.PeekKind() != jsontext.KindEndObject {
			name, _ := s.decoder.ReadToken()
			s.visit(p.below[name.String()])
		}
	default:
		return
	}
	_, _ = s.decoder.ReadToken()
}
