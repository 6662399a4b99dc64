package drivers

import "fmt"

// Op names one operation of the contract. Where Redis has a command for it, the
// Op bears the command's name and follows its semantics to the letter.
type Op uint8

// The operations. The table in the package documentation gives the arguments,
// reply and errors of each.
const (
	OpInvalid Op = iota // the zero Op is no operation: a forgotten field is refused

	OpExists
	OpDelete
	OpTTL
	OpTime
	OpExpire
	OpPersist
	OpReconcile
	OpSeal
	OpFind
	OpMemoryUsage

	OpGet
	OpGetEx
	OpSet
	OpSwap
	OpCompareAndSwap
	OpAppend
	OpStrLen
	OpGetRange
	OpSetRange
	OpIncrBy
	OpIncrByFloat

	OpBitGet
	OpBitSet
	OpBitIncrement
	OpBitRange
	OpBitSum

	OpGetBit
	OpSetBit
	OpBitCount
	OpBitPos
	OpBitOp

	OpPFAdd
	OpPFCount
	OpPFMerge

	OpSAdd
	OpSRem
	OpSReplace
	OpSIsMember
	OpSCard
	OpSMembers
	OpSScan
	OpSPop
	OpSRandMember
	OpSMove
	OpSInter
	OpSUnion
	OpSDiff

	OpLPush
	OpRPush
	OpLReplace
	OpLPop
	OpRPop
	OpLMPop
	OpLLen
	OpLIndex
	OpLSet
	OpLInsert
	OpLRem
	OpLRange
	OpLTrim
	OpLPos
	OpLMove

	OpHSet
	OpHReplace
	OpHCompareAndSet
	OpHDel
	OpHGet
	OpHMGet
	OpHExists
	OpHLen
	OpHKeys
	OpHGetAll
	OpHScan
	OpHIncrBy
	OpHIncrByFloat
	OpHExpire
	OpHTTL
	OpHPersist

	OpZAdd
	OpZReplace
	OpZIncrBy
	OpZRem
	OpZScore
	OpZMScore
	OpZRank
	OpZCard
	OpZCount
	OpZLexCount
	OpZRange
	OpZRangeByScore
	OpZRangeByLex
	OpZScan
	OpZPopMin
	OpZPopMax
	OpZMPop
	OpZRemRangeByRank
	OpZRemRangeByScore
	OpZRemRangeByLex
	OpZUnion
	OpZInter
	OpZDiff
	OpZUnionStore
	OpZInterStore
	OpZDiffStore

	OpGeoAdd
	OpGeoPos
	OpGeoDist
	OpGeoSearch

	OpXAdd
	OpXLen
	OpXRange
	OpXRead
	OpXTrim
	OpXDel
	OpXLastID
	OpXGroupCreate
	OpXGroupDestroy
	OpXReadGroup
	OpXAck
	OpXPending
	OpXClaim
	OpXAutoClaim
	OpXClaimOwn
	OpXMove
	OpXConsumers
	OpXDelConsumer
	OpXLag
	OpXGroups

	OpPublish

	OpLockAcquire
	OpLockRenew
	OpLockRelease
	OpLockHolder

	OpThrottle

	OpJobAdd
	OpJobTake
	OpJobMove
	OpJobRemove

	OpScanKeys
	OpScanLeaves
	OpScanBranches

	opCount
)

// Effect says what an Op may do to the data. It decides whether a driver may
// send a command a second time.
type Effect uint8

const (
	// Reads changes nothing: sending it twice is harmless.
	Reads Effect = iota
	// Writes may change data: a lost reply is ErrIndeterminate, never a second try.
	Writes
	// Lists is executed by a Scanner, not by Do.
	Lists
)

// operation is all that the contract knows of an Op. What is left out is the safe answer.
type operation struct {
	name   string
	effect Effect
	// checks refuse arguments that no driver accepts.
	checks checks
	// keeps says that no key ends with the write, unless by its time. Without it one may, as a
	// set does with its last member.
	keeps bool
	// sources says that Keys are only read. Without it a write changes Key and all of Keys.
	sources bool
	// entries reports whether a write, which was answered so, gave its Key the Entries of its
	// Indexes; nil if it leaves the entries as they are.
	entries func(reply Reply) bool
	// unordered says that Values come in no order.
	unordered bool
	// paged says that the Op answers a page, and Continue makes the command for the next.
	paged bool

	// wait refuses what nobody can wait for; nil if the Op does not wait. See Block.
	wait func(cmd Command) error
	// waited reports whether a reply says that there was something.
	waited func(reply Reply) bool
	// anyKey says that it takes from the first of Key and Keys that has something, and waits for any.
	anyKey bool

	// reach is how much of the value decides what the Op does and answers.
	reach Reach
	// elements names those that a reach of elements is to; nil if it is to none.
	elements func(cmd Command) []string
	// copied says that a write can be foreseen only on a copy of the value.
	copied bool
	// outside says that what the Op is about is no part of the value: no copy has it.
	outside bool
	// shows is a read of Key, and what it answers after the write was answered so.
	shows func(cmd Command, reply Reply) (Op, Reply)
	// settled makes a choice of the write's own that of its reply, for whoever executes it
	// later. Where nothing is left to do it has no Op.
	settled func(cmd Command, reply Reply) Command
}

// family is the Ops on values of one type. It is no map: the compiler writes code for each entry
// of one, where those of a slice are data.
type family []struct {
	op Op
	operation
}

// ops is every family's Ops. It is filled when the program starts, because checks
// refer to the names in it.
var ops [opCount]operation

func init() {
	for _, family := range []family{
		keyOps, stringOps, bitSetOps, bitmapOps, hyperLogLogOps, setOps, listOps, hashOps, sortedSetOps, geoOps,
		streamOps, topicOps, lockOps, limiterOps, queueOps, scanOps,
	} {
		for _, entry := range family {
			ops[entry.op] = entry.operation
		}
	}
}

// Ops lists every Op there is, in declaration order.
func Ops() []Op {
	all := make([]Op, 0, opCount-1)
	for op := OpInvalid + 1; op < opCount; op++ {
		all = append(all, op)
	}
	return all
}

// Known reports whether op is one of Ops.
func (op Op) Known() bool { return op > OpInvalid && op < opCount }

// Effect reports what op may do to the data. An unknown Op counts as a write.
func (op Op) Effect() Effect {
	if !op.Known() {
		return Writes
	}
	return ops[op].effect
}

// String is the operation's name in capitals, as Redis writes commands.
func (op Op) String() string {
	if !op.Known() {
		return fmt.Sprintf("Op(%d)", uint8(op))
	}
	return ops[op].name
}
