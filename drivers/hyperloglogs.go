package drivers

// hyperLogLogOps are the Ops on HyperLogLogs, which are strings.
var hyperLogLogOps = family{
	{OpPFAdd, operation{name: "PFADD", effect: Writes, keeps: true, checks: checks{checkExpiry}, copied: true}},
	{OpPFCount, operation{name: "PFCOUNT"}},
	{OpPFMerge, operation{name: "PFMERGE", effect: Writes, keeps: true, sources: true, checks: checks{checkExpiry}}},
}

// predictPFMerge has nothing to answer, but what is none is refused. Counting several together
// looks at each in its order; counting one alone would write the result into it.
func predictPFMerge(p *predictor, _ *Prediction) error {
	_, err := p.ask(Command{Op: OpPFCount, Key: p.cmd.Key, Extra: &Extra{Keys: append(p.cmd.Keys()[:len(p.cmd.Keys()):len(p.cmd.Keys())], p.cmd.Key)}})
	return err
}
