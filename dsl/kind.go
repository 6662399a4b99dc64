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
	Queue

	kindCount
)

var kindNames = [kindCount]string{
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
	Queue:       "queue",
}

// Kinds lists every kind there is, in declaration order.
func Kinds() []Kind {
	all := make([]Kind, 0, kindCount-1)
	for kind := Invalid + 1; kind < kindCount; kind++ {
		all = append(all, kind)
	}
	return all
}

// String is the kind's name in running text.
func (k Kind) String() string {
	if k < kindCount {
		return kindNames[k]
	}
	return fmt.Sprintf("Kind(%d)", uint8(k))
}

// KeptNear reports a kind of values of which something may be kept near; see Node.Near.
func (k Kind) KeptNear() bool {
	switch k {
	case String, Bytes, Int, Float, Bool, Time, Duration, Enum, Text, JSON, Hash, Map, Set:
		return true
	default:
		return false
	}
}
