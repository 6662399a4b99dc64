// Package oteldriver puts an OpenTelemetry span around everything a driver executes.
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
// own.
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
//	indeterminate wrong_type invalid conflict duplicate cross_slot closed denied  the errors of package drivers
//	unavailable interrupted                                                       of them, what the network's did not cause
//	unsupported                                                                   errors.ErrUnsupported
//	deadline_exceeded canceled                                                    the context's end
//	timeout connection                                                            the network's
//	panic                                                                         the call did not return
//	_OTHER                                                                        anything else
package oteldriver
