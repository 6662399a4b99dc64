package drivers

import "github.com/kvstore-go/kvstore/drivers/internal/redisvalue"

// MaxAutoClaim is how many entries one OpXAutoClaim claims at most.
const MaxAutoClaim = 1 << 20

// MaxMoved is how many fields and values an entry has at most that OpXMove moves.
const MaxMoved = 6000

// NewEntries is the After of an OpXReadGroup that asks for what nobody in the group got yet.
const NewEntries = ">"

// streamOps are the Ops on streams.
var streamOps = family{
	{OpXAdd, operation{name: "XADD", effect: Writes, keeps: true, checks: checks{checkAdded, checkCount, checkExpiry}, shows: showsLastID, settled: settledID}},
	{OpXLen, operation{name: "XLEN"}},
	{OpXRange, operation{name: "XRANGE", checks: checks{checkStreamRange, checkCount}}},
	{OpXRead, operation{name: "XREAD", checks: checks{checkIDBefore(Command.value), checkCount}, wait: anyWait, waited: hasValues}},
	{OpXTrim, operation{name: "XTRIM", effect: Writes, checks: checks{checkTrim, checkCount}}},
	{OpXDel, operation{name: "XDEL", effect: Writes, checks: checks{checkIDs}}},
	{OpXLastID, operation{name: "XLASTID"}},
	{OpXGroupCreate, operation{name: "XGROUPCREATE", effect: Writes, outside: true, checks: checks{checkGroup, checkGroupStart}}},
	{OpXGroupDestroy, operation{name: "XGROUPDESTROY", effect: Writes, outside: true, checks: checks{checkGroup}}},
	{OpXReadGroup, operation{name: "XREADGROUP", effect: Writes, outside: true, checks: checks{checkGroup, checkConsumer, checkHistory, checkCount}, wait: checkNewEntries, waited: deliveredOrNoGroup}},
	{OpXAck, operation{name: "XACK", effect: Writes, outside: true, checks: checks{checkGroup, checkIDs}}},
	{OpXPending, operation{name: "XPENDING", checks: checks{checkGroup, checkStreamRange, checkIdle, checkCount}, outside: true}},
	{OpXClaim, operation{name: "XCLAIM", effect: Writes, outside: true, checks: checks{checkGroup, checkConsumer, checkIdle, checkIDs}}},
	{OpXAutoClaim, operation{name: "XAUTOCLAIM", effect: Writes, outside: true, checks: checks{checkGroup, checkConsumer, checkIdle, checkClaimed}}},
	{OpXClaimOwn, operation{name: "XCLAIMOWN", effect: Writes, outside: true, checks: checks{checkGroup, checkConsumer, checkIdle, checkIDs}}},
	{OpXMove, operation{name: "XMOVE", effect: Writes, outside: true, checks: checks{checkGroup, checkKeys, checkConsumer, checkIDs, checkCount, checkExpiry}}},
	{OpXConsumers, operation{name: "XCONSUMERS", outside: true, checks: checks{checkGroup}}},
	{OpXDelConsumer, operation{name: "XDELCONSUMER", effect: Writes, outside: true, checks: checks{checkGroup, checkConsumer, checkHeir}}},
	{OpXLag, operation{name: "XLAG", outside: true, checks: checks{checkGroup}}},
	{OpXGroups, operation{name: "XGROUPS", outside: true}},
}

// checkAdded refuses an entry without fields, and an id that no stream could give.
func checkAdded(cmd Command) error {
	if len(cmd.Values) == 0 || len(cmd.Values)%2 != 0 {
		return Errorf(ErrInvalid, "%d values, which are no pairs", len(cmd.Values))
	}
	_, err := redisvalue.NewStreamID(cmd.EntryID(), redisvalue.StreamID{}, 1)
	return invalid(err)
}

func checkStreamRange(cmd Command) error {
	_, _, err := redisvalue.StreamRange(cmd.Min(), cmd.Max())
	return invalid(err)
}

func (cmd Command) value() string { return cmd.Value }
func (cmd Command) min() string   { return cmd.Min() }

// checkIDBefore refuses what is no id, and the last, behind which there is nothing.
func checkIDBefore(of func(Command) string) func(Command) error {
	return func(cmd Command) error {
		id, err := redisvalue.ParseStreamID(of(cmd), 0)
		if err == nil && id == redisvalue.LastStreamID {
			return Errorf(ErrInvalid, "there is no id behind %v", id)
		}
		return invalid(err)
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
	_, err := redisvalue.ParseStreamID(cmd.FirstKept(), 0)
	return invalid(err)
}

func checkIDs(cmd Command) error {
	for _, text := range cmd.Values {
		if _, err := redisvalue.ParseStreamID(text, 0); err != nil {
			return invalid(err)
		}
	}
	return checkValues(cmd)
}

func checkGroupStart(cmd Command) error {
	if cmd.After() == "$" {
		return nil
	}
	_, err := redisvalue.ParseStreamID(cmd.After(), 0)
	return invalid(err)
}

// checkGroup refuses a group without a name, which Redis takes.
func checkGroup(cmd Command) error {
	if cmd.Group() == "" {
		return Errorf(ErrInvalid, "the name of the group is empty")
	}
	return nil
}

func checkConsumer(cmd Command) error {
	if cmd.Consumer() == "" {
		return Errorf(ErrInvalid, "the name of the consumer is empty")
	}
	return nil
}

func checkHeir(cmd Command) error {
	if cmd.Heir() == "" || cmd.Heir() == cmd.Consumer() {
		return Errorf(ErrInvalid, "%q would leave what is pending to %q: there must be another", cmd.Consumer(), cmd.Heir())
	}
	return nil
}

func checkIdle(cmd Command) error {
	if cmd.MinIdleMillis() < 0 {
		return Errorf(ErrInvalid, "an idle time that is negative, or "+belowMillisecond)
	}
	return nil
}

func checkClaimed(cmd Command) error {
	if cmd.Amount < 1 || cmd.Amount > MaxAutoClaim {
		return Errorf(ErrInvalid, "a count of %d entries", cmd.Amount)
	}
	_, err := redisvalue.ParseStreamID(cmd.FirstClaimed(), 0)
	return invalid(err)
}

// predictXAdd chooses the id, as the store would at this moment.
func predictXAdd(p *predictor, out *Prediction) error {
	items, err := p.ask(Command{Op: OpXLastID, Key: p.cmd.Key}, Command{Op: OpTime, Key: p.cmd.Key})
	if err != nil {
		return err
	}
	last, err := redisvalue.ParseStreamID(items[0].Reply.Value, 0)
	if err != nil {
		return invalid(err)
	}
	id, err := redisvalue.NewStreamID(p.cmd.EntryID(), last, items[1].Reply.Int)
	out.Reply.Value = id.String()
	return invalid(err)
}

func showsLastID(_ Command, reply Reply) (Op, Reply) { return OpXLastID, Reply{Value: reply.Value} }

func settledID(cmd Command, reply Reply) Command {
	cmd.Value = reply.Value
	return cmd
}

func checkNewEntries(cmd Command) error {
	if cmd.After() != NewEntries {
		return Errorf(ErrInvalid, "waiting for entries that are pending already")
	}
	return nil
}

// deliveredOrNoGroup: Nil says that there is no group to wait in.
func deliveredOrNoGroup(reply Reply) bool { return reply.Nil || hasValues(reply) }

func predictXTrim(p *predictor, out *Prediction) error {
	size, err := p.one(OpXLen)
	if err != nil {
		return err
	}
	if p.cmd.FirstKept() == "" {
		out.Reply.Int = max(size.Int-p.cmd.Keep(), 0)
		out.Nothing = out.Reply.Int == 0
		return nil
	}
	first := redisvalue.SpellOutStreamID(p.cmd.FirstKept())
	if first == (redisvalue.StreamID{}).String() {
		return nil // nothing comes before it
	}
	older, err := p.ask(Command{Op: OpXRange, Key: p.cmd.Key, Extra: &Extra{Min: "-", Max: "(" + first}})
	if err == nil {
		out.Reply.Int = int64(len(older[0].Reply.Ints))
	}
	return err
}

// predictXDel counts the entries that are there.
func predictXDel(p *predictor, out *Prediction) error {
	return p.countIDs(out, func(id string) Command {
		return Command{Op: OpXRange, Key: p.cmd.Key, Extra: &Extra{Min: id, Max: id}}
	})
}

// predictXAck counts what is pending. Redis does not watch what happens in groups: somebody
// who acknowledges the same entries before the commit goes unnoticed.
func predictXAck(p *predictor, out *Prediction) error {
	return p.countIDs(out, func(id string) Command {
		return Command{Op: OpXPending, Key: p.cmd.Key, Value: p.cmd.Value, Extra: &Extra{Min: id, Max: id}}
	})
}

// countIDs counts the different ids of a command for which a read finds something.
func (p *predictor) countIDs(out *Prediction, read func(id string) Command) error {
	var commands []Command
	for id := range distinct(redisvalue.SpellOutStreamIDs(p.cmd.Values)) {
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
	items, err := p.ask(Command{Op: OpXPending, Key: p.cmd.Key, Value: p.cmd.Value, Extra: &Extra{Min: "-", Max: "+"}, Amount: 1})
	if err != nil {
		return false, err
	}
	return !items[0].Reply.Nil, nil
}
