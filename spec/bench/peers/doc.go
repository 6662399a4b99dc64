// Package peers measures kvstore against what people use instead of it.
//
//	cd spec/bench && go test ./peers -run '^$' -bench . -benchtime 1x -timeout 30m
//
// prints three tables in Markdown: of Redis, of memory, and of what is kept near. All sides of a row run
// interleaved in one process, against the same server and on the same data (see package
// interleave); what each of them answers is checked before it is timed. The values of a
// row are how many times as long as kvstore a side takes.
//
// # On Redis
//
//   - go-redis: bare, with the options that redisdriver recommends.
//   - rueidis: without client-side caching, as no other side answers from a cache.
//   - om: the object mapping of rueidis, HashRepository. Its JSONRepository needs RedisJSON.
//     It has become a module of its own since; this is its last release inside rueidis.
//   - gocache: eko/gocache with its Redis store and its marshaler (MessagePack).
//   - gokv: philippgille/gokv with its Redis store and its JSON codec.
//
// Of the two generic caches gocache is the better maintained; gokv writes the same bytes as
// everybody who uses encoding/json.
//
// # In memory
//
//   - map: 256 maps of strings, each with a lock. It is the least that there can be.
//   - otter: a cache of strings without limits.
//   - miniredis: with go-redis, as a test double.
//   - gocache with go-cache, and gokv with sync.Map.
//
// The last three offer types, which here means more than strings: values of Go, or the
// types of Redis. With a map and with otter a document is marshalled by hand.
//
// # Near
//
//   - rueidis-DoCache: its client-side caching.
//
// # Documents
//
// A document of 1.8 KB is read and written twice: not validated (encoding/json; kvstore with
// a schema that allows everything), and validated against the same JSON Schema (kvstore as it
// is used; for the others encoding/json and santhosh-tekuri/jsonschema by hand). Many
// documents are validated by kvstore and by nobody else.
package peers
