package drivers

import (
	"slices"
	"strings"
)

// keyOps are the Ops on a value of any type.
var keyOps = family{
	{OpExists, operation{name: "EXISTS", reach: ReachSize}},
	{OpDelete, operation{name: "DELETE", effect: Writes, reach: ReachSize}},
	{OpTTL, operation{name: "TTL", reach: ReachSize}},
	{OpTime, operation{name: "TIME"}},
	{OpExpire, operation{name: "EXPIRE", effect: Writes, checks: checks{checkDeadline}, reach: ReachSize}},
	{OpPersist, operation{name: "PERSIST", effect: Writes, keeps: true, reach: ReachSize}},
	{OpReconcile, operation{name: "RECONCILE", effect: Writes}},
	{OpSeal, operation{name: "SEAL", effect: Writes, checks: checks{checkMark}}},
	{OpFind, operation{name: "FIND", checks: checks{checkFind}}},
	// What a copy of a value takes says nothing of what the store has.
	{OpMemoryUsage, operation{name: "MEMORYUSAGE", outside: true}},
}

// scanOps are executed by a Scanner.
var scanOps = family{
	{OpScanKeys, operation{name: "SCANKEYS", effect: Lists}},
	{OpScanLeaves, operation{name: "SCANLEAVES", effect: Lists}},
	{OpScanBranches, operation{name: "SCANBRANCHES", effect: Lists}},
}

func checkDeadline(cmd Command) error {
	if cmd.Expiry.Mode < ExpireIn {
		return Errorf(ErrInvalid, "there is no time")
	}
	return cmd.Expiry.Check()
}

// MaxMark is the greatest mark of an OpSeal: the greatest integer that a score holds beside
// all those below.
const MaxMark = 1 << 53

func checkMark(cmd Command) error {
	if cmd.Start < 1 || cmd.Start > MaxMark {
		return Errorf(ErrInvalid, "%v with the mark %d", cmd.Op, cmd.Start)
	}
	if cmd.Amount != 0 && cmd.Amount != 1 {
		return Errorf(ErrInvalid, "%v of %d", cmd.Op, cmd.Amount)
	}
	return nil
}

func predictExists(p *predictor, out *Prediction) (err error) {
	out.Reply, err = p.one(OpExists)
	out.Nothing = out.Reply.Int == 0
	return err
}

func predictPersist(p *predictor, out *Prediction) error {
	ttl, err := p.one(OpTTL)
	if !ttl.Nil && ttl.Int >= 0 {
		out.Reply.Int = 1
	}
	out.Nothing = out.Reply.Int == 0
	return err
}

func predictReconcile(p *predictor, out *Prediction) error {
	commands := []Command{{Op: OpExists, Key: p.cmd.Key}}
	for _, key := range p.cmd.Keys() {
		commands = append(commands, Command{Op: OpExists, Key: key})
	}
	items, err := p.ask(commands...)
	for i := range items {
		out.Reply.Int = max(out.Reply.Int, items[i].Reply.Int)
	}
	return err
}

// Prefixes are what the names that an OpScanKeys lists begin with, none of which begins with another.
func (cmd Command) Prefixes() []string {
	if cmd.Op != OpScanKeys || len(cmd.Keys()) == 0 {
		return []string{cmd.Key + ":"}
	}
	var prefixes []string
	for _, key := range append([]string{cmd.Key}, cmd.Keys()...) {
		below := func(prefix string) bool { return strings.HasPrefix(key+":", prefix) }
		if !slices.ContainsFunc(prefixes, below) {
			prefixes = append(slices.DeleteFunc(prefixes, func(prefix string) bool { return strings.HasPrefix(prefix, key+":") }), key+":")
		}
	}
	return prefixes
}
