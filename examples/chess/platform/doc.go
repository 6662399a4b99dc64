// Package platform is a chess platform over a key-value store: what it keeps
// (schema.go), and one service for each kind of thing, in a file of its own.
//
// Its rules that span several keys are each one function that says what a crash or
// a second caller in the middle of it means.
package platform
