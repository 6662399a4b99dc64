// Package near answers reads of what seldom changes from the process, in nanoseconds, as long as nothing
// has changed: a driver around any driver that can be followed.
//
//	driver := near.New(redisdriver.New(client), near.MaxBytes(64<<20))
//	chat, err := kv.Open(Chat, driver)
//
// What may be kept is declared in the schema, by kv.Near on a field or kv.AllNear on a store: single values,
// documents, hashes whole and by their fields, the values of maps by their keys, and whether a set has a member; that
// there is nothing is kept as well. On a driver without this package such a schema works as without the declaration.
//
// # How old what is read may be
//
// The driver inside is followed (drivers.Follower): on Redis the server tells of every key that was written,
// erased, expired or evicted, by whomever. What is read is at most as old as that news takes to arrive, on a local
// network less than a millisecond. From the moment that news may have been missed, as with a lost connection, nothing is answered
// from near until the store is followed again, and all that was kept is dropped; so it is
// before it is followed for the first time: then every read goes to the store, as without this package. A
// connection that says nothing is not known to be lost at once: how soon is the inner driver's to say.
//
// A process reads what it wrote. Writes that go through this driver - commands, batches, transactions, erasing a store -
// drop what is kept of their keys when they come back, successful or not, before anybody knows their outcome. What
// was being read meanwhile is answered, and not kept. Neither is a reply whose key changes between the read and
// its arrival: a read reserves its place before it is sent, and the news of a change takes the place away.
//
// A time to live is asked for with each value that is read, in the same round trip, and nothing is kept for longer, by the process' own clock:
// what has expired is not read even where the server has not removed it yet. It is not asked for the times to live of a map's
// fields (ExpireFields), of which the server tells when it removes them.
//
// It is not used within batches, transactions, Update, Upsert and Swap, which read what is stored, nor with
// a context of kv.Fresh. The client inside must read from masters: a replica may
// answer, after the news of a change, with what was before. Neither does middleware go with it that changes the keys
// of commands, inside or around: the store tells of other names than were read.
//
// # How much is kept
//
// MaxBytes bounds what is kept, counted as the bytes of keys and texts and 256 for each entry. A document that is
// decoded takes about as much again. The least used goes first (W-TinyLFU, by github.com/maypok86/otter). A key of which
// more than a sixteenth of the bound would have to be kept is not, or begins anew.
//
// # What can be seen
//
// Stats has figures, which oteldriver.ObserveNear makes metrics of; Err says why nothing is kept. A read that is
// answered from near is no command: middleware does not see it, wherever it stands. The others are as ever, but that they ask for
// the time to live beside, in a batch.
package near
