package bench

// group is a part of the table; the parts are printed in this order.
type group int

const (
	lone group = iota
	types
	deadline
	cancellable
	throughput
	atomics
	bulk
	documents
	finding
	followers
	auditing
	fromNear
	fetchedOnRedis
	inMemory
	fetchedInMemory
	words
	readers
	double
	listing
	growth
	footprint
)

// titles say what is ours and what is the other side.
var titles = [...]string{
	lone:            "Redis driver, against the same commands in bare go-redis",
	types:           "Handles of all types, against the same commands in bare go-redis",
	deadline:        "The same with a context that has a deadline, which both heed",
	cancellable:     "The same with a context that can only be cancelled, which bare go-redis ignores",
	throughput:      "64 goroutines, against bare go-redis (times faster)",
	atomics:         "Transactions on Redis, against a Lua script that does the same",
	bulk:            "One round trip on Redis, against the predecessor's one a member or slot (times faster)",
	documents:       "Many documents of 1.8 KB on Redis",
	finding:         "Indexes on Redis",
	followers:       "A follower on Redis, while another program writes 50,000 keys a second: the share of a CPU, against without it (the ratio is to 2 %)",
	auditing:        "Audits on Redis",
	fromNear:        "What is kept near",
	inMemory:        "Memory driver",
	fetchedOnRedis:  "Fetch of what is there on Redis, against Read",
	fetchedInMemory: "Fetch of what is there in memory, against Read",
	words:           "Memory driver, what goes through many bytes, against Redis",
	readers:         "Memory driver, two goroutines on two CPUs, against one (times the throughput)",
	double:          "Memory driver, against go-redis on miniredis (times faster)",
	growth:          "Memory driver, a value of 1,000,000 members, against one of 1,000",
	footprint:       "Memory driver, bytes a member of 16 bytes, against Redis (MEMORY USAGE)",
	listing:         "Memory driver, listing 1,000 children among 1,000,000 keys, against among 10,000",
}
