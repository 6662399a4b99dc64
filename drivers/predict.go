package drivers

import (
	"errors"
	"fmt"

	"github.com/kvstore-go/kvstore/drivers/internal/redisvalue"
)

// Prediction is what a write would answer.
type Prediction struct {
	Reply Reply
	// Command does what was predicted. It is the write itself, but where the write makes
	// a choice of its own: that is made by now (OpSPop becomes OpSRem).
	Command Command
	// Nothing says that the value would not change. If no Command does that, it has no Op.
	Nothing bool
}

// ReadAll executes reads and puts the outcome of each in its item.
type ReadAll func(items []Item) error

// Predicts reports whether Predict works out what a write would answer. Of the others those
// with a reach to elements, and those that Copies reports, can be executed on a copy of the value.
func (op Op) Predicts() bool { return predictionOf(op) != nil }

// Copies reports a write that can be foreseen, on a copy of all of its value alone.
func (op Op) Copies() bool { return op.Known() && ops[op].copied }

// Predict works out what a write would answer, or fail with, from what read finds, so
// that a transaction which watches what it reads knows the outcome before it commits. It
// takes one call of read, none for an unconditional OpSet, and two where a second key matters
// only if there is something under the first. What it reads is no larger than what the write
// names, takes out or stores: whether a store has room for it is not foreseen. Indexes are
// a matter of Unique.
func Predict(cmd Command, read ReadAll) (Prediction, error) {
	if err := Check(&cmd); err != nil {
		return Prediction{}, err
	}
	if cmd.Op.Effect() != Writes {
		return Prediction{}, Errorf(ErrInvalid, "%v writes nothing", cmd.Op)
	}
	predict := predictionOf(cmd.Op)
	if predict == nil {
		return Prediction{}, fmt.Errorf("within a transaction: %w", errors.ErrUnsupported)
	}
	prediction := Prediction{Command: cmd}
	if err := predict(&predictor{cmd: cmd, read: read}, &prediction); err != nil {
		return Prediction{Command: cmd, Reply: prediction.Reply}, err
	}
	prediction.Command = cmd.Settled(prediction.Reply)
	prediction.Nothing = prediction.Nothing || prediction.Command.Op == OpInvalid
	return prediction, nil
}

// Settled is the write that does, whenever it is executed, what cmd did when it was answered so:
// a choice that it makes itself, as OpSPop does of members, is that of the reply. Where nothing
// is left to do it has no Op.
func (cmd Command) Settled(reply Reply) Command {
	if settled := ops[cmd.Op].settled; settled != nil {
		return settled(cmd, reply)
	}
	return cmd
}

// Shows is a read of Key without arguments, and what it answers after the write was
// answered so; OpInvalid if there is none of which that is known. A moment that may be past
// leaves nothing to be known.
func (cmd Command) Shows(reply Reply) (Op, Reply) {
	if shows := ops[cmd.Op].shows; shows != nil && cmd.Expiry.Mode != ExpireAt {
		return shows(cmd, reply)
	}
	return OpInvalid, Reply{}
}

// predictionOf works out the reply of a write from reads that answer less than the value; nil if there is no such
// way. It is a function, and no column of the table of Ops, which every program links: transactions alone predict.
func predictionOf(op Op) func(p *predictor, out *Prediction) error {
	switch op {
	case OpDelete, OpExpire:
		return predictExists
	case OpPersist:
		return predictPersist
	case OpReconcile:
		return predictReconcile
	case OpGetEx:
		return predictGetEx
	case OpSet:
		return predictSet
	case OpSwap:
		return predictSwap
	case OpCompareAndSwap:
		return predictCompareAndSwap
	case OpAppend:
		return predictAppend
	case OpSetRange:
		return predictSetRange
	case OpIncrBy:
		return predictIncrBy
	case OpIncrByFloat:
		return predictIncrByFloat
	case OpBitSet, OpBitIncrement:
		return predictBits
	case OpSetBit:
		return predictSetBit
	case OpBitOp:
		return predictBitOp
	case OpPFMerge:
		return predictPFMerge
	case OpSReplace:
		return predictReplace(OpSCard, distinctValues)
	case OpSPop:
		return predictPop
	case OpLPush, OpRPush:
		return predictPush
	case OpLReplace:
		return predictReplace(OpLLen, allValues)
	case OpLPop, OpRPop:
		return predictListPop
	case OpLSet:
		return predictSetElement
	case OpLInsert:
		return predictInsert
	case OpLRem:
		return predictListRemove
	case OpLTrim:
		return predictTrim
	case OpLMove:
		return predictMoveElement
	case OpHReplace:
		return predictReplace(OpHLen, distinctFields)
	case OpHCompareAndSet:
		return predictHCompareAndSet
	case OpZReplace:
		return predictReplace(OpZCard, distinctValues)
	case OpZPopMin, OpZPopMax:
		return predictZPop
	case OpZRemRangeByRank, OpZRemRangeByScore, OpZRemRangeByLex:
		return predictZRemRange
	case OpZUnionStore, OpZInterStore, OpZDiffStore:
		return predictZStore
	case OpXAdd:
		return predictXAdd
	case OpXTrim:
		return predictXTrim
	case OpXDel:
		return predictXDel
	case OpXGroupCreate:
		return predictXGroupCreate
	case OpXGroupDestroy:
		return predictXGroupDestroy
	case OpXAck:
		return predictXAck
	case OpPublish:
		return predictPublish
	default:
		return nil
	}
}

// predictor is a write, and how to read what its reply depends on.
type predictor struct {
	cmd  Command
	read ReadAll
}

// ask executes reads, the first error of which is the error.
func (p *predictor) ask(commands ...Command) ([]Item, error) {
	items := NewBatch(commands...).Items
	for i := range items {
		items[i].Command.Pattern = p.cmd.Pattern
	}
	if err := p.read(items); err != nil {
		return nil, err
	}
	for i := range items {
		if items[i].Err != nil {
			return nil, items[i].Err
		}
	}
	return items, nil
}

// one executes a read of the command's own key.
func (p *predictor) one(op Op) (Reply, error) {
	items, err := p.ask(Command{Op: op, Key: p.cmd.Key, Bits: p.cmd.Bits, Start: p.cmd.Start, Amount: p.cmd.Amount})
	if err != nil {
		return Reply{}, err
	}
	return items[0].Reply, nil
}

// predictReplace is for what gives a key a collection: as many elements as values counts,
// unless the condition refuses that of which size counts the elements.
func predictReplace(size Op, values func(cmd Command) int) func(p *predictor, out *Prediction) error {
	return func(p *predictor, out *Prediction) error {
		there, err := p.one(size)
		out.Reply = Reply{Int: int64(values(p.cmd))}
		if p.cmd.If.Refuses(there.Int > 0) {
			out.Reply, out.Nothing = Reply{Nil: true}, true
		}
		return err
	}
}

func allValues(cmd Command) int      { return len(cmd.Values) }
func distinctValues(cmd Command) int { return len(distinct(cmd.Values)) }
func distinctFields(cmd Command) int { return len(redisvalue.Fields(cmd.Values)) }

func distinct(values []string) map[string]struct{} {
	set := make(map[string]struct{}, len(values))
	for _, value := range values {
		set[value] = struct{}{}
	}
	return set
}
