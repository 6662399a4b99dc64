// Package kv is typed access to key-value stores: a program declares once what its
// key space looks like, and every access is a chain of Take calls that ends in a
// typed handle.
//
//	var Room = kv.Static("room").JSON[RoomConfig]("config").Set("members")
//
//	type RoomView struct {
//		Config  kv.JSONField[RoomConfig] `kv:"config"`
//		Members kv.SetField              `kv:"members"`
//	}
//
//	rooms, err := kv.Open(kv.Dynamic(Room.As[RoomView]()), driver, kv.At("chat", "rooms"))
//	config, err := rooms.Take("42").Config.Read(ctx) // a RoomConfig at chat:rooms:42:config
//
// # Schemas
//
// A [Schema] is an immutable value. [Static] stores have named fields, [Dynamic]
// stores any number of keys that all hold the same; [String], [JSON], [Set] and
// [BitSet] hold values. All nest and may be shared. [Open] reports every mistake of
// a schema at once.
//
// # Keys
//
// A path is stored joined with ":". Ids that users supply are percent-encoded where,
// and only where, they would be read as something else (% : { } * ? [ ] \ and
// controls), so that ordinary ids stay readable and no two paths share a key.
//
// # Three ways in
//
// A view, made by [StaticSchema.As], is a struct whose fields are the handles: what is not
// there does not compile, and what is there is completed. A constant of type [Key] makes Take's
// result known to the compiler, though not that the store has it: chat.Take(Rooms). A plain
// string works too, and is checked when it is used: chat.Take[kv.SetField]("tags").
//
// # Handles
//
// Handles are small immutable values, safe for any number of goroutines; taking one
// costs no round trip. One that was taken wrongly carries its error and returns it
// from every operation. What is common to all is in [Field].
//
// # Verbs
//
// A verb means the same on every handle. Read and Write: the whole value. Get and Put: one
// element at a place, which is a key of a map, a field of a hash, an index of a list, a slot
// or a bit; GetMany and PutMany: several. Add and Remove: members. Erase: the key. Len: how
// many there are, bytes included; Count: how many meet a condition, or about how many. All
// goes through everything, page by page; what begins with Range is a part that has an order.
// What ends in Wait waits until there is something; Follow, Consume, Handle and Subscribe go on
// as things come. Other words are those of Redis.
//
// # Types
//
// Single values: [String], [Bytes], [Int], [Float], [Bool], [Time], [Duration], [Enum],
// [Text], and documents that are validated, [JSON]. Collections: [Set], [List],
// [SortedSet], [Map], [Geo] and [Stream], whose elements are strings or, with Of, of any
// Go type that has a text; [Hash], a Go struct field by field; [BitSet] and [Bitmap], rows
// of integers and of bits; [HyperLogLog], a sketch that counts. [Topic] sends messages,
// [Lock] and [Limiter] hold programs back; [Queue] has what they are to do, and when.
//
// # Many operations
//
// A [Batch] executes any mix of operations in one round trip; [Atomic] applies what a
// function writes together or not at all, provided that what it has read is unchanged;
// [ReadMany] and [All] read page by page. A [Collection] is a dynamic store of documents
// with indexes, which change in the same atomic step as the documents. Stores have
// operations on all that lies below them: Erase, Count, Expire, Export, Import, [Copy]
// and [Move]; [Audit] tells what is stored there and does not fit. In a Redis Cluster, what needs one slot needs a [Colocated] store.
//
// # Hot reads
//
// What is declared [Near], on a driver of package drivers/near, is read from the process, in nanoseconds, as long as
// nothing has changed, by whomever. [Fresh] reads what is stored.
//
// # Time to live
//
// Write keeps a TTL that is there unless the schema or an option says otherwise
// ([ExpireIn], [ExpireAt], [NoExpiry]). A TTL in the schema is started anew by Write
// and Swap; operations that change a part of a value leave it running and start it
// where there is none. It is always set in the same atomic step. What is kept for a while
// because it takes long to come by is read by Fetch, which loads what is missing, once for all
// who ask.
//
// # Errors
//
// Every error is an [*Error] with operation and path around one of the classes of
// this package ([ErrNotFound], [ErrInvalid], …), to be told apart with errors.Is. A
// write whose reply was lost is [ErrIndeterminate]: it is never sent a second time. What the
// store could not take just now is [ErrUnavailable], and may be tried again; what it does not
// allow is [ErrDenied]. The driver's own error is within reach of errors.As.
package kv
