package drivers

// hyperLogLogOps are the Ops on HyperLogLogs, which are strings.
var hyperLogLogOps = family{
	OpPFAdd:   {"PFADD", Writes, checkExpiry, predictPFAdd},
	OpPFCount: {"PFCOUNT", Reads, nil, nil},
	OpPFMerge: {"PFMERGE", Writes, checkExpiry, predictPFMerge},
}

func predictPFAdd(p *predictor, out *Prediction) error {
	stored, err := p.one(OpGet)
	if err != nil {
		return err
	}
	if stored.Nil {
		out.Reply.Int = 1
		return nil
	}
	h, err := AsHyperLogLog([]byte(stored.Value))
	if err != nil {
		return err
	}
	for _, element := range p.cmd.Values {
		var changed bool
		if h, changed, err = h.Add(element); err != nil {
			return err
		}
		if changed {
			out.Reply.Int = 1
		}
	}
	return nil
}

// predictPFMerge has nothing to answer, but the values to look at, in their order.
func predictPFMerge(p *predictor, _ *Prediction) error {
	commands := []Command{{Op: OpGet, Key: p.cmd.Key}}
	for _, key := range p.cmd.Keys {
		commands = append(commands, Command{Op: OpGet, Key: key})
	}
	items, err := p.each(commands...)
	for _, item := range items {
		switch {
		case err != nil:
			return err
		case item.Err != nil:
			return item.Err
		case item.Reply.Nil:
			continue
		}
		var h HyperLogLog
		if h, err = AsHyperLogLog([]byte(item.Reply.Value)); err == nil {
			err = h.Check()
		}
	}
	return err
}
