package kv

import (
	"reflect"

	"github.com/kvstore-go/kvstore/dsl"
	"github.com/kvstore-go/kvstore/kv/internal/gotext"
)

// HashTexts is what a hash of the type of value, which can be set, stores of it, fields and
// texts by turns, and what is read of that.
func HashTexts(value reflect.Value) (pairs []string, read reflect.Value, err error) {
	plan, err := gotext.StructOf(value.Type())
	if err != nil {
		return nil, reflect.Value{}, err
	}
	if pairs, err = plan.Encode(value); err != nil {
		return nil, reflect.Value{}, err
	}
	read = reflect.New(value.Type()).Elem()
	return pairs, read, plan.Decode(pairs, read)
}

// Copied says of a kind of field whether Copy and Export take it along, and whether it is said
// to stay.
func Copied(kind dsl.Kind) (copied, stayed bool) {
	return transferOf(kind).exists(), stays[kind]
}
