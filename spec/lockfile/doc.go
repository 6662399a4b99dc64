// Package lockfile writes down what the key space of a schema looks like, and says what follows for the data that is stored
// where a schema is not what it was.
//
// Of makes a lock of a schema, Text and Parse are how it is kept in a file, and Compare has the differences of two. In a
// suite, spec.MatchLock does all of it; the package itself needs no Ginkgo.
//
// A lock has all that decides where values are stored, and as what: names, kinds, hash tags, keys, indexes, slots of bitsets, the notation of
// texts, and the JSON Schema of documents; and what decides how long they stay, and how many. Go types are not what it is about: their names stand
// in JSON Schemas, where another name changes nothing, and for types that marshal themselves to text, of which the name is all that is known.
//
// What it cannot see is what functions do: those of an index, of an Upgrade, the methods of a type that marshals itself. Who changes those
// of an index has to Reindex.
package lockfile
