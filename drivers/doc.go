// Package drivers is the contract between kv and the stores that execute it.
//
// A driver has one method: Do takes a Command by value and returns a Reply. What
// else it can do — batches, optimistic transactions, listing keys, being closed —
// are the small interfaces Batcher, Watcher, Scanner and io.Closer, each reached
// through one function of this package that answers errors.ErrUnsupported for a
// driver without it. Package spec holds the suite that decides whether a driver
// keeps the contract.
//
// # Operations
//
// Every Op reads Key. Where an Op bears the name of a Redis command, it behaves
// as that command of Redis 7.0 does, errors included. Expiry marks the Ops that
// take one; see its documentation for what it means to each.
//
//	Op                arguments                       reply
//	OpExists                                          Int 1 or 0
//	OpDelete                                          Int 1 if it was there (UNLINK)
//	OpTTL                                             Int milliseconds left, -1 for ever; Nil if absent (PTTL)
//	OpExpire          Expiry (In, At)                 Int 1 if it was there (PEXPIRE, PEXPIREAT)
//	OpPersist                                         Int 1 if it lost a time to live
//	OpReconcile       Keys, Indexes                   Int 1 if Key or one of Keys exists
//
//	OpGet                                             Value; Nil if absent
//	OpSet             Value, If, Expiry               Nil if If refused (SET)
//	OpSwap            Value, If, Expiry               the old Value; Nil if absent (SET … GET)
//	OpCompareAndSwap  Expected, Value, Expiry         Int 1 if Expected was there and was replaced
//	OpAppend          Value, Expiry                   Int the new length
//	OpStrLen                                          Int length in bytes
//
//	OpBitGet          Bits, Start                     Int (BITFIELD GET)
//	OpBitSet          Bits, Start, Amount, Expiry     Int the old number; Nil if refused (BITFIELD SET)
//	OpBitIncrement    Bits, Start, Amount, Expiry     Int the new number; Nil if refused (BITFIELD INCRBY)
//	OpBitRange        Bits, Start, Stop               Ints, one for each slot (GETRANGE)
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
//	OpHGet            Value (the field)               Value; Nil if absent
//	OpHLen                                            Int
//	OpHScan           Start (cursor), Amount (hint)   Values, fields and values by turns; Int the next cursor, 0 at the end
//
//	OpZScore          Value (the member)              Value, the score as text; Nil if absent
//	OpZLexCount       Min, Max                        Int
//	OpZRangeByLex     Min, Max, Start, Amount, Reverse  Values, of which Start are passed over, at most Amount if that is not 0
//
//	OpScanKeys        (Scanner)                       every key that begins with Key and ":"
//	OpScanLeaves      (Scanner)                       the last segments of the keys one segment below Key
//	OpScanBranches    (Scanner)                       the next segments below Key that have keys below them
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
// alone, and one that loses its last member is absent.
//
// # Errors
//
// ErrWrongType where the key holds another type (all but the Ops of the first
// group, OpSet and the scans); ErrInvalid for an unknown Op, an Expiry or BitType
// that fails its Check, slots that fail CheckRange or are more than MaxRangeSlots,
// an unknown If, OpExpire with another mode than In or At, OpSAdd and OpSRem without
// Values, OpSMove without a destination, a negative Amount for OpSPop or one below
// -MaxRepeats for OpSRandMember, a negative cursor, a Min or Max that is no end of a
// range, a negative Start or Amount of OpZRangeByLex, an Index without a Registry or an ID,
// one whose Key is not the command's or the destination of OpSMove, an entry whose Name
// is not among Names, a unique one of an Index that is not Whole, Indexes on an Op that reads, a string that would outgrow
// MaxBits; ErrDuplicate where an entry is refused; ErrCrossSlot
// where several keys of one command or atomic batch lie in different slots of a
// cluster; ErrIndeterminate for a write whose reply was lost; ErrClosed after
// Close; the context's error where the context ended first. After any of them but
// ErrIndeterminate nothing was changed.
package drivers
