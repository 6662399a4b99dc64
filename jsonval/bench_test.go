package jsonval_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/kvstore-go/kvstore/jsonval"
)

type game struct {
	ID      string      `json:"id" jsonschema:"format=uuid"`
	Started time.Time   `json:"started"`
	Turn    string      `json:"turn" jsonschema:"enum=white,enum=black"`
	Result  *string     `json:"result" jsonschema:"maxLength=20"`
	Players []gamer     `json:"players" jsonschema:"minItems=2,maxItems=2"`
	Events  []gameEvent `json:"events"`
	Moves   []Move      `json:"moves" jsonschema:"maxItems=1000"`
}

type gamer struct {
	Name   string `json:"name" jsonschema:"minLength=1,maxLength=40"`
	Rating int    `json:"rating" jsonschema:"minimum=0,maximum=4000"`
	Email  string `json:"email,omitempty" jsonschema:"format=email"`
}

type gameEvent struct {
	Kind string `json:"kind" jsonschema:"enum=start,enum=clock,enum=draw"`
	Ply  uint8  `json:"ply"`
}

// sampleGame is a game of so many moves, and of a size in bytes that goes with it.
func sampleGame(moves int) game {
	g := game{
		ID:      "0f8fad5b-d9cb-469f-a165-70867728950e",
		Started: time.Date(1851, time.June, 21, 12, 0, 0, 0, time.UTC),
		Turn:    "white",
	}
	if moves == 0 {
		g.Players = []gamer{{Name: "A", Rating: 2600}, {Name: "K", Rating: 2480}}
		return g
	}
	g.Players = []gamer{{"Adolf Anderssen", 2600, "anderssen@example.com"}, {"Lionel Kieseritzky", 2480, "kieseritzky@example.com"}}
	g.Events = []gameEvent{{"start", 0}, {"clock", 20}, {"draw", 40}}
	for ply := range moves {
		g.Moves = append(g.Moves, Move{From: "e2", To: "e4", Ply: uint8(ply%200) + 1})
	}
	return g
}

// sizes are numbers of moves: of a game of some 200 bytes, of 1.85 KB, and of 20 KB.
var sizes = []int{0, 40, 580}

func benchmarked(b *testing.B, moves int) (*jsonval.Codec[game], game, string) {
	b.Helper()
	codec, err := jsonval.NewCodec[game]()
	if err != nil {
		b.Fatal(err)
	}
	value := sampleGame(moves)
	text, err := codec.Encode(value)
	if err != nil {
		b.Fatal(err)
	}
	return codec, value, text
}

// compare runs two functions by turns, in one process, and reports how many times as long as the second the first takes:
// the median of the turns, so that what else the machine does matters little.
func compare(b *testing.B, measured, baseline func()) {
	b.Helper()
	clock := func(f func(), times int) time.Duration {
		start := time.Now()
		for range times {
			f()
		}
		return time.Since(start)
	}
	times := 1
	for clock(baseline, times) < 200*time.Microsecond {
		times *= 2
	}
	var ratios []float64
	var spent time.Duration
	for b.Loop() {
		before, took, after := clock(baseline, times), clock(measured, times), clock(baseline, times)
		ratios = append(ratios, 2*float64(took)/float64(before+after))
		spent += took
	}
	slices.Sort(ratios)
	b.ReportMetric(ratios[len(ratios)/2], "ratio")
	b.ReportMetric(float64(spent.Nanoseconds())/float64(len(ratios)*times), "ns/call")
	b.ReportMetric(testing.AllocsPerRun(100, measured)-testing.AllocsPerRun(100, baseline), "allocs-more")
	b.ReportMetric(0, "ns/op")
}

// BenchmarkEncode compares Encode to json.Marshal.
func BenchmarkEncode(b *testing.B) {
	for _, moves := range sizes {
		codec, value, text := benchmarked(b, moves)
		b.Run(fmt.Sprintf("bytes=%d", len(text)), func(b *testing.B) {
			compare(b, func() {
				if _, err := codec.Encode(value); err != nil {
					b.Fatal(err)
				}
			}, func() {
				if _, err := json.Marshal(value); err != nil {
					b.Fatal(err)
				}
			})
		})
	}
}

// annotated is a document of which a part may be anything.
type annotated struct {
	Game  game           `json:"game"`
	Notes map[string]any `json:"notes"`
	By    any            `json:"by"`
}

// BenchmarkEncodeInterfaces compares Encode to json.Marshal for documents with interfaces: objects, arrays and scalars that the type does
// not tell, and a type that has some beside much else.
func BenchmarkEncodeInterfaces(b *testing.B) {
	b.Run("any", func(b *testing.B) { compareEncode[any](b, untyped(100)) })
	b.Run("map", func(b *testing.B) { compareEncode(b, untyped(100)) })
	b.Run("struct", func(b *testing.B) {
		compareEncode(b, annotated{sampleGame(40), untyped(4), &gamer{Name: "A"}})
	})
}

// untyped is a document of so many moves that are no structs.
func untyped(moves int) map[string]any {
	var list []any
	for ply := range moves {
		list = append(list, map[string]any{"from": "e2", "to": "e4", "ply": float64(ply), "tags": []any{"book", true, nil}})
	}
	return map[string]any{"id": "0f8fad5b", "moves": list}
}

func compareEncode[T any](b *testing.B, value T) {
	b.Helper()
	codec, err := jsonval.NewCodec[T]()
	if err != nil {
		b.Fatal(err)
	}
	compare(b, func() {
		if _, err := codec.Encode(value); err != nil {
			b.Fatal(err)
		}
	}, func() {
		if _, err := json.Marshal(value); err != nil {
			b.Fatal(err)
		}
	})
}

// BenchmarkDecode compares Decode to json.Unmarshal.
func BenchmarkDecode(b *testing.B) {
	for _, moves := range sizes {
		codec, _, text := benchmarked(b, moves)
		b.Run(fmt.Sprintf("bytes=%d", len(text)), func(b *testing.B) {
			compare(b, func() {
				if _, err := codec.Decode(text); err != nil {
					b.Fatal(err)
				}
			}, func() {
				var value game
				if err := json.Unmarshal([]byte(text), &value); err != nil {
					b.Fatal(err)
				}
			})
		})
	}
}

// BenchmarkRefuse compares Encode and Decode of a game with a violation at its end, and with one in every move, to those of a valid one;
// and Decode of one with a value of another type in every move.
func BenchmarkRefuse(b *testing.B) {
	for _, moves := range sizes {
		codec, value, text := benchmarked(b, moves)
		last, all := sampleGame(moves), sampleGame(moves)
		last.Players[1].Rating = -1
		all.Players[1].Rating = -1
		for i := range all.Moves {
			last.Moves[len(last.Moves)-1].To = "z9"
			all.Moves[i].To = "z9"
		}
		for name, bad := range map[string]game{"one": last, "all": all} {
			spoilt, err := json.Marshal(bad)
			if err != nil {
				b.Fatal(err)
			}
			b.Run(fmt.Sprintf("encode/%s/bytes=%d", name, len(text)), func(b *testing.B) {
				compare(b, func() {
					if _, err := codec.Encode(bad); err == nil {
						b.Fatal("accepted")
					}
				}, func() { _, _ = codec.Encode(value) })
			})
			b.Run(fmt.Sprintf("decode/%s/bytes=%d", name, len(text)), func(b *testing.B) {
				compare(b, func() {
					if _, err := codec.Decode(string(spoilt)); err == nil {
						b.Fatal("accepted")
					}
				}, func() { _, _ = codec.Decode(text) })
			})
		}
		mistyped := strings.NewReplacer(`"to":"e4"`, `"to":4`, `"turn":"white"`, `"turn":[]`).Replace(text)
		b.Run(fmt.Sprintf("decode/types/bytes=%d", len(text)), func(b *testing.B) {
			compare(b, func() {
				if _, err := codec.Decode(mistyped); err == nil {
					b.Fatal("accepted")
				}
			}, func() { _, _ = codec.Decode(text) })
		})
	}
}

func BenchmarkNewCodec(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := jsonval.NewCodec[game](); err != nil {
			b.Fatal(err)
		}
	}
}
