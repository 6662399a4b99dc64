package peers

import (
	"bytes"
	"strings"
	"sync"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/kvstore-go/kvstore/jsonval"
	"github.com/kvstore-go/kvstore/spec/bench/fixture"
)

// byHand is the schema that kvstore validates games with, for those who do it by hand.
var byHand = sync.OnceValues(func() (*jsonschema.Schema, error) {
	codec, err := jsonval.NewCodec[fixture.Game]()
	if err != nil {
		return nil, err
	}
	tree, err := jsonschema.UnmarshalJSON(bytes.NewReader(codec.Schema()))
	if err != nil {
		return nil, err
	}
	const location = "urn:game"
	compiler := jsonschema.NewCompiler()
	if err := compiler.AddResource(location, tree); err != nil {
		return nil, err
	}
	return compiler.Compile(location)
})

func validate(text string) error {
	schema, err := byHand()
	if err != nil {
		return err
	}
	tree, err := jsonschema.UnmarshalJSON(strings.NewReader(text))
	if err != nil {
		return err
	}
	return schema.Validate(tree)
}

func marshalValid(game fixture.Game) (string, error) {
	text, err := marshal(game)
	if err != nil {
		return "", err
	}
	return text, validate(text)
}

func unmarshalValid(text string) (game fixture.Game, err error) {
	if err := validate(text); err != nil {
		return game, err
	}
	return unmarshal(text)
}
