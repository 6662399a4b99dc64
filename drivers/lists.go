package drivers

import (
	"math"
	"slices"
)

// listOps are the Ops on lists.
var listOps = family{
	{OpLPush, operation{name: "LPUSH", effect: Writes, keeps: true, checks: checkPush, shows: showsSize}},
	{OpRPush, operation{name: "RPUSH", effect: Writes, keeps: true, checks: checkPush, shows: showsSize}},
	{OpLReplace, operation{name: "LREPLACE", effect: Writes, checks: checks{checkCondition, checkExpiry}, shows: showsSize}},
	{OpLPop, operation{name: "LPOP", effect: Writes, checks: checks{checkCount}, wait: checkTaken, waited: notNil}},
	{OpRPop, operation{name: "RPOP", effect: Writes, checks: checks{checkCount}, wait: checkTaken, waited: notNil}},
	{OpLMPop, operation{name: "LMPOP", effect: Writes, checks: checks{checkTaken}, wait: anyWait, waited: notNil, anyKey: true, copied: true}},
	{OpLLen, operation{name: "LLEN"}},
	{OpLIndex, operation{name: "LINDEX"}},
	{OpLSet, operation{name: "LSET", effect: Writes, keeps: true, checks: checks{checkValue, checkPlace}}},
	{OpLInsert, operation{name: "LINSERT", effect: Writes, keeps: true, checks: checks{checkCount, checkValue}}},
	{OpLRem, operation{name: "LREM", effect: Writes}},
	{OpLRange, operation{name: "LRANGE"}},
	{OpLTrim, operation{name: "LTRIM", effect: Writes}},
	{OpLPos, operation{name: "LPOS", checks: checks{checkMatches}}},
	{OpLMove, operation{name: "LMOVE", effect: Writes, checks: checks{checkKeys, checkEnds, checkCount, checkExpiry}, wait: anyWait, waited: notNil}},
}

var checkPush = checks{checkValues, checkCount, checkExpiry}

// checkPlace refuses places beyond 32 bits: Redis cuts off what is above, from 7.2 on, and
// would change another element (listTypeReplaceAtIndex).
func checkPlace(cmd Command) error {
	if int64(int32(cmd.Start)) != cmd.Start {
		return Errorf(ErrInvalid, "the place %d, which no list has", cmd.Start)
	}
	return nil
}

func checkMatches(cmd Command) error {
	if cmd.Rank() == 0 || cmd.Rank() == math.MinInt64 || cmd.Amount < 0 || cmd.MaxLen() < 0 {
		return Errorf(ErrInvalid, "%d matches from the match %d on among %d elements", cmd.Amount, cmd.Rank(), cmd.MaxLen())
	}
	return nil
}

func checkEnds(cmd Command) error {
	for _, end := range [...]ListEnd{cmd.FromEnd(), cmd.ToEnd()} {
		if end != LeftEnd && end != RightEnd {
			return Errorf(ErrInvalid, "%d is no end of a list", end)
		}
	}
	return nil
}

// Kept is how many of length elements the cap of a command leaves.
func (cmd Command) Kept(length int64) int64 {
	if cmd.Cap() > 0 {
		length = min(length, cmd.Cap())
	}
	return length
}

func predictPush(p *predictor, out *Prediction) error {
	size, err := p.one(OpLLen)
	out.Reply.Int = p.cmd.Kept(size.Int + int64(len(p.cmd.Values)))
	return err
}

func showsSize(_ Command, reply Reply) (Op, Reply) { return OpLLen, Reply{Int: reply.Int} }

func predictListPop(p *predictor, out *Prediction) error {
	taken := Command{Op: OpLRange, Key: p.cmd.Key, Stop: p.cmd.Amount - 1}
	if p.cmd.Op == OpRPop {
		taken.Start, taken.Stop = -p.cmd.Amount, -1
	}
	items, err := p.ask(Command{Op: OpLLen, Key: p.cmd.Key}, taken)
	if err != nil {
		return err
	}
	values := items[1].Reply.Values
	if p.cmd.Amount == 0 { // whose range would be all
		values = nil
	}
	if p.cmd.Op == OpRPop {
		slices.Reverse(values)
	}
	out.Reply = Reply{Nil: items[0].Reply.Int == 0, Values: values}
	out.Nothing = len(values) == 0
	return nil
}

func predictSetElement(p *predictor, out *Prediction) error {
	size, err := p.one(OpLLen)
	switch {
	case size.Int == 0:
		out.Reply.Int = 0
	case p.cmd.Start < -size.Int || p.cmd.Start >= size.Int:
		out.Reply.Int = -1
	default:
		out.Reply.Int = 1
	}
	out.Nothing = out.Reply.Int != 1
	return err
}

func predictInsert(p *predictor, out *Prediction) error {
	items, err := p.ask(
		Command{Op: OpLLen, Key: p.cmd.Key},
		Command{Op: OpLPos, Key: p.cmd.Key, Value: p.cmd.Pivot(), Start: 1, Amount: 1},
	)
	if err != nil {
		return err
	}
	size := items[0].Reply.Int
	switch {
	case size == 0:
	case len(items[1].Reply.Ints) == 0:
		out.Reply.Int = -1
	default:
		out.Reply.Int = p.cmd.Kept(size + 1)
	}
	out.Nothing = out.Reply.Int <= 0
	return nil
}

func predictListRemove(p *predictor, out *Prediction) error {
	matches := Command{Op: OpLPos, Key: p.cmd.Key, Value: p.cmd.Value, Start: 1, Amount: p.cmd.Amount}
	if p.cmd.Amount < 0 {
		matches.Start, matches.Amount = -1, max(-p.cmd.Amount, 0)
	}
	items, err := p.ask(matches)
	if err == nil {
		out.Reply.Int = int64(len(items[0].Reply.Ints))
		out.Nothing = out.Reply.Int == 0
	}
	return err
}

func predictTrim(p *predictor, _ *Prediction) error {
	_, err := p.one(OpLLen)
	return err
}

// predictMoveElement looks at the destination's type only where there is a source, as LMOVE does.
func predictMoveElement(p *predictor, out *Prediction) error {
	taken, err := p.one(OpLIndex)
	out.Reply = taken
	if out.Nothing = taken.Nil; err != nil || taken.Nil {
		return err
	}
	_, err = p.ask(Command{Op: OpLLen, Key: p.cmd.Keys()[0]})
	return err
}
