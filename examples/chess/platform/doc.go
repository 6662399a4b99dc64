// Package platform is a chess platform over a key-value store: what it keeps
// (schema.go), and one service for each kind of thing, in a file of its own.
//
// Its rules that span several keys are each one transaction (kv.Atomic).
package platform
