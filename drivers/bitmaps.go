package drivers

// bitmapOps are the Ops on single bits of strings.
var bitmapOps = family{
	{OpGetBit, operation{name: "GETBIT", checks: checks{checkBit}}},
	{OpSetBit, operation{name: "SETBIT", effect: Writes, keeps: true, checks: checks{checkBit, checkBitValue, checkExpiry}}},
	{OpBitCount, operation{name: "BITCOUNT"}},
	{OpBitPos, operation{name: "BITPOS", checks: checks{checkBitValue, checkBitRange}}},
	{OpBitOp, operation{name: "BITOP", effect: Writes, checks: checks{checkBitOp, checkExpiry}, sources: true}},
}

func checkBit(cmd Command) error {
	if cmd.Start < 0 || cmd.Start >= MaxBits {
		return Errorf(ErrInvalid, "the bit %d: they are counted from 0 to %d", cmd.Start, int64(MaxBits-1))
	}
	return nil
}

func checkBitValue(cmd Command) error {
	if bit := cmd.Bit(); bit != 0 && bit != 1 {
		return Errorf(ErrInvalid, "%d is no bit", bit)
	}
	return nil
}

func checkBitRange(cmd Command) error {
	if cmd.Stop == NoStop && cmd.Start != 0 {
		return Errorf(ErrInvalid, "a range from %d without an end", cmd.Start)
	}
	return nil
}

func checkBitOp(cmd Command) error {
	switch cmd.BitOperation() {
	case "AND", "OR", "XOR":
		return checkKeys(cmd)
	case "NOT":
		if len(cmd.Keys()) != 1 {
			return Errorf(ErrInvalid, "NOT is of one bitmap, not of %d", len(cmd.Keys()))
		}
		return nil
	default:
		return Errorf(ErrInvalid, "the operation %q", cmd.BitOperation())
	}
}

func predictSetBit(p *predictor, out *Prediction) (err error) {
	out.Reply, err = p.one(OpGetBit)
	return err
}

// predictBitOp: what comes out is as long as the longest.
func predictBitOp(p *predictor, out *Prediction) error {
	var commands []Command
	for _, key := range p.cmd.Keys() {
		commands = append(commands, Command{Op: OpStrLen, Key: key})
	}
	items, err := p.ask(commands...)
	for _, item := range items {
		out.Reply.Int = max(out.Reply.Int, item.Reply.Int)
	}
	return err
}
