// Package oteldriver puts an OpenTelemetry span around everything a driver executes, and measures it.
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
// own. What may wait for something to come is "WAIT LPOP jobs": it lasts as long as nothing does.
//
// The span of a listing lasts as long as the loop over it does, with what the body
// of the loop does.
//
// # What is measured
//
//	db.client.operation.duration      s            histogram, by operation, schema path and outcome, and error.type of failures
//	kvstore.client.retries            {retry}      what had no effect and is tried again, by operation, schema path and kvstore.retry.reason
//	db.client.connection.count        {connection} connections by pool and state, "used" or "idle"
//	db.client.connection.timeouts     {timeout}    who waited in vain for a connection
//	kvstore.client.connection.waits   {wait}       who had to wait for one
//	kvstore.client.connection.waited  s            and how long, all together
//
// A batch is measured as one operation, named as its span is. The last four are those of ObservePool.
//
// kvstore.outcome is one of a few:
//
//	ok             it was done; a batch without a failure
//	absent         a read that found nothing, or nothing to take out
//	refused        by a condition, a bound, a unique index, the type, the rights, as invalid or unsupported: nothing was changed
//	conflict       somebody else wrote meanwhile: a try of Update or Atomic that was in vain
//	indeterminate  a write whose reply was lost
//	timeout        the deadline of the context, or the network's
//	canceled       the context
//	error          anything else
//
// Of the retries, "conflict" are tries of Update and Atomic that were in vain, each seen as a command with that outcome; kv tries
// again, and the last of many tries is kv.ErrConflict. "moving" are those a driver made by itself while keys or masters
// were on the move. What a client of Redis tries again by itself is not seen.
//
// # What a span never says
//
// Keys, dynamic segments, values, members and the texts of errors: people and
// their data are in them. A span, and a measurement, has the schema path and the class of a failure
// instead. Of the segments that kv.At puts in front, a path has none where the root
// has a name of its own, and the first alone, as a name, where it has not.
//
// # Failures
//
// A command that fails makes its span an error, a batch as soon as one of its
// commands does. Absence is none. error.type is the class, and for a batch that of
// the first failure:
//
//	indeterminate wrong_type invalid conflict duplicate                            the errors of package drivers
//	incomplete cross_slot closed denied
//	unavailable interrupted                                                       of them, what the network's did not cause
//	unsupported                                                                   errors.ErrUnsupported
//	deadline_exceeded canceled                                                    the context's end
//	timeout connection                                                            the network's
//	panic                                                                         the call did not return
//	_OTHER                                                                        anything else
package oteldriver
