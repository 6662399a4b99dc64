package dsl

import "fmt"

// Kind is what a node of a schema holds.
type Kind uint8

// The kinds. Static and Dynamic are stores, which hold other nodes; the others
// are fields, which hold values.
const (
	Invalid Kind = iota
	Static
	Dynamic
	String
	JSON
	Set
	BitSet
	Bytes
	Int
	Float
	Bool
	Time
	Duration
	Enum
	Text
	List
	SortedSet
	Hash
	Map
	Bitmap
	HyperLogLog
	Geo
	Stream
	Topic
	Lock
	Limiter
)

var kindNames = [...]string{
	Invalid:     "invalid",
	Static:      "static store",
	Dynamic:     "dynamic store",
	String:      "string",
	JSON:        "JSON",
	Set:         "set",
	BitSet:      "bitset",
	Bytes:       "bytes",
	Int:         "integer",
	Float:       "float",
	Bool:        "boolean",
	Time:        "time",
	Duration:    "duration",
	Enum:        "enumeration",
	Text:        "text",
	List:        "list",
	SortedSet:   "sorted set",
	Hash:        "hash",
	Map:         "map",
	Bitmap:      "bitmap",
	HyperLogLog: "HyperLogLog",
	Geo:         "geo",
	Stream:      "stream",
	Topic:       "topic",
	Lock:        "lock",
	Limiter:     "limiter",
}

// String is the kind's name in running text.
func (k Kind) String() string {
	if int(k) < len(kindNames) {
		return kindNames[k]
	}
	return fmt.Sprintf("Kind(%d)", uint8(k))
}
