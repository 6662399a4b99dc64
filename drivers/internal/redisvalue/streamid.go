package redisvalue

import (
	"cmp"
	"fmt"
	"math"
	"strconv"
	"strings"
)

// StreamID is the id of an entry of a stream: milliseconds, and a number within them.
type StreamID struct{ Millis, Sequence uint64 }

// LastStreamID is the greatest there is: nothing can be added behind it.
var LastStreamID = StreamID{math.MaxUint64, math.MaxUint64}

// ParseStreamID reads an id, or says why it is none. One of milliseconds alone has
// the given sequence.
func ParseStreamID(text string, sequence uint64) (id StreamID, err error) {
	millis, number, both := strings.Cut(text, "-")
	id.Millis, err = strconv.ParseUint(millis, 10, 64)
	id.Sequence = sequence
	if both && err == nil {
		id.Sequence, err = strconv.ParseUint(number, 10, 64)
	}
	if err != nil || len(text) > maxStreamID {
		return StreamID{}, fmt.Errorf("%.50q is no id of a stream", text)
	}
	return id, nil
}

const maxStreamID = len("18446744073709551615-18446744073709551615")

// String is the id as Redis writes it: 5-0.
func (id StreamID) String() string {
	text := make([]byte, 0, maxStreamID)
	text = append(strconv.AppendUint(text, id.Millis, 10), '-')
	return string(strconv.AppendUint(text, id.Sequence, 10))
}

// SpellOutStreamID is an id, which must be one, with the sequence that one without it stands
// for: 5 is 5-0. At the upper end of a range it would stand for another.
func SpellOutStreamID(text string) string {
	id, _ := ParseStreamID(text, 0) //nolint:errcheck // it is one
	return id.String()
}

// SpellOutStreamIDs spells several out.
func SpellOutStreamIDs(texts []string) []string {
	ids := make([]string, len(texts))
	for i, text := range texts {
		ids[i] = SpellOutStreamID(text)
	}
	return ids
}

// Compare is negative if id comes before other, and positive if it comes after.
func (id StreamID) Compare(other StreamID) int {
	if c := cmp.Compare(id.Millis, other.Millis); c != 0 {
		return c
	}
	return cmp.Compare(id.Sequence, other.Sequence)
}

// Next is the id that follows, if there is one.
func (id StreamID) Next() (StreamID, bool) {
	if id == LastStreamID {
		return id, false
	}
	if id.Sequence++; id.Sequence == 0 {
		id.Millis++
	}
	return id, true
}

// previous is the id that precedes, if there is one.
func (id StreamID) previous() (StreamID, bool) {
	if id == (StreamID{}) {
		return id, false
	}
	if id.Sequence == 0 {
		id.Millis--
	}
	id.Sequence--
	return id, true
}

// StreamRange is the ids between which a range of entries lies, both of them in it.
// Ends are written as Redis has them: 5-1, 5, (5-1, - and +; one that is empty is open.
func StreamRange(low, high string) (from, to StreamID, err error) {
	low, high = cmp.Or(low, "-"), cmp.Or(high, "+")
	if from, err = streamEnd(low, 0, StreamID.Next); err == nil {
		to, err = streamEnd(high, math.MaxUint64, StreamID.previous)
	}
	return from, to, err
}

func streamEnd(text string, sequence uint64, beside func(StreamID) (StreamID, bool)) (StreamID, error) {
	switch text {
	case "-":
		return StreamID{}, nil
	case "+":
		return LastStreamID, nil
	}
	text, exclusive := strings.CutPrefix(text, "(")
	id, err := ParseStreamID(text, sequence)
	if err == nil && exclusive {
		var ok bool
		if id, ok = beside(id); !ok {
			err = fmt.Errorf("there is no id beside %q", text)
		}
	}
	return id, err
}

// NewStreamID is the id that an entry gets which is added under value, an id, * or 5-*, to a
// stream whose last id is last, at the moment now. It must be above last.
func NewStreamID(value string, last StreamID, now int64) (StreamID, error) {
	next, more := last.Next()
	id := StreamID{Millis: uint64(max(now, 0))}
	var err error
	if millis, within := strings.CutSuffix(value, "-*"); within {
		id, err = ParseStreamID(millis, 0)
		if id.Millis == last.Millis && next.Millis == last.Millis {
			id = next
		}
	} else if value != "*" {
		id, err = ParseStreamID(value, 0)
	} else if id.Compare(last) <= 0 {
		id = next
	}
	if err == nil && (!more || id.Compare(last) <= 0) {
		err = fmt.Errorf("the id %v is not above the last one, %v", id, last)
	}
	return id, err
}
