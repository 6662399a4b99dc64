package drivers

import "strings"

// Prediction is what a write would answer.
type Prediction struct {
	Reply Reply
	// Command does what was predicted: the write itself, but for OpSPop, whose choice
	// is made by now.
	Command Command
	// Nothing says that the write would change nothing and need not be executed.
	Nothing bool
}

// ReadAll executes reads and puts the outcome of each in its item.
type ReadAll func(items []Item) error

// Predict works out what a write would answer, or fail with, from what read finds, so
// that a transaction which watches what it reads knows the outcome before it commits.
// It takes at most two calls of read, none for an unconditional OpSet, and two more for
// each unique entry.
func Predict(cmd Command, read ReadAll) (Prediction, error) {
	if err := checkWrite(cmd); err != nil {
		return Prediction{}, err
	}
	p := predictor{cmd: cmd, read: read}
	if err := p.unique(); err != nil {
		return Prediction{}, err
	}
	prediction := Prediction{Command: cmd}
	err := predictions[cmd.Op](&p, &prediction)
	return prediction, err
}

// checkWrite refuses what every driver refuses whatever the data. The slot of a bitset
// is checked by the read of it.
func checkWrite(cmd Command) error {
	expiry := cmd.Expiry
	switch cmd.Op {
	case OpDelete, OpPersist, OpReconcile, OpSRem, OpSPop:
		expiry = Expiry{} // which they do not read
	default:
	}
	switch {
	case cmd.Op.Effect() != Writes || !cmd.Op.Known():
		return Errorf(ErrInvalid, "%v writes nothing", cmd.Op)
	case expiry.Check() != nil:
		return expiry.Check()
	case cmd.Op == OpExpire && expiry.Mode < ExpireIn:
		return Errorf(ErrInvalid, "%v needs a time", cmd.Op)
	case (cmd.Op == OpSet || cmd.Op == OpSwap || cmd.Op == OpSReplace) && cmd.If > IfExists:
		return Errorf(ErrInvalid, "unknown condition %d", cmd.If)
	case (cmd.Op == OpSAdd || cmd.Op == OpSRem) && len(cmd.Values) == 0:
		return Errorf(ErrInvalid, "%v needs members", cmd.Op)
	case cmd.Op == OpSPop && cmd.Amount < 0:
		return Errorf(ErrInvalid, "%v of %d members", cmd.Op, cmd.Amount)
	case cmd.Op == OpSMove && len(cmd.Keys) == 0:
		return Errorf(ErrInvalid, "%v needs a destination", cmd.Op)
	case len(cmd.Value) > MaxBits/8:
		return Errorf(ErrInvalid, "a value of %d bytes exceeds 512 MB", len(cmd.Value))
	}
	return CheckIndexes(cmd)
}

// predictions has a function for each Op that writes.
var predictions = [opCount]func(*predictor, *Prediction) error{
	OpDelete:         predictExists,
	OpExpire:         predictExists,
	OpPersist:        predictPersist,
	OpReconcile:      predictReconcile,
	OpSet:            predictSet,
	OpSwap:           predictSwap,
	OpCompareAndSwap: predictCompareAndSwap,
	OpAppend:         predictAppend,
	OpBitSet:         predictBits,
	OpBitIncrement:   predictBits,
	OpSAdd:           predictMembers,
	OpSRem:           predictMembers,
	OpSReplace:       predictReplace,
	OpSPop:           predictPop,
	OpSMove:          predictMove,
}

type predictor struct {
	cmd  Command
	read ReadAll
}

// ask executes reads, the first error of which is the error.
func (p *predictor) ask(commands ...Command) ([]Item, error) {
	items := NewBatch(commands...).Items
	for i := range items {
		items[i].Command.Pattern = p.cmd.Pattern
	}
	if err := p.read(items); err != nil {
		return nil, err
	}
	for i := range items {
		if items[i].Err != nil {
			return nil, items[i].Err
		}
	}
	return items, nil
}

// one executes a read of the command's own key.
func (p *predictor) one(op Op) (Reply, error) {
	items, err := p.ask(Command{Op: op, Key: p.cmd.Key, Bits: p.cmd.Bits, Start: p.cmd.Start, Amount: p.cmd.Amount})
	if err != nil {
		return Reply{}, err
	}
	return items[0].Reply, nil
}

// unique refuses what a unique index would.
func (p *predictor) unique() error {
	for i := range p.cmd.Indexes {
		ix := &p.cmd.Indexes[i]
		for _, entry := range ix.Entries {
			if !entry.Unique {
				continue
			}
			index := IndexKey(ix.Registry, entry.Name)
			held, err := p.ask(Command{Op: OpZRangeByLex, Key: index, Min: "[" + entry.Value, Max: "(" + AfterValue(entry.Value)})
			if err != nil {
				return err
			}
			for _, member := range held[0].Reply.Values {
				holder := member[len(entry.Value):]
				if holder == ix.ID {
					continue
				}
				there, err := p.ask(Command{Op: OpExists, Key: strings.TrimSuffix(ix.Key, ix.ID) + holder})
				if err != nil {
					return err
				}
				if there[0].Reply.Int == 1 {
					return &DuplicateError{Index: index, Holder: holder}
				}
			}
		}
	}
	return nil
}

func predictExists(p *predictor, out *Prediction) (err error) {
	out.Reply, err = p.one(OpExists)
	return err
}

func predictPersist(p *predictor, out *Prediction) error {
	ttl, err := p.one(OpTTL)
	if !ttl.Nil && ttl.Int >= 0 {
		out.Reply.Int = 1
	}
	return err
}

func predictReconcile(p *predictor, out *Prediction) error {
	commands := []Command{{Op: OpExists, Key: p.cmd.Key}}
	for _, key := range p.cmd.Keys {
		commands = append(commands, Command{Op: OpExists, Key: key})
	}
	items, err := p.ask(commands...)
	for i := range items {
		out.Reply.Int = max(out.Reply.Int, items[i].Reply.Int)
	}
	return err
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
	if err == nil && out.Reply.Int > MaxBits/8 {
		err = Errorf(ErrInvalid, "string exceeds maximum allowed size: %d bytes", out.Reply.Int)
	}
	return err
}

func predictBits(p *predictor, out *Prediction) error {
	old, err := p.one(OpBitGet)
	if err != nil {
		return err
	}
	fits := false
	if p.cmd.Op == OpBitSet {
		out.Reply.Int = old.Int
		_, fits = p.cmd.Bits.Fit(p.cmd.Amount)
	} else {
		out.Reply.Int, fits = p.cmd.Bits.Add(old.Int, p.cmd.Amount)
	}
	if !fits {
		out.Reply = Reply{Nil: true}
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
