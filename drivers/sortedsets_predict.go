package drivers

import (
	"maps"
	"math"
	"slices"
)

// scores are those of members that are there.
func (p *predictor) scores(members []string) (map[string]float64, error) {
	names := slices.Collect(maps.Keys(distinct(members)))
	items, err := p.ask(Command{Op: OpZMScore, Key: p.cmd.Key, Values: names})
	if err != nil {
		return nil, err
	}
	scores := make(map[string]float64, len(names))
	for i, score := range items[0].Reply.Floats {
		if !math.IsNaN(score) {
			scores[names[i]] = score
		}
	}
	return scores, nil
}

func predictZAdd(p *predictor, out *Prediction) error {
	scores, err := p.scores(p.cmd.Values)
	if err != nil {
		return err
	}
	for i, member := range p.cmd.Values {
		old, there := scores[member]
		score := p.cmd.Scores[i]
		if !p.cmd.If.Accepts(score, old, there) {
			continue
		}
		if scores[member] = score; !there || p.cmd.Amount == 1 && score != old {
			out.Reply.Int++
		}
	}
	return nil
}

func predictZReplace(p *predictor, out *Prediction) error {
	size, err := p.one(OpZCard)
	out.Reply = Reply{Int: int64(len(distinct(p.cmd.Values)))}
	if p.cmd.If.Refuses(size.Int > 0) {
		out.Reply = Reply{Nil: true}
	}
	return err
}

func predictZIncrBy(p *predictor, out *Prediction) error {
	items, err := p.ask(Command{Op: OpZScore, Key: p.cmd.Key, Value: p.cmd.Value})
	if err != nil {
		return err
	}
	out.Reply, err = p.cmd.AddScore(items[0].Reply.Float, !items[0].Reply.Nil)
	return err
}

// AddScore is what OpZIncrBy answers where a member has a score, or none is there:
// ErrInvalid if the sum is no number.
func (cmd Command) AddScore(old float64, there bool) (Reply, error) {
	score := cmd.ScoreIncrement()
	if there {
		score += old
	}
	switch {
	case cmd.If.Refuses(there):
		return Reply{Nil: true}, nil
	case math.IsNaN(score):
		return Reply{}, Errorf(ErrInvalid, "%v + %v is not a number", old, cmd.ScoreIncrement())
	case !cmd.If.Accepts(score, old, there):
		return Reply{Nil: true}, nil
	}
	return Reply{Float: UnsignedZero(score)}, nil
}

func predictZRem(p *predictor, out *Prediction) error {
	scores, err := p.scores(p.cmd.Values)
	out.Reply.Int = int64(len(scores))
	return err
}

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
	out.Command.Op, out.Command.Values, out.Nothing = OpZRem, popped.Values, len(popped.Values) == 0
	return nil
}

// predictZRemRange counts what is in the range.
func predictZRemRange(p *predictor, out *Prediction) error {
	read := p.cmd
	read.Indexes = nil
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
		from, to := p.cmd.Elements(out.Reply.Int)
		out.Reply.Int = to - from
	}
	return nil
}

// predictZStore counts what is to be stored.
func predictZStore(p *predictor, out *Prediction) error {
	reads := map[Op]Op{OpZUnionStore: OpZUnion, OpZInterStore: OpZInter, OpZDiffStore: OpZDiff}
	read := p.cmd
	read.Op, read.Key, read.Keys, read.Indexes = reads[p.cmd.Op], p.cmd.Keys[0], p.cmd.Keys[1:], nil
	items, err := p.ask(read)
	if err != nil {
		return err
	}
	out.Reply.Int = int64(len(items[0].Reply.Values))
	return nil
}
