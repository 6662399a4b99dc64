package jsonval

import (
	"errors"
	"fmt"

	"github.com/kvstore-go/kvstore/jsonval/internal/engine"
)

const (
	// DefaultMaxSize is the longest JSON text, in bytes, that a codec writes or reads unless [MaxSize] says otherwise:
	// 16 MiB. Where the schema is not compiled ([Codec.Compiled]), validating takes a multiple of the text's size in
	// memory, so the limit is also what keeps a hostile document from exhausting it.
	DefaultMaxSize = 16 << 20
	// DefaultMaxDepth is how deeply arrays and objects may be nested unless [MaxDepth] says otherwise. A scalar has
	// depth 0, [] has depth 1.
	DefaultMaxDepth = 512

	// highestMaxDepth is the nesting encoding/json itself stops at.
	highestMaxDepth = 10_000
)

// limits bound what one call of a codec may cost.
type limits struct {
	size  int // bytes
	depth int // nested arrays and objects
}

type options struct {
	limits
	strict      bool
	handWritten bool
	schema      string
	compile     engine.Compiler // of schema
	nilEmpty    bool
	path        string // of the root, for people; "" is the name of its type
}

// Option configures a codec. See [Strict], [NilAsEmpty], [MaxSize], [MaxDepth] and schemas.HandWritten.
type Option func(*options)

// Strict refuses object members that no struct field declares. Without it they are ignored, so that an older reader
// accepts what a newer writer added.
//
// It shapes the reflected schema, and cannot be combined with a hand-written schema, where additionalProperties says the same.
func Strict() Option {
	return func(o *options) { o.strict = true }
}

// CompiledBy replaces the reflected schema by another and names who compiles it. Programs call schemas.HandWritten, which knows.
func CompiledBy(compile engine.Compiler, schema string) Option {
	return func(o *options) { o.handWritten, o.schema, o.compile = true, schema, compile }
}

// NilAsEmpty writes nil slices and maps as [] and {}, and nil bytes as "", where encoding/json writes null, which readers whose schemas
// know no null refuse. A nil pointer or interface stays null, and a null that is read is accepted as before: what was written without
// the option can be read, and becomes [] or {} when it is written again.
func NilAsEmpty() Option {
	return func(o *options) { o.nilEmpty = true }
}

// MaxSize limits the JSON text to that many bytes; the default is [DefaultMaxSize]. A longer text is refused before any
// of it is parsed, and one that Encode writes as soon as it is longer. It must be at least 1.
func MaxSize(bytes int) Option {
	return func(o *options) { o.size = bytes }
}

// MaxDepth limits how deeply arrays and objects may be nested; the default is [DefaultMaxDepth]. It must be between 1
// and 10,000, where encoding/json itself stops.
func MaxDepth(levels int) Option {
	return func(o *options) { o.depth = levels }
}

func newOptions(opts []Option) (options, error) {
	o := options{limits: limits{size: DefaultMaxSize, depth: DefaultMaxDepth}}
	for _, opt := range opts {
		if opt != nil {
			opt(&o)
		}
	}
	switch {
	case o.size < 1:
		return o, fmt.Errorf("MaxSize is %d, want at least 1 byte", o.size)
	case o.depth < 1 || o.depth > highestMaxDepth:
		return o, fmt.Errorf("MaxDepth is %d, want 1 to %d", o.depth, highestMaxDepth)
	case o.strict && o.handWritten:
		return o, errors.New("Strict does not apply to a hand-written schema: write additionalProperties there")
	}
	return o, nil
}
