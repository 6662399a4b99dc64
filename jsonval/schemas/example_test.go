package schemas_test

import (
	"fmt"

	"github.com/kvstore-go/kvstore/jsonval"
	"github.com/kvstore-go/kvstore/jsonval/schemas"
)

func ExampleHandWritten() {
	codec, err := jsonval.NewCodec[map[string]int](schemas.HandWritten(`{
		"type": "object",
		"propertyNames": {"pattern": "^[a-z]+$"},
		"additionalProperties": {"type": "integer", "multipleOf": 5}
	}`))
	if err != nil {
		panic(err)
	}
	_, err = codec.Encode(map[string]int{"five": 5, "seven": 7})
	fmt.Println(err)
	// Output:
	// /seven: must be a multiple of 5 (multipleOf)
}
