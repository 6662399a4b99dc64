// Package memory is a store in memory that answers every Op of package drivers
// as Redis 7.0 does, with the times to live of fields of 7.4: for tests, and for programs that need no server.
//
// A key lies in one of a fixed number of shards, each with a lock of its own.
// Commands that only read share it. A command on several keys and an atomic
// batch lock all their shards at once, always in the same order. Who else has a
// value that must be unique is known only under the locks: if that key is not among
// those locked, a command begins again with it, and a batch locks everything at once.
//
// Time comes from a clock the driver is given. A key whose time is over is absent
// to every command at once; its memory is given back by the writes that follow in
// its shard, by every scan, and by Sweep. No goroutine runs in the background.
//
// # How to add a family of values
//
// A value is a pointer to a type of its own, which an entry holds; if it ends when it
// is empty, it has a method len. Write its commands in a file of the family's
// name, as functions that look keys up in the keyspace they are given and tell it
// what they changed, and give each a line in table. Locks, expiry, watching,
// batches and transactions need no further thought.
package memory
