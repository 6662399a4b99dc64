package drivers

// setOps are the Ops on sets.
var setOps = family{
	{OpSAdd, operation{name: "SADD", effect: Writes, keeps: true, checks: checks{checkValues, checkExpiry}, reach: ReachMembers, elements: valuesOf}},
	{OpSRem, operation{name: "SREM", effect: Writes, checks: checks{checkValues}, reach: ReachMembers, elements: valuesOf}},
	{OpSReplace, operation{name: "SREPLACE", effect: Writes, checks: checks{checkCondition, checkExpiry}, reach: ReachSize}},
	{OpSIsMember, operation{name: "SISMEMBER", reach: ReachMembers, elements: valueOf}},
	{OpSCard, operation{name: "SCARD", reach: ReachSize}},
	{OpSMembers, operation{name: "SMEMBERS", unordered: true}},
	{OpSScan, operation{name: "SSCAN", checks: checks{checkCursor}, unordered: true, paged: true}},
	{OpSPop, operation{name: "SPOP", effect: Writes, checks: checks{checkCount}, unordered: true, settled: settledPop}},
	{OpSRandMember, operation{name: "SRANDMEMBER", checks: checks{checkSample}, unordered: true}},
	{OpSMove, operation{name: "SMOVE", effect: Writes, checks: checks{checkKeys, checkExpiry}, reach: ReachMembers, elements: valueOf}},
	{OpSInter, operation{name: "SINTER", unordered: true}},
	{OpSUnion, operation{name: "SUNION", unordered: true}},
	{OpSDiff, operation{name: "SDIFF", unordered: true}},
}

func checkSample(cmd Command) error {
	if cmd.Amount < -MaxRepeats {
		return Errorf(ErrInvalid, "a count of %d", cmd.Amount)
	}
	return nil
}

// predictPop chooses the members to take out.
func predictPop(p *predictor, out *Prediction) error {
	chosen, err := p.one(OpSRandMember)
	out.Reply.Values = chosen.Values
	return err
}

func settledPop(cmd Command, reply Reply) Command {
	if len(reply.Values) == 0 {
		return Command{}
	}
	cmd.Op, cmd.Values = OpSRem, reply.Values
	return cmd
}
