package jsonval_test

import (
	"errors"
	"fmt"

	"github.com/kvstore-go/kvstore/jsonval"
)

type Player struct {
	Name  string   `json:"name" jsonschema:"minLength=1,maxLength=twelve"`
	Score int      `json:"score" jsonschema:"minimun=0"`
	Cards []string `json:"cards" jsonschema:"maxLength=5"`
}

type Move struct {
	From string `json:"from" jsonschema:"pattern=^[a-h][1-8]$"`
	To   string `json:"to" jsonschema:"pattern=^[a-h][1-8]$"`
	Ply  uint8  `json:"ply" jsonschema:"minimum=1"`
}

func ExampleCodec() {
	codec, err := jsonval.NewCodec[Move]()
	if err != nil {
		panic(err)
	}
	text, err := codec.Encode(Move{From: "e2", To: "e4", Ply: 1})
	fmt.Println(text, err)
	move, err := codec.Decode(`{"from":"e7","to":"e5","ply":2}`)
	fmt.Println(move, err)
	_, err = codec.Decode(`{"from":"e9","to":"e5","ply":300}`)
	fmt.Println(err)
	// Output:
	// {"from":"e2","to":"e4","ply":1} <nil>
	// {e7 e5 2} <nil>
	// 2 violations:
	//   /from: must match ^[a-h][1-8]$ (pattern)
	//   /ply: must be at most 255 (maximum)
}

func ExampleNewCodec_unenforceableTag() {
	_, err := jsonval.NewCodec[Player]()
	fmt.Println(err)
	// Output:
	// jsonval: codec for jsonval_test.Player: Player.Name: jsonschema tag: maxLength: "twelve" is not a count
	// Player.Score: jsonschema tag: minimun: unknown keyword
	// Player.Cards: jsonschema tag: maxLength: is for string, the Go type writes array: for each of its items write items.maxLength
}

func ExampleStrict() {
	codec, err := jsonval.NewCodec[Move](jsonval.Strict())
	if err != nil {
		panic(err)
	}
	_, err = codec.Decode(`{"from":"e2","to":"e4","ply":1,"comment":"!"}`)
	fmt.Println(err)
	// Output:
	// /comment: the schema declares no member of this name (additionalProperties)
}

func ExampleValidationError() {
	codec, err := jsonval.NewCodec[[]Move]()
	if err != nil {
		panic(err)
	}
	_, err = codec.Decode(`[{"from":"e2","to":"e4","ply":1},{"from":"e7","ply":0}]`)
	fmt.Println(errors.Is(err, jsonval.ErrInvalid))
	var refused *jsonval.ValidationError
	if errors.As(err, &refused) {
		for _, violation := range refused.Violations {
			fmt.Printf("%s | %s | %s\n", violation.Pointer, violation.Keyword, violation.Message)
		}
	}
	// Output:
	// true
	// /1 | required | member "to" is missing
	// /1/ply | minimum | must be at least 1
}
