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
)

var kindNames = [...]string{
	Invalid: "invalid",
	Static:  "static store",
	Dynamic: "dynamic store",
	String:  "string",
	JSON:    "JSON",
	Set:     "set",
	BitSet:  "bitset",
}

// String is the kind's name in running text.
func (k Kind) String() string {
	if int(k) < len(kindNames) {
		return kindNames[k]
	}
	return fmt.Sprintf("Kind(%d)", uint8(k))
}
