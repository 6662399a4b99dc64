package drivers

import "time"

// MaxAutoClaim is how many entries one OpXAutoClaim claims at most.
const MaxAutoClaim = 1 << 20

// NewEntries is the After of an OpXReadGroup that asks for what nobody in the group got yet.
const NewEntries = ">"

// streamOps are the Ops on streams.
var streamOps = family{
	OpXAdd:          {"XADD", Writes, all(checkAdded, checkCount, checkExpiry), predictXAdd},
	OpXLen:          {"XLEN", Reads, nil, nil},
	OpXRange:        {"XRANGE", Reads, all(checkStreamRange, checkCount), nil},
	OpXRead:         {"XREAD", Reads, all(checkIDBefore(Command.value), checkCount), nil},
	OpXTrim:         {"XTRIM", Writes, all(checkTrim, checkCount), predictXTrim},
	OpXDel:          {"XDEL", Writes, checkIDs, predictXDel},
	OpXLastID:       {"XLASTID", Reads, nil, nil},
	OpXGroupCreate:  {"XGROUPCREATE", Writes, checkGroupStart, predictXGroupCreate},
	OpXGroupDestroy: {"XGROUPDESTROY", Writes, nil, predictXGroupDestroy},
	OpXReadGroup:    {"XREADGROUP", Writes, all(checkConsumer, checkHistory, checkCount), nil},
	OpXAck:          {"XACK", Writes, checkIDs, predictXAck},
	OpXPending:      {"XPENDING", Reads, all(checkStreamRange, checkIdle, checkCount), nil},
	OpXClaim:        {"XCLAIM", Writes, all(checkConsumer, checkIdle, checkIDs), nil},
	OpXAutoClaim:    {"XAUTOCLAIM", Writes, all(checkConsumer, checkIdle, checkClaimed), nil},
}

// checkAdded refuses an entry without fields, and an id that no stream could give.
func checkAdded(cmd Command) error {
	if len(cmd.Values) == 0 || len(cmd.Values)%2 != 0 {
		return Errorf(ErrInvalid, "%v of %d values, which are no pairs", cmd.Op, len(cmd.Values))
	}
	_, err := NewStreamID(cmd.EntryID(), StreamID{}, 1)
	return err
}

func checkStreamRange(cmd Command) error {
	_, _, err := StreamRange(cmd.Min, cmd.Max)
	return err
}

func (cmd Command) value() string { return cmd.Value }
func (cmd Command) min() string   { return cmd.Min }

// checkIDBefore refuses what is no id, and the last, behind which there is nothing.
func checkIDBefore(of func(Command) string) func(Command) error {
	return func(cmd Command) error {
		id, err := ParseStreamID(of(cmd), 0)
		if err == nil && id == LastStreamID {
			err = Errorf(ErrInvalid, "there is no id behind %v", id)
		}
		return err
	}
}

func checkHistory(cmd Command) error {
	if cmd.After() == NewEntries {
		return nil
	}
	return checkIDBefore(Command.min)(cmd)
}

func checkTrim(cmd Command) error {
	if cmd.FirstKept() == "" {
		return nil
	}
	_, err := ParseStreamID(cmd.FirstKept(), 0)
	return err
}

func checkIDs(cmd Command) error {
	for _, text := range cmd.Values {
		if _, err := ParseStreamID(text, 0); err != nil {
			return err
		}
	}
	return checkValues(cmd)
}

func checkGroupStart(cmd Command) error {
	if cmd.After() == "$" {
		return nil
	}
	_, err := ParseStreamID(cmd.After(), 0)
	return err
}

func checkConsumer(cmd Command) error {
	if cmd.Consumer() == "" {
		return Errorf(ErrInvalid, "%v needs a consumer", cmd.Op)
	}
	return nil
}

func checkIdle(cmd Command) error {
	if cmd.MinIdleMillis() < 0 {
		return Errorf(ErrInvalid, "%v of what is idle for %d ms", cmd.Op, cmd.MinIdleMillis())
	}
	return nil
}

func checkClaimed(cmd Command) error {
	if cmd.Amount < 1 || cmd.Amount > MaxAutoClaim {
		return Errorf(ErrInvalid, "%v of %d entries", cmd.Op, cmd.Amount)
	}
	_, err := ParseStreamID(cmd.FirstClaimed(), 0)
	return err
}

// predictXAdd chooses the id.
func predictXAdd(p *predictor, out *Prediction) error {
	reply, err := p.one(OpXLastID)
	if err != nil {
		return err
	}
	last, err := ParseStreamID(reply.Value, 0)
	if err != nil {
		return err
	}
	id, err := NewStreamID(p.cmd.Value, last, time.Now().UnixMilli())
	out.Reply.Value, out.Command.Value = id.String(), id.String()
	return err
}

func predictXTrim(p *predictor, out *Prediction) error {
	size, err := p.one(OpXLen)
	if err != nil {
		return err
	}
	if p.cmd.Min == "" {
		out.Reply.Int = max(size.Int-p.cmd.Amount, 0)
		return nil
	}
	first := spellOut(p.cmd.Min)
	if first == (StreamID{}).String() {
		return nil // nothing comes before it
	}
	older, err := p.ask(Command{Op: OpXRange, Key: p.cmd.Key, Min: "-", Max: "(" + first})
	if err == nil {
		out.Reply.Int = int64(len(older[0].Reply.Ints))
	}
	return err
}

// spellOut is an id with the sequence that one without it stands for: at the upper end of
// a range it would stand for another.
func spellOut(text string) string {
	id, _ := ParseStreamID(text, 0) // it was checked
	return id.String()
}

// predictXDel counts the entries that are there.
func predictXDel(p *predictor, out *Prediction) error {
	return p.countIDs(out, func(id string) Command {
		return Command{Op: OpXRange, Key: p.cmd.Key, Min: id, Max: id}
	})
}

// predictXAck counts what is pending. Redis does not watch what happens in groups: somebody
// who acknowledges the same entries before the commit goes unnoticed.
func predictXAck(p *predictor, out *Prediction) error {
	return p.countIDs(out, func(id string) Command {
		return Command{Op: OpXPending, Key: p.cmd.Key, Value: p.cmd.Value, Min: id, Max: id}
	})
}

// countIDs counts the different ids of a command for which a read finds something.
func (p *predictor) countIDs(out *Prediction, read func(id string) Command) error {
	ids := make([]string, len(p.cmd.Values))
	for i, text := range p.cmd.Values {
		ids[i] = spellOut(text)
	}
	var commands []Command
	for id := range distinct(ids) {
		commands = append(commands, read(id))
	}
	items, err := p.ask(commands...)
	for i := range items {
		if len(items[i].Reply.Ints) > 0 {
			out.Reply.Int++
		}
	}
	return err
}

func predictXGroupCreate(p *predictor, out *Prediction) error {
	there, err := p.hasGroup()
	if !there {
		out.Reply.Int = 1
	}
	out.Nothing = there
	return err
}

func predictXGroupDestroy(p *predictor, out *Prediction) error {
	there, err := p.hasGroup()
	if there {
		out.Reply.Int = 1
	}
	out.Nothing = !there
	return err
}

func (p *predictor) hasGroup() (bool, error) {
	items, err := p.ask(Command{Op: OpXPending, Key: p.cmd.Key, Value: p.cmd.Value, Min: "-", Max: "+", Amount: 1})
	if err != nil {
		return false, err
	}
	return !items[0].Reply.Nil, nil
}
