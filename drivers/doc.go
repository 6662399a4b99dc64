// Package drivers is the contract between kv and the stores that execute it.
//
// A driver has one method: Do takes a Command by value and returns a Reply. What
// else it can do — batches, optimistic transactions, listing keys, waiting, passing on
// messages, telling of what changes, being closed — are the small interfaces Batcher,
// Watcher, Scanner, Blocker, Subscriber, Follower, NearKeeper, TextReader and io.Closer, each reached
// through one function of this package that answers errors.ErrUnsupported for a
// driver without it. Package spec holds the suite that decides whether a driver
// keeps the contract.
//
// # Operations
//
// Every Op reads Key. Where an Op bears the name of a Redis command, it behaves
// as that command of Redis 7.0 does ([commands of Redis]), errors included. Expiry marks the Ops that
// take one; see its documentation for what it means to each.
//
// Keys, Expected, Scores, Min, Max and Indexes, which few Ops have, are in Extra.
// Where a field means something else than its name says, that is in brackets. Such a Command is
// made by a function with the name of its Op, as XReadGroup, and asked by a method with the
// name of the thing, as Command.Consumer.
//
//	Op                arguments                       reply
//	OpExists                                          Int 1 or 0
//	OpDelete                                          Int 1 if it was there (UNLINK)
//	OpTTL                                             Int milliseconds left, -1 for ever; Nil if absent (PTTL)
//	OpTime                                            Int milliseconds since the Unix epoch, on the clock of the store that has Key (TIME)
//	OpExpire          Expiry (In, At)                 Int 1 if it was there (PEXPIRE, PEXPIREAT)
//	OpPersist                                         Int 1 if it lost a time to live
//	OpReconcile       Keys, Indexes                   Int 1 if Key or one of Keys exists
//	OpSeal            Keys, Start (mark), Amount      Ints, 1 for each of Key, a registry, and Keys, its indexes, that is sealed
//	OpFind            Keys, Values, Amount, Reverse   Values, members and records by turns; Int, their group; Ints, the size of each range
//	OpMemoryUsage                                     Int bytes that the key and its value take; Float 1 if that is exact, 0 if it is estimated; Nil if absent (MEMORY USAGE)
//
//	OpGet                                             Value; Nil if absent
//	OpGetEx           Expiry (In, At)                  Value; Nil if absent
//	OpSet             Value, If, Expiry               Nil if If refused (SET)
//	OpSwap            Value, If, Expiry               the old Value; Nil if absent (SET … GET)
//	OpCompareAndSwap  Expected, Value, Expiry         Int 1 if Expected was there and was replaced
//	OpAppend          Value, Expiry                   Int the new length
//	OpStrLen                                          Int length in bytes
//	OpGetRange        Start, Stop (the last byte)     Value
//	OpSetRange        Start, Value, Expiry            Int the new length
//	OpIncrBy          Amount, Min, Max, Expiry        Int the new number; Nil if refused
//	OpIncrByFloat     Value, Min, Max, Expiry         Value the new number; Nil if refused
//
//	OpBitGet          Bits, Start                     Int (BITFIELD GET)
//	OpBitSet          Bits, Start, Amount, Expiry     Int the old number; Nil if refused (BITFIELD SET)
//	OpBitIncrement    Bits, Start, Amount, Expiry     Int the new number; Nil if refused (BITFIELD INCRBY)
//	OpBitRange        Bits, Start, Stop               Ints, one for each slot (GETRANGE)
//	OpBitSum          Bits, Start, Stop               Int the sum of the slots; Nil if it has more than 64 bits (GETRANGE)
//
//	OpGetBit          Start                           Int 1 or 0
//	OpSetBit          Start, Amount (1 or 0), Expiry  Int the old bit
//	OpBitCount        Start, Stop (bits)              Int (BITCOUNT … BIT)
//	OpBitPos          Amount (1 or 0), Start, Stop    Int, -1 if there is none; with Start 0 and Stop NoStop, that of a string followed by zeros
//	OpBitOp           Value (AND, OR, XOR, NOT), Keys, Expiry  Int length of what is put under Key
//
//	OpPFAdd           Values, Expiry                  Int 1 if it changed
//	OpPFCount         Keys                            Int members of Key and Keys together, about
//	OpPFMerge         Keys, Expiry                    nothing: Key has what Key and Keys had
//
//	OpSAdd            Values, Expiry                  Int members that were new
//	OpSRem            Values                          Int members that were there
//	OpSReplace        Values, If, Expiry              Int the new size; Nil if If refused
//	OpSIsMember       Value                           Int 1 or 0
//	OpSCard                                           Int
//	OpSMembers                                        Values, in no order
//	OpSScan           Start (cursor), Amount (hint)   Values, Int the next cursor, 0 at the end
//	OpSPop            Amount                          Values taken out
//	OpSRandMember     Amount                          Values, distinct; repeating where Amount is negative
//	OpSMove           Value, Keys[0], Expiry          Int 1 if the member was there
//	OpSInter          Keys                            Values
//	OpSUnion          Keys                            Values
//	OpSDiff           Keys                            Values in Key and in none of Keys
//
//	OpLPush, OpRPush  Values, Amount (cap), Expiry    Int the new length
//	OpLReplace        Values, If, Expiry              Int the new length; Nil if If refused
//	OpLPop, OpRPop    Amount                          Values taken out; Nil if absent
//	OpLMPop           Keys, Reverse (from the right), Amount  Values taken out of the first of Key and Keys that is there, Int its place among them; Nil if all are absent
//	OpLLen                                            Int
//	OpLIndex          Start                           Value; Nil if there is none
//	OpLSet            Start, Value                    Int 1; 0 if there is no list, -1 if there is no such element; Start has 32 bits
//	OpLInsert         Expected, Value, Reverse (behind), Amount (cap)  Int the new length; 0 if there is no list, -1 if it has no Expected
//	OpLRem            Value, Amount                   Int elements taken out
//	OpLRange          Start, Stop (the last)          Values
//	OpLTrim           Start, Stop (the last)          nothing
//	OpLPos            Value, Start (rank), Amount (0: all), Stop (how many to look at, 0: all)  Ints
//	OpLMove           Keys[0], Start, Stop (each 0: left, -1: right), Amount (cap), Expiry  Value; Nil if Key is absent
//
//	OpHSet            Values (pairs), Expiry          Int fields that were new
//	OpHReplace        Values (pairs), If, Expiry      Int the new size; Nil if If refused
//	OpHCompareAndSet  Values, Amount                  Int 1 if the first Amount Values, pairs, were all there was; the others, pairs, are then
//	OpHDel            Values (fields)                 Int fields that were there
//	OpHGet            Value (the field)               Value; Nil if absent
//	OpHMGet           Values (fields)                 Values, and Ints 1 for a field that is there
//	OpHExists         Value (the field)               Int 1 or 0
//	OpHLen                                            Int
//	OpHKeys                                           Values, in no order
//	OpHGetAll                                         Values, fields and values by turns, in no order
//	OpHScan           Start (cursor), Amount (hint)   Values, fields and values by turns; Int the next cursor, 0 at the end
//	OpHIncrBy         Value (field), Amount, Min, Max, Values (one: what an absent field counts as, none: 0), Expiry    Int the new number; Nil if refused
//	OpHIncrByFloat    Value (field), Expected (the increment), Min, Max, Values (as OpHIncrBy), Expiry  Value the new number; Nil if refused
//	OpHExpire         Values (fields), Expiry (In, At)  Ints, as HPEXPIRE has them
//	OpHTTL            Values (fields)                 Ints, as HPTTL has them
//	OpHPersist        Values (fields)                 Ints, as HPERSIST has them
//
//	OpZAdd            Values, Scores, If, Expiry      Int members that were new; with Amount 1 those that changed, too
//	OpZReplace        Values, Scores, If, Expiry      Int the new size; Nil if If refused
//	OpZIncrBy         Value, Scores[0], If, Expiry    Float; Nil if If refused
//	OpZRem            Values                          Int members that were there
//	OpZScore          Value (the member)              Float; Nil if absent
//	OpZMScore         Values                          Floats, NaN if absent
//	OpZRank           Value, Reverse                  Int; Nil if absent
//	OpZCard                                           Int
//	OpZCount          Min, Max (scores)               Int
//	OpZLexCount       Min, Max (members)              Int
//	OpZRange          Start, Stop (the last), Reverse  Values, Floats
//	OpZRangeByScore   Min, Max, Start, Amount, Reverse  Values, Floats, of which Start are passed over, at most Amount if that is not 0
//	OpZRangeByLex     Min, Max, Start, Amount, Reverse  Values, likewise
//	OpZScan           Start (cursor), Amount (hint)   Values, Floats, Int the next cursor, 0 at the end
//	OpZPopMin, OpZPopMax      Amount                  Values, Floats
//	OpZMPop           Keys, Reverse, Amount           Values, Floats, Int as OpLMPop has them; Nil if all are absent
//	OpZRemRangeByRank         Start, Stop (the last)  Int
//	OpZRemRangeByScore        Min, Max                Int
//	OpZRemRangeByLex          Min, Max                Int
//	OpZUnion, OpZInter        Keys, Scores (weights; none: 1), Value (SUM, MIN, MAX; none: SUM)  Values, Floats
//	OpZDiff                   Keys                    Values, Floats, in Key and in none of Keys
//	OpZUnionStore, OpZInterStore, OpZDiffStore  the same of Keys, Expiry  Int the size of what is put under Key
//
//	OpGeoAdd          Values, Scores (positions), If, Expiry  as OpZAdd
//	OpGeoPos          Values                          Floats, longitude and latitude by turns, NaN if absent
//	OpGeoDist         Values (two)                    Float, metres; Nil if one is absent
//	OpGeoSearch       Values (the member in the middle) or Scores[0:2] (the position); Scores[2] (radius) or [2:4] (width, height), metres; Amount, Reverse  Values, from the nearest; Floats: distance, longitude and latitude by turns; Nil if the member is absent
//
//	OpXAdd            Value (id, * or 5-*), Values (pairs), Amount (cap), Expiry  Value the id
//	OpXLen                                            Int
//	OpXRange          Min, Max (ids; none: open), Amount, Reverse  entries
//	OpXRead           Value (the id before), Amount   entries
//	OpXTrim           Amount (entries) or Min (id)    Int entries taken out
//	OpXDel            Values (ids)                    Int entries taken out
//	OpXLastID                                         Value, 0-0 if absent
//	OpXGroupCreate    Value (group), Expected (id before, or $)  Int 1 if it is new
//	OpXGroupDestroy   Value (group)                   Int 1 if it was there
//	OpXReadGroup      Value (group), Expected (consumer), Min (> or id before), Amount  entries; Nil if there is no group
//	OpXAck            Value (group), Values (ids)     Int
//	OpXPending        Value (group), Expected (consumer, or none), Min, Max (ids; none: open), Start (idle, ms), Amount  Values, id and consumer by turns; Ints, idle ms and deliveries by turns; Nil if there is no group
//	OpXClaim          Value (group), Expected (consumer), Start (idle, ms), Values (ids)  entries; Nil if there is no group
//	OpXAutoClaim      Value (group), Expected (consumer), Start (idle, ms), Min (id), Amount  Value the next id or 0-0, entries, those that were deleted last; Nil if there is no group
//	OpXClaimOwn       Value (group), Expected (consumer), Start (idle, ms), Amount (deliveries to add), Values (ids)  Int how many were pending for it
//	OpXMove           Value (group), Expected (consumer), Values (ids), Keys[0], Amount (cap), Expiry  Int entries moved
//	OpXConsumers      Value (group)                   Values the names; Ints, pending entries and idle ms by turns; Nil if there is no group
//	OpXDelConsumer    Value (group), Expected (consumer), Min (heir)  Int entries handed on; Nil if there is no group
//	OpXLag            Value (group)                   Int entries to be delivered, -1 if that is unknown; Nil if there is no group
//	OpXGroups                                         Values the names of the groups, in their order
//
//	OpPublish         Value                           Int who got it
//
//	OpLockAcquire     Value (owner), Amount (lease, ms)  Int the fencing token; Nil if another has it, Ints the ms it is his
//	OpLockRenew       Value (owner), Amount (lease, ms)  Int 1 if it is the owner's
//	OpLockRelease     Value (owner)                   Int 1 if it was the owner's
//	OpLockHolder                                      Value (owner), Int (token), Ints the ms left; Nil if it is free
//	OpThrottle        Amount (cost; 0 looks as 1 would, and takes nothing), Scores (µs for one and burst of each limit by turns)  Ints: 1 if all admit it, and of each how many are left, µs to wait, µs until all are back
//
//	OpJobAdd          Value (id), Expected (text), If, Start (delay, ms), Stop (moment, ms; 0: none)  Int 1 if it is new, 0 if it replaced another; Nil if If refused
//	OpJobTake         Value (token), Amount (lease, ms)  Value the id, Values its text, Int how often it was taken; Nil if nothing is due, Ints the ms until something is, if anything will
//	OpJobMove         Value (id), Expected (token, or none), Amount (0 waits, 1 stays taken, 2 is dead), Start (delay, ms), Stop (moment, ms; 0: none)  Int 1 if it was there, and the token's
//	OpJobRemove       Values (ids), Expected (token, or none)  Int jobs that were there, and the token's
//
//	OpScanKeys        Keys (Scanner)                  every key that begins with Key, or one of Keys, and ":"
//	OpScanLeaves      (Scanner)                       the last segments of the keys one segment below Key
//	OpScanBranches    (Scanner)                       the next segments below Key that have keys below them
//
// An Amount of 0 reads or delivers any number of entries; OpXAutoClaim needs one, up to
// MaxAutoClaim. Entries of streams are in Values, the id and then fields and values by turns; Ints has
// how many Values each takes. One that was deleted while it was pending has its id alone.
//
// OpXClaimOwn and OpXMove are about entries that are pending for the consumer still, and pass over
// all others. OpXClaimOwn makes an entry idle for Start and changes how often it was delivered, which
// is never less than 0. OpXMove adds it to another stream, under a new id, and acknowledges it; with one
// among them that has more fields and values than MaxMoved it is ErrInvalid, and moves nothing.
// OpXDelConsumer makes what is pending pending for the heir, as idle and as often delivered as
// it is. What was deleted is pending no longer after any of these, and is not counted. How
// long a consumer is idle is counted from when it got something; on servers since 7.2, from when it asked.
//
// A score that is -0 is 0. OpGeoSearch looks for members where Redis does, and misses those
// that it misses: a member at longitude 180 or at latitude MaxLatitude exactly, but around a
// middle that is there too; around such a middle, members just beyond the edge, to the
// other side of the map; and, around middles above 78.7°, some members to the west and the east where the
// area reaches beyond the pole. What OpGeoPos answers for a score that is no position is what Redis does on amd64.
//
// OpThrottle takes of all limits or of none. What is stored of each is a moment, in their
// order; one of which none is stored is full. It goes by the store's clock. Where that was set back, or the key was written at
// another rate, a limiter is shut for no longer than its burst takes to come back.
//
// A queue is a sorted set with two members for each job: its id, whose score is the moment, in
// milliseconds, from which it may be taken, or +inf if it is dead; and a JobRecord, at the
// JobPlace of the id. OpJobTake takes the first that is due by the store's clock, of several with
// one moment the first by id, and makes it due again when the lease ends. OpJobMove with
// a token is for who has it; without one it makes any job wait, as if it had never been taken.
//
// A cap, where it is not 0, is how many elements stay: OpLPush drops those at the right
// end, OpRPush and OpLInsert those at the left; OpLMove those at the other end than it
// puts the element at; OpXAdd the oldest. Ops that put a result under Key (…Store,
// OpBitOp) drop its time to live, as in Redis, before Expiry starts one.
//
// Ops without a command of that name in Redis: OpCompareAndSwap replaces a string
// only if it still is Expected. OpSReplace replaces a whole set: with no Values it
// deletes the key. On a key of another type both are ErrWrongType, and so is OpSwap;
// OpSet overwrites whatever is there, as SET does.
//
// # Indexes
//
// Every Op that writes may carry Indexes, which are kept up to date with its key in
// the same atomic step; Index says how. OpReconcile changes nothing else: where Key or
// one of Keys exists, each Registry has the ID afterwards, and where none does, neither
// Registry nor its indexes have it. Hashes and sorted sets come into being by Indexes
// alone, and one that loses its last member is absent. OpSeal is for who rebuilds them: with
// Amount 0 it gives what is not sealed a mark, up to MaxMark, in place of the seal (in a
// registry its digits, in an index its negative as the score); with Amount 1 it makes seals of
// the marks that are Start, and leaves what has been lost meanwhile without. OpFind reads one of
// several groups of ranges of indexes, with what the registry has of each id: see Find.
//
// A cursor of OpSScan, OpHScan and OpZScan belongs to the server that gave it, which may be
// replaced: Command.Continue puts it into the next command, as Start, and what the Reply's
// Value says of the server, as Expected. ErrInterrupted where it is another one by now.
//
// # Errors
//
// ErrWrongType where the key holds another type (all but the Ops of the first
// group, OpSet and the scans); ErrInvalid for an unknown Op, an Expiry or BitType
// that fails its Check, slots that fail CheckRange or are more than MaxRangeSlots,
// an unknown If, OpExpire or OpGetEx with another mode than In or At, OpSAdd and OpSRem without
// Values, OpSMove without a destination, a negative Amount for OpSPop, one below 1 for OpLMPop and OpZMPop, or one below
// -MaxRepeats for OpSRandMember, a negative cursor, a Min or Max that is no end of a
// range (of scores: a number behind "(" or by itself, where Redis also takes no digits at
// all, or blanks before them, for 0), a negative Start or Amount of OpZRangeByLex and OpZRangeByScore,
// Scores that are NaN or not as many as they must be, an Amount of OpZAdd and OpGeoAdd that is neither 0 nor 1, an
// aggregate other than SUM, MIN and MAX, positions out of bounds (see GeoPoint), areas without an extent, ids
// that are none or behind which there is none, an id for OpXAdd that is not above the last
// one, fields without values, a group of a stream without a name, OpXReadGroup and claims without a consumer, a negative idle time, an Index without a Registry or an ID, an OpFind
// without ranges or an Amount,
// one whose Key is not the command's, the destination of OpSMove, OpLMove or OpXMove, or a key of OpLMPop or OpZMPop, an entry whose Name
// is not among Names, a unique one of an Index that is not Whole, Indexes on an Op that reads, a string that would outgrow
// MaxBits; ErrCorrupt, which is one too, where OpIncrBy, OpIncrByFloat, OpHIncrBy or OpHIncrByFloat would add to what is
// no number, the token behind a lock is none, a HyperLogLog is damaged, and what OpThrottle finds is of no limiter; ErrDuplicate where an entry is refused; ErrIncomplete where it cannot be known whether it
// must be; ErrCrossSlot
// where several keys of one command or atomic batch lie in different slots of a
// cluster; ErrIndeterminate for a write whose reply was lost; ErrUnavailable, with the cause
// within reach, for what the store could not take now, lost connections of reads included;
// ErrDenied for what it does not allow; ErrClosed after Close; the context's error where the
// context ended first. After any of them but ErrIndeterminate nothing was changed.
//
// An atomic batch that was refused has the error of the first command that was, and so have
// all of its items. A transaction that lost its connection or its server before anything was
// applied is ErrInterrupted beside ErrUnavailable: it may well succeed when it is begun again.
//
// [commands of Redis]: https://redis.io/docs/latest/commands/
package drivers
