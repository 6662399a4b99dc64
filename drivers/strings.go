package drivers

import (
	"strconv"

	"github.com/kvstore-go/kvstore/drivers/internal/redisvalue"
)

// MaxBytes is how long a string may be: 512 MB, as in Redis.
const MaxBytes = MaxBits / 8

// stringOps are the Ops on strings, and on the numbers they spell.
var stringOps = family{
	{OpGet, operation{name: "GET"}},
	{OpGetEx, operation{name: "GETEX", effect: Writes, keeps: true, checks: checks{checkDeadline}, shows: showsText}},
	{OpSet, operation{name: "SET", effect: Writes, keeps: true, checks: checkSet, entries: notNil, reach: ReachSize, shows: showsValue}},
	{OpSwap, operation{name: "SWAP", effect: Writes, keeps: true, checks: checkSet, shows: showsValue}},
	{OpCompareAndSwap, operation{name: "COMPAREANDSWAP", effect: Writes, keeps: true, checks: checks{checkValue, checkExpiry}, entries: isOne, shows: showsValue}},
	{OpAppend, operation{name: "APPEND", effect: Writes, keeps: true, checks: checks{checkValue, checkExpiry}, shows: showsLength}},
	{OpStrLen, operation{name: "STRLEN"}},
	{OpGetRange, operation{name: "GETRANGE"}},
	{OpSetRange, operation{name: "SETRANGE", effect: Writes, keeps: true, checks: checks{checkSetRange, checkExpiry}, shows: showsLength}},
	{OpIncrBy, operation{name: "INCRBY", effect: Writes, keeps: true, checks: checks{checkIntBounds, checkExpiry}, shows: showsInt}},
	{OpIncrByFloat, operation{name: "INCRBYFLOAT", effect: Writes, keeps: true, checks: checks{checkFloatBounds, checkExpiry}, shows: showsText}},
}

var checkSet = checks{checkCondition, checkValue, checkExpiry}

func checkSetRange(cmd Command) error {
	if cmd.Start < 0 {
		return Errorf(ErrInvalid, "the offset %d", cmd.Start)
	}
	if cmd.Value == "" {
		return nil // which changes nothing, wherever that is
	}
	return CheckLength(min(cmd.Start, MaxBits) + int64(len(cmd.Value)))
}

func predictSet(p *predictor, out *Prediction) error {
	if p.cmd.If == Always {
		return nil
	}
	there, err := p.one(OpExists)
	out.Reply.Nil = p.cmd.If.Refuses(there.Int == 1)
	out.Nothing = out.Reply.Nil
	return err
}

func predictGetEx(p *predictor, out *Prediction) (err error) {
	out.Reply, err = p.one(OpGet)
	out.Nothing = out.Reply.Nil
	return err
}

func predictSwap(p *predictor, out *Prediction) (err error) {
	out.Reply, err = p.one(OpGet)
	out.Nothing = p.cmd.If.Refuses(!out.Reply.Nil)
	return err
}

func predictCompareAndSwap(p *predictor, out *Prediction) error {
	current, err := p.one(OpGet)
	if !current.Nil && current.Value == p.cmd.Expected() {
		out.Reply.Int = 1
	}
	out.Nothing = out.Reply.Int == 0
	return err
}

func predictAppend(p *predictor, out *Prediction) error {
	size, err := p.one(OpStrLen)
	out.Reply.Int = size.Int + int64(len(p.cmd.Value))
	if err == nil {
		err = CheckLength(out.Reply.Int)
	}
	return err
}

func predictSetRange(p *predictor, out *Prediction) error {
	size, err := p.one(OpStrLen)
	out.Reply.Int = size.Int
	if p.cmd.Value != "" {
		out.Reply.Int = max(size.Int, p.cmd.Start+int64(len(p.cmd.Value)))
	}
	return err
}

func predictIncrBy(p *predictor, out *Prediction) error {
	current, err := p.one(OpGet)
	if err != nil {
		return err
	}
	sum, fits, err := redisvalue.AddInt(current.Value, !current.Nil, p.cmd.Amount, p.cmd.Min(), p.cmd.Max())
	out.Reply = Reply{Int: sum, Nil: !fits}
	out.Nothing = !fits
	return Join(ErrCorrupt, err)
}

func predictIncrByFloat(p *predictor, out *Prediction) error {
	current, err := p.one(OpGet)
	if err != nil {
		return err
	}
	sum, fits, err := redisvalue.AddFloat(current.Value, !current.Nil, p.cmd.FloatIncrement(), p.cmd.Min(), p.cmd.Max())
	out.Reply = Reply{Value: sum, Nil: !fits}
	out.Nothing = !fits
	return Join(ErrCorrupt, err)
}

func showsValue(cmd Command, _ Reply) (Op, Reply) { return OpGet, Reply{Value: cmd.Value} }

func showsLength(cmd Command, reply Reply) (Op, Reply) {
	return OpStrLen, Reply{Int: reply.Int}
}

func showsInt(_ Command, reply Reply) (Op, Reply) {
	return OpGet, Reply{Value: strconv.FormatInt(reply.Int, 10)}
}

func showsText(_ Command, reply Reply) (Op, Reply) { return OpGet, Reply{Value: reply.Value} }
