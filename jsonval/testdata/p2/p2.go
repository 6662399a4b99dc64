// Package p2 holds a type whose name another package has too, for the tests of jsonval.
package p2

// Item is identified by a word.
type Item struct {
	ID string `json:"id"`
}
