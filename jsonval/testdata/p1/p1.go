// Package p1 holds a type whose name another package has too, for the tests of jsonval.
package p1

// Item is identified by a number.
type Item struct {
	ID int `json:"id"`
}
