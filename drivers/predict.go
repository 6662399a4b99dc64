package drivers

import (
	"cmp"
	"errors"
	"fmt"
	"strings"
)

// Prediction is what a write would answer.
type Prediction struct {
	Reply Reply
	// Command does what was predicted. It is the write itself, but where the write makes
	// a choice of its own: that is made by now (OpSPop becomes OpSRem).
	Command Command
	// Nothing says that the write would change nothing and need not be executed.
	Nothing bool
}

// ReadAll executes reads and puts the outcome of each in its item.
type ReadAll func(items []Item) error

// Predict works out what a write would answer, or fail with, from what read finds, so
// that a transaction which watches what it reads knows the outcome before it commits.
// It takes at most two calls of read, none for an unconditional OpSet, and two more for
// each unique entry. A write whose outcome only the store can know is errors.ErrUnsupported.
// evicts, unless it is nil, is asked as Evicts is, where a unique entry would begin a store.
func Predict(cmd Command, read ReadAll, evicts func() (bool, error)) (Prediction, error) {
	if err := Check(&cmd); err != nil {
		return Prediction{}, err
	}
	if cmd.Op.Effect() != Writes {
		return Prediction{}, Errorf(ErrInvalid, "%v writes nothing", cmd.Op)
	}
	if ops[cmd.Op].predict == nil {
		return Prediction{}, fmt.Errorf("%v within a transaction: %w", cmd.Op, errors.ErrUnsupported)
	}
	p := predictor{cmd: cmd, read: read, evicts: evicts}
	if err := p.unique(); err != nil {
		return Prediction{}, err
	}
	prediction := Prediction{Command: cmd}
	err := ops[cmd.Op].predict(&p, &prediction)
	return prediction, err
}

type predictor struct {
	cmd    Command
	read   ReadAll
	evicts func() (bool, error)
}

// each executes reads, whatever the outcome of each.
func (p *predictor) each(commands ...Command) ([]Item, error) {
	items := NewBatch(commands...).Items
	for i := range items {
		items[i].Command.Pattern = p.cmd.Pattern
	}
	return items, p.read(items)
}

// ask executes reads, the first error of which is the error.
func (p *predictor) ask(commands ...Command) ([]Item, error) {
	items, err := p.each(commands...)
	if err != nil {
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

// unique refuses what a unique index would: first what it could not know, then what another has.
func (p *predictor) unique() error {
	for i := range p.cmd.Indexes {
		ix := &p.cmd.Indexes[i]
		members := map[Entry][]string{}
		for _, entry := range ix.Entries {
			if !entry.Unique {
				continue
			}
			held, err := p.members(ix, entry)
			if err != nil {
				return err
			}
			members[entry] = held
		}
		for _, entry := range ix.Entries {
			for _, member := range members[entry] {
				if err := p.taken(ix, entry, member[len(entry.Value):]); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// members are those that an index has of a unique entry's value.
func (p *predictor) members(ix *Index, entry Entry) ([]string, error) {
	index := IndexKey(ix.Registry, entry.Name)
	held := Command{Op: OpZRangeByLex, Key: index, Min: "[" + entry.Value, Max: "(" + AfterValue(entry.Value)}
	items, err := p.ask(held, Command{Op: OpZScore, Key: index, Value: Seal}, Command{Op: OpHGet, Key: ix.Registry, Value: Seal})
	if err == nil && (!items[1].Reply.Sealed() || !items[2].Reply.Sealed()) {
		err = p.begins(ix, held)
	}
	if err != nil {
		return nil, err
	}
	return items[0].Reply.Values, nil
}

// taken refuses a unique entry that another id has, if that is there.
func (p *predictor) taken(ix *Index, entry Entry, holder string) error {
	if holder == ix.ID || holder == "" {
		return nil
	}
	there, err := p.ask(Command{Op: OpExists, Key: strings.TrimSuffix(ix.Key, ix.ID) + holder})
	if err != nil || there[0].Reply.Int == 0 {
		return err
	}
	return &DuplicateError{Index: IndexKey(ix.Registry, entry.Name), Holder: holder}
}

// begins refuses a unique entry of an index that is not sealed, unless the store begins with it.
func (p *predictor) begins(ix *Index, first Command) error {
	commands := []Command{first, {Op: OpExists, Key: ix.Key}, {Op: OpExists, Key: ix.Registry}}
	for _, name := range ix.Names {
		commands = append(commands, Command{Op: OpExists, Key: IndexKey(ix.Registry, name)})
	}
	items, err := p.ask(commands...)
	if err != nil {
		return err
	}
	for _, item := range items[1:] {
		if item.Reply.Int == 1 {
			return Errorf(ErrIncomplete, "%s", first.Key)
		}
	}
	if p.evicts == nil {
		return nil
	}
	if evicts, err := p.evicts(); err != nil || evicts {
		return cmp.Or(err, Errorf(ErrIncomplete, "%s", first.Key))
	}
	return nil
}
