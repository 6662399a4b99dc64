package drivers

// setOps are the Ops on sets.
var setOps = family{
	OpSAdd:        {"SADD", Writes, all(checkValues, checkExpiry), predictMembers},
	OpSRem:        {"SREM", Writes, checkValues, predictMembers},
	OpSReplace:    {"SREPLACE", Writes, all(checkCondition, checkExpiry), predictReplace},
	OpSIsMember:   {"SISMEMBER", Reads, nil, nil},
	OpSCard:       {"SCARD", Reads, nil, nil},
	OpSMembers:    {"SMEMBERS", Reads, nil, nil},
	OpSScan:       {"SSCAN", Reads, checkCursor, nil},
	OpSPop:        {"SPOP", Writes, checkCount, predictPop},
	OpSRandMember: {"SRANDMEMBER", Reads, checkSample, nil},
	OpSMove:       {"SMOVE", Writes, all(checkKeys, checkExpiry), predictMove},
	OpSInter:      {"SINTER", Reads, nil, nil},
	OpSUnion:      {"SUNION", Reads, nil, nil},
	OpSDiff:       {"SDIFF", Reads, nil, nil},
}

func checkSample(cmd Command) error {
	if cmd.Amount < -MaxRepeats {
		return Errorf(ErrInvalid, "%v of %d members", cmd.Op, cmd.Amount)
	}
	return nil
}

// predictMembers counts the members that a set does not have yet, or has.
func predictMembers(p *predictor, out *Prediction) error {
	var commands []Command
	for member := range distinct(p.cmd.Values) {
		commands = append(commands, Command{Op: OpSIsMember, Key: p.cmd.Key, Value: member})
	}
	items, err := p.ask(commands...)
	for i := range items {
		has := items[i].Reply.Int
		if p.cmd.Op == OpSAdd {
			has = 1 - has
		}
		out.Reply.Int += has
	}
	return err
}

func distinct(values []string) map[string]struct{} {
	set := make(map[string]struct{}, len(values))
	for _, value := range values {
		set[value] = struct{}{}
	}
	return set
}

func predictReplace(p *predictor, out *Prediction) error {
	size, err := p.one(OpSCard)
	out.Reply = Reply{Int: int64(len(distinct(p.cmd.Values)))}
	if p.cmd.If.Refuses(size.Int > 0) {
		out.Reply = Reply{Nil: true}
	}
	return err
}

// predictPop chooses the members to take out.
func predictPop(p *predictor, out *Prediction) error {
	chosen, err := p.one(OpSRandMember)
	out.Reply.Values = chosen.Values
	out.Command.Op, out.Command.Values, out.Nothing = OpSRem, chosen.Values, len(chosen.Values) == 0
	return err
}

// predictMove looks at the destination's type only where there is a source, as SMOVE does.
func predictMove(p *predictor, out *Prediction) error {
	items, err := p.ask(
		Command{Op: OpExists, Key: p.cmd.Key},
		Command{Op: OpSIsMember, Key: p.cmd.Key, Value: p.cmd.Value},
	)
	if err != nil || items[0].Reply.Int == 0 {
		return err
	}
	out.Reply.Int = items[1].Reply.Int
	_, err = p.ask(Command{Op: OpSCard, Key: p.cmd.Keys[0]})
	return err
}
