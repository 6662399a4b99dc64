package drivers

import (
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
func Predict(cmd Command, read ReadAll) (Prediction, error) {
	if err := Check(&cmd); err != nil {
		return Prediction{}, err
	}
	if cmd.Op.Effect() != Writes {
		return Prediction{}, Errorf(ErrInvalid, "%v writes nothing", cmd.Op)
	}
	if ops[cmd.Op].predict == nil {
		return Prediction{}, fmt.Errorf("%v within a transaction: %w", cmd.Op, errors.ErrUnsupported)
	}
	p := predictor{cmd: cmd, read: read}
	if err := p.unique(); err != nil {
		return Prediction{}, err
	}
	prediction := Prediction{Command: cmd}
	err := ops[cmd.Op].predict(&p, &prediction)
	return prediction, err
}

type predictor struct {
	cmd  Command
	read ReadAll
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
