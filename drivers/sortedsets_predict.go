package drivers

import "github.com/kvstore-go/kvstore/drivers/internal/redisvalue"

// predictZPop finds the members to take out.
func predictZPop(p *predictor, out *Prediction) error {
	read := Command{Op: OpZCard, Key: p.cmd.Key}
	if p.cmd.Amount > 0 {
		read = Command{Op: OpZRange, Key: p.cmd.Key, Stop: p.cmd.Amount - 1, Reverse: p.cmd.Op == OpZPopMax}
	}
	items, err := p.ask(read)
	if err != nil {
		return err
	}
	popped := items[0].Reply
	out.Reply = Reply{Values: popped.Values, Floats: popped.Floats}
	out.Nothing = len(popped.Values) == 0
	return nil
}

// predictZRemRange counts what is in the range.
func predictZRemRange(p *predictor, out *Prediction) error {
	read := p.cmd
	read.OwnExtra().Indexes = nil
	switch p.cmd.Op {
	case OpZRemRangeByScore:
		read.Op = OpZCount
	case OpZRemRangeByLex:
		read.Op = OpZLexCount
	default:
		read.Op = OpZCard
	}
	items, err := p.ask(read)
	if err != nil {
		return err
	}
	out.Reply.Int = items[0].Reply.Int
	if read.Op == OpZCard {
		from, to := redisvalue.Elements(p.cmd.Start, p.cmd.Stop, out.Reply.Int)
		out.Reply.Int = to - from
	}
	return nil
}

// predictZStore counts what is to be stored.
func predictZStore(p *predictor, out *Prediction) error {
	reads := map[Op]Op{OpZUnionStore: OpZUnion, OpZInterStore: OpZInter, OpZDiffStore: OpZDiff}
	read := p.cmd
	sets := p.cmd.Keys()
	read.Op, read.Key = reads[p.cmd.Op], sets[0]
	extra := read.OwnExtra()
	extra.Keys, extra.Indexes = sets[1:], nil
	items, err := p.ask(read)
	if err != nil {
		return err
	}
	out.Reply.Int = int64(len(items[0].Reply.Values))
	return nil
}
