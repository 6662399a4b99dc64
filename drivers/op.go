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
	OpExpire
	OpPersist
	OpReconcile

	OpGet
	OpSet
	OpSwap
	OpCompareAndSwap
	OpAppend
	OpStrLen

	OpBitGet
	OpBitSet
	OpBitIncrement
	OpBitRange

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

	OpHGet
	OpHLen
	OpHScan

	OpZScore
	OpZLexCount
	OpZRangeByLex

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

type opInfo struct {
	name   string
	effect Effect
}

var ops = [opCount]opInfo{
	OpExists:         {"EXISTS", Reads},
	OpDelete:         {"DELETE", Writes},
	OpTTL:            {"TTL", Reads},
	OpExpire:         {"EXPIRE", Writes},
	OpPersist:        {"PERSIST", Writes},
	OpReconcile:      {"RECONCILE", Writes},
	OpGet:            {"GET", Reads},
	OpSet:            {"SET", Writes},
	OpSwap:           {"SWAP", Writes},
	OpCompareAndSwap: {"COMPAREANDSWAP", Writes},
	OpAppend:         {"APPEND", Writes},
	OpStrLen:         {"STRLEN", Reads},
	OpBitGet:         {"BITGET", Reads},
	OpBitSet:         {"BITSET", Writes},
	OpBitIncrement:   {"BITINCREMENT", Writes},
	OpBitRange:       {"BITRANGE", Reads},
	OpSAdd:           {"SADD", Writes},
	OpSRem:           {"SREM", Writes},
	OpSReplace:       {"SREPLACE", Writes},
	OpSIsMember:      {"SISMEMBER", Reads},
	OpSCard:          {"SCARD", Reads},
	OpSMembers:       {"SMEMBERS", Reads},
	OpSScan:          {"SSCAN", Reads},
	OpSPop:           {"SPOP", Writes},
	OpSRandMember:    {"SRANDMEMBER", Reads},
	OpSMove:          {"SMOVE", Writes},
	OpSInter:         {"SINTER", Reads},
	OpSUnion:         {"SUNION", Reads},
	OpSDiff:          {"SDIFF", Reads},
	OpHGet:           {"HGET", Reads},
	OpHLen:           {"HLEN", Reads},
	OpHScan:          {"HSCAN", Reads},
	OpZScore:         {"ZSCORE", Reads},
	OpZLexCount:      {"ZLEXCOUNT", Reads},
	OpZRangeByLex:    {"ZRANGEBYLEX", Reads},
	OpScanKeys:       {"SCANKEYS", Lists},
	OpScanLeaves:     {"SCANLEAVES", Lists},
	OpScanBranches:   {"SCANBRANCHES", Lists},
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
