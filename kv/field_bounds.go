package kv

import (
	"fmt"
	"reflect"
	"strings"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/dsl"
	"github.com/kvstore-go/kvstore/kv/internal/gotext"
)

// keepTo lets a command that adds to a number keep to the bounds.
func (b bounds) keepTo(cmd *drivers.Command) {
	if b.least != "" {
		cmd.OwnExtra().Min = b.least
	}
	if b.most != "" {
		cmd.OwnExtra().Max = b.most
	}
}

// schema says it as JSON Schema.
func (b bounds) schema() string {
	var keywords []string
	if b.least != "" {
		keywords = append(keywords, `"minimum":`+b.least)
	}
	if b.most != "" {
		keywords = append(keywords, `"maximum":`+b.most)
	}
	return "{" + strings.Join(keywords, ",") + "}"
}

// bounded is a field of numbers of a type whose codec refuses those outside the bounds that
// are declared. Bounds of what is no number, or that are no such number, or that nothing lies between,
// are mistakes of the schema.
func bounded(node *dsl.Node, kind reflect.Type, codec *gotext.Codec, b bounds) (*dsl.Node, *gotext.Codec, bounds) {
	switch {
	case b == (bounds{}) || codec == nil:
		return node, codec, bounds{}
	case !isNumber(kind):
		return node.WithMistake("bounds of a %v, whose text is no number", kind), codec, bounds{}
	}
	ends, mistake := [2]reflect.Value{}, ""
	for i, text := range [...]string{b.least, b.most} {
		if text == "" {
			continue
		}
		end := reflect.New(kind).Elem()
		if err := codec.DecodeInto(text, end); err != nil {
			mistake = fmt.Sprintf("%s is no bound of a %v", text, kind)
			continue
		}
		ends[i] = end
	}
	least, most := ends[0], ends[1]
	if mistake == "" && least.IsValid() && most.IsValid() && isLess(most, least) {
		mistake = fmt.Sprintf("no number is at least %s and at most %s", b.least, b.most)
	}
	if mistake != "" {
		return node.WithMistake("%s", mistake), codec, bounds{}
	}
	return node, codec.Restricted(b.schema(), func(number reflect.Value) error {
		switch {
		case least.IsValid() && isLess(number, least):
			return fmt.Errorf("%v is less than %s", number, b.least)
		case most.IsValid() && isLess(most, number):
			return fmt.Errorf("%v is more than %s", number, b.most)
		}
		return nil
	}), b
}

// isLess compares two numbers of one type.
func isLess(one, other reflect.Value) bool {
	switch {
	case one.CanInt():
		return one.Int() < other.Int()
	case one.CanUint():
		return one.Uint() < other.Uint()
	default:
		return one.Float() < other.Float()
	}
}
