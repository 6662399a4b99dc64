// Package oteldriver puts an OpenTelemetry span around everything a driver executes, and
// measures it.
//
//	driver := drivers.Use(redisdriver.New(client), oteldriver.Middleware())
//	chat, err := kv.Open(Chat, driver)
//
// # What a span says
//
// A span is of kind client and follows OpenTelemetry's semantic conventions for
// databases. It is named by the operation and the schema path: "GET foo:bar:*". A
// batch of several commands is "BATCH", an atomic one "MULTI", with the operation
// and the path behind it where its commands share them: "BATCH DELETE foo:bar:*".
// A batch of one is its command. The commands of a transaction have spans of their
// own. What may wait for something to come is "WAIT LPOP jobs".
//
// The span of a listing lasts as long as the loop over it does, with what the body
// of the loop does.
//
// # What a span never says
//
// Keys, dynamic segments, values, members and the texts of errors: people and
// their data are in them. A span has the schema path and the class of a failure
// instead. Of the segments that kv.At puts in front, a path has none where the root
// has a name of its own, and the first alone, as a name, where it has not.
//
// # Failures
//
// A command that fails makes its span an error, a batch as soon as one of its
// commands does. Absence is none. error.type is the class, and for a batch that of
// the first failure:
//
//	indeterminate wrong_type invalid conflict duplicate  the errors of package drivers
//	incomplete cross_slot closed denied
//	unavailable interrupted                              of them, what the network's did not cause
//	unsupported                                          errors.ErrUnsupported
//	deadline_exceeded canceled                           the context's end
//	timeout connection                                   the network's
//	panic                                                the call did not return
//	_OTHER                                               anything else
//
// # Metrics
//
// The histogram db.client.operation.duration has the seconds of every command, batch and listing, with the names
// of its span: db.operation.name and db.collection.name, where that is one. error.type is the class of a failure, and kvstore.outcome
// one of these words, none of which is about a person:
//
//	ok             it was executed
//	absent         there was nothing to answer with
//	refused        a condition or a bound kept a write from changing anything, or a unique value that is taken
//	conflict       somebody else was quicker: a try in vain, which is made again
//	indeterminate  a write that may or may not have happened
//	unavailable    the store was out of reach, could not take it, or was closed
//	cancelled      the context ended first
//	error          anything else: a mistake of the program, a right it lacks
//
// A batch is ok unless it failed as a whole or one of its commands did.
//
// Tries in vain are what ended in a conflict: each try of kv.Atomic that is made again is a "MULTI" with
// that outcome, each of Update and Upsert a "COMPAREANDSWAP" or "HCOMPAREANDSET". What a transaction with
// no conflict ends in is ok, so the quotient of both is the number of tries in vain for each. That a caller had to give up, the program
// knows: it has ErrConflict. What redisdriver sends again while slots move is within one operation, and counted by
// ObservePool. What a client of Redis sends again by itself is not seen.
//
// What waits takes as long as it waits, under names of its own, and a listing as long as the loop over it. Behind Middleware
// nothing is measured where no MeterProvider is set. ObservePool has the metrics of connections,
// ObserveNear those of what is kept near, which is no operation.
package oteldriver
