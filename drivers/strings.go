package drivers

// MaxBytes is how long a string may be: 512 MB, as in Redis.
const MaxBytes = MaxBits / 8

// stringOps are the Ops on strings, and on the numbers they spell.
var stringOps = family{
	OpGet:            {"GET", Reads, nil, nil},
	OpSet:            {"SET", Writes, checkSet, predictSet},
	OpSwap:           {"SWAP", Writes, checkSet, predictSwap},
	OpCompareAndSwap: {"COMPAREANDSWAP", Writes, all(checkValue, checkExpiry), predictCompareAndSwap},
	OpAppend:         {"APPEND", Writes, all(checkValue, checkExpiry), predictAppend},
	OpStrLen:         {"STRLEN", Reads, nil, nil},
	OpGetRange:       {"GETRANGE", Reads, nil, nil},
	OpSetRange:       {"SETRANGE", Writes, all(checkSetRange, checkExpiry), predictSetRange},
	OpIncrBy:         {"INCRBY", Writes, all(checkIntBounds, checkExpiry), predictIncrBy},
	OpIncrByFloat:    {"INCRBYFLOAT", Writes, all(checkFloatBounds, checkExpiry), predictIncrByFloat},
}

var checkSet = all(checkCondition, checkValue, checkExpiry)

func checkSetRange(cmd Command) error {
	if cmd.Start < 0 {
		return Errorf(ErrInvalid, "%v at the offset %d", cmd.Op, cmd.Start)
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
	return err
}

func predictSwap(p *predictor, out *Prediction) (err error) {
	out.Reply, err = p.one(OpGet)
	return err
}

func predictCompareAndSwap(p *predictor, out *Prediction) error {
	current, err := p.one(OpGet)
	if !current.Nil && current.Value == p.cmd.Expected {
		out.Reply.Int = 1
	}
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
	out.Reply, err = p.cmd.AddInt(current.Value, !current.Nil)
	return err
}

func predictIncrByFloat(p *predictor, out *Prediction) error {
	current, err := p.one(OpGet)
	if err != nil {
		return err
	}
	out.Reply, err = p.cmd.AddFloat(current.Value, !current.Nil)
	return err
}
