package jsonval_test

import (
	"encoding/json"
	"testing"

	"github.com/kvstore-go/kvstore/jsonval"
)

type game struct {
	ID      string      `json:"id" jsonschema:"minLength=1"`
	Players []gamer     `json:"players" jsonschema:"minItems=2,maxItems=2"`
	Events  []gameEvent `json:"events"`
	Moves   []Move      `json:"moves"`
}

type gamer struct {
	Name   string `json:"name" jsonschema:"minLength=1"`
	Rating int    `json:"rating" jsonschema:"minimum=0,maximum=4000"`
}

type gameEvent struct {
	Kind string `json:"kind" jsonschema:"enum=start,enum=clock,enum=draw"`
	Ply  uint8  `json:"ply"`
}

// sampleGame is a document of 1.85 KB or so: 40 moves, 3 events, 2 players.
func sampleGame() game {
	g := game{
		ID:      "0f8fad5b-d9cb-469f-a165-70867728950e",
		Players: []gamer{{"Anderssen", 2600}, {"Kieseritzky", 2480}},
		Events:  []gameEvent{{"start", 0}, {"clock", 20}, {"draw", 40}},
	}
	for ply := range uint8(40) {
		g.Moves = append(g.Moves, Move{From: "e2", To: "e4", Ply: ply + 1})
	}
	return g
}

func benchmarked(b *testing.B) (*jsonval.Codec[game], game, string) {
	b.Helper()
	codec, err := jsonval.NewCodec[game]()
	if err != nil {
		b.Fatal(err)
	}
	value := sampleGame()
	text, err := codec.Encode(value)
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	return codec, value, text
}

func BenchmarkEncode(b *testing.B) {
	codec, value, _ := benchmarked(b)
	for b.Loop() {
		if _, err := codec.Encode(value); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkMarshal(b *testing.B) {
	_, value, _ := benchmarked(b)
	for b.Loop() {
		if _, err := json.Marshal(value); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkDecode(b *testing.B) {
	codec, _, text := benchmarked(b)
	for b.Loop() {
		if _, err := codec.Decode(text); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkUnmarshal(b *testing.B) {
	_, _, text := benchmarked(b)
	for b.Loop() {
		var value game
		if err := json.Unmarshal([]byte(text), &value); err != nil {
			b.Fatal(err)
		}
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
