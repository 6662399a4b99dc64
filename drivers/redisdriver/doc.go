// Package redisdriver executes kv's commands on Redis 7.0 or later, through
// go-redis: a single server, one behind Sentinel, or a Redis Cluster.
//
//	driver, err := redisdriver.Open("redis://localhost:6379")
//
// With a client of your own,
//
//	client := redis.NewClient(&redis.Options{
//		Addr:                  "localhost:6379",
//		ContextTimeoutEnabled: true,
//	})
//	driver := redisdriver.New(client)
//
// or, with a cluster,
//
//	client := redis.NewClusterClient(&redis.ClusterOptions{
//		Addrs:                      []string{"localhost:7000", "localhost:7001"},
//		ContextTimeoutEnabled:      true,
//		ClusterStateReloadInterval: time.Second,
//	})
//
// The two options are recommended. ContextTimeoutEnabled lets go-redis end its
// I/O at a context's deadline, which makes such contexts free of cost: see below.
// ClusterStateReloadInterval is how soon a cluster client learns of a failover; its
// default is a minute.
//
// What a deployment needs besides - eviction policy, persistence, a user's rights by
// feature - is said in README.md, and Check looks at servers for it.
//
// # Writes are sent once
//
// go-redis repeats a command whose reply was lost, so that an increment may
// happen twice. Here only reads are repeated. A write whose reply was lost, or
// was not waited for because its context ended, is drivers.ErrIndeterminate; one
// that is known not to have been sent (the server could not be reached, no
// connection became free) is drivers.ErrUnavailable with the cause, and may be tried again.
// Redirections within a cluster are followed, as a node that redirects a command
// has not executed it.
//
// # Refusals
//
// What a server answers instead of executing a command is the cause of the error, for
// errors.As and go-redis's IsOOMError and its kin: of drivers.ErrUnavailable for OOM,
// READONLY, LOADING, MASTERDOWN, NOREPLICAS, BUSY, MISCONF, too many clients, and of what the
// next section is about; of drivers.ErrDenied for NOPERM, NOAUTH, WRONGPASS and what scripts
// are not allowed. It is so of a command within MULTI as well, whose refusal Redis itself
// reports as EXECABORT.
//
// A connection that answered READONLY, LOADING or MASTERDOWN leaves the pool, also from within
// a batch or a transaction: the next one is made to whatever server is at the address by then.
//
// # Slots that move
//
// While a slot moves from one server of a cluster to another, or a server takes the place of
// another, commands are refused for a while: with TRYAGAIN, CLUSTERDOWN, an ASK or MOVED
// too many, or because a script touched a key that is elsewhere. None was executed. They are
// tried again, with pauses that grow and are drawn at random, until the context ends, or for
// five seconds at most; of a plain batch those items that were refused, unless one that came
// after them and has to do with the same keys was executed. Only then is that the error,
// drivers.ErrUnavailable.
//
// A transaction goes where its first key is, to a server that is only about to get the slot
// as well. It is drivers.ErrInterrupted where other keys are elsewhere, or go there before the
// commit; and where its connection is lost before that. kv.Atomic then begins it again.
//
// # Many callers
//
// What goroutines ask for while others are under way to the same server is sent in the next
// pipeline, as much as has come by then; who finds nobody under way goes straight. So a lone
// caller pays nothing, and there is nothing to switch on. A pipeline is never sent a second
// time: what it has not answered and certainly not executed is sent again alone. Reads do not share
// pipelines with writes, and what is large goes apart.
//
// # Contexts
//
// A call ends with its context, whatever the client's options, and nothing is sent
// for a context that is over.
//
// With ContextTimeoutEnabled a deadline costs nothing: go-redis ends its I/O there.
// A cancellation before the deadline is then noticed when the reply comes, or at
// the deadline or the client's ReadTimeout, whichever is first.
//
// Everything else go-redis would not interrupt: a context that is cancelled and has
// no deadline, or one whose deadline the client does not heed. Such a call runs on a
// goroutine of its own, which is left behind when the context ends first and lives no
// longer than the client's timeouts. The handing over costs a lone caller up to a
// local round trip, and many callers at once about a tenth of one; so give contexts
// deadlines. A context that cannot end (context.Background) costs nothing.
//
// A server that cannot be reached takes go-redis some tries to give up on:
// Options.DialerRetries and MaxRetries say how many, redis.SetLogger who is told.
//
// # Scripts
//
// What no single command of Redis does in one atomic step — comparing before
// setting, replacing a set, changing a value and starting its time to live — is a
// Lua script, called by its digest ([EVALSHA]) and sent whole ([EVAL]) where the server does
// not know it. Commands without a time to live that changes need none.
//
// A script that writes does all or nothing, also in a slot that moves to another master,
// for a user who lacks the right to one of its commands, and where memory has run out: it
// asks for all that can be refused before its first write. One that replaces a collection
// adds what is new and then removes what was there, which takes the longer the more there
// is and was.
//
// # Waiting
//
// Block tries the plain command first; only if that finds nothing does the server wait,
// with [BLMPOP], [BLMOVE], [BZMPOP], [XREAD] BLOCK or [XREADGROUP] BLOCK, on a connection out of the
// client's pool that nobody else has meanwhile: let PoolSize exceed the waits there may be at
// once. When a context ends, [CLIENT UNBLOCK] goes out on a connection of the client's other
// pool, which it has for pipelines, and what the command then answers counts: an element that
// was taken out is answered, not lost. A server that does not confirm within a second is not
// waited for (drivers.ErrIndeterminate for what takes something out).
//
// The server waits for five seconds at a time, so that one that has died without a word is
// noticed. Who waits longer is served in the order in which the slices began; and a key
// that has got another type is ErrWrongType with the next slice, if it has it still, or at once
// for XREADGROUP. A connection that is lost may be lost with an element:
// drivers.ErrIndeterminate.
//
// A user may lack the right to CLIENT UNBLOCK (-@dangerous, -@admin). A driver finds that out
// once, with its first wait on a server. There the server waits for a tenth of a second at a
// time, which is how late a call may end, up to a tenth more on a server with nothing else to
// do. Nothing is lost then, either.
//
// What no command that waits can do - start a time to live, keep a cap, keep indexes up to
// date - is done by a script right after it. If that fails, Block returns the reply beside
// the error.
//
// # Following
//
// Follow has the server tell of changes ([CLIENT TRACKING] in its broadcasting mode), on connections that all
// followers of a driver share, one to each master, made as the client makes its own. A server compares each key that it
// writes with up to 32 beginnings of keys; of more, those that are most alike share one, and what was not
// asked for is left out here.
//
// Nothing is missed without a word, and a word comes at once where a connection ends, whoever ends it: a server
// that dies, a failover by Sentinel, a follower that the server would have to keep too much for. It comes within
//
//   - a second where a server is made a replica and says nothing,
//   - three seconds where a server is silent, be it dead or busy,
//   - five seconds, and the time that it takes to answer, where another server has taken the place of one that still
//     believes to be master. On a single server that takes the right to INFO.
//
// In a cluster a slot may move from one master to another: what moves is told as a change, and so is what is
// written in it, by either. Where it moves to a master that has had no slot so far, followers miss something
// before this client is sent there for the first time, or else when the cluster has named it the slot's master for five
// seconds at most; what other clients write there until then is not told before that. A follower hears of nothing while any of the masters
// cannot be reached.
//
// What the server does not tell is SWAPDB. Keys are told of whatever database they are in.
//
// # Clusters
//
// The keys of one command, of an atomic batch and of a Watch must lie in one hash
// slot: otherwise the answer is drivers.ErrCrossSlot and nothing is sent. Plain
// batches are split by node. A scan visits the masters one after the other; while
// slots migrate from one to the other, it may miss keys of those slots.
//
// In a slot that moves, Redis refuses a script a key that is not there any more. Within one
// script that never happens. Where a command of an atomic batch may leave nothing of a key, and
// a later one needs a script for that key, the batch is refused as a whole until the slot has moved,
// and tried again. (It looks at a key that is never there: the key and "::%", in braces where
// it has no hash tag.)
//
// [CLIENT TRACKING]: https://redis.io/docs/latest/commands/client-tracking/
// [EVALSHA]: https://redis.io/docs/latest/commands/evalsha/
// [EVAL]: https://redis.io/docs/latest/commands/eval/
// [BLMPOP]: https://redis.io/docs/latest/commands/blmpop/
// [BLMOVE]: https://redis.io/docs/latest/commands/blmove/
// [BZMPOP]: https://redis.io/docs/latest/commands/bzmpop/
// [XREAD]: https://redis.io/docs/latest/commands/xread/
// [XREADGROUP]: https://redis.io/docs/latest/commands/xreadgroup/
// [CLIENT UNBLOCK]: https://redis.io/docs/latest/commands/client-unblock/
package redisdriver
