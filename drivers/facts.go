package drivers

// Reach is how much of a value decides what an Op does and answers: what a copy of the
// value must have for the Op to be executed on that instead.
type Reach uint8

const (
	// ReachAll is to all of the value.
	ReachAll Reach = iota
	// ReachSize is to whether there is a value, of which type and size, and to its time to live.
	ReachSize
	// ReachMembers is to that, and to whether a set has the elements that the command names.
	ReachMembers
	// ReachFields is to that, and to what a hash has in the fields that the command names.
	ReachFields
	// ReachScores is to that, and to the scores in a sorted set of members that the command names.
	ReachScores
	// ReachJobs is to that, and to the jobs of a queue that the command names.
	ReachJobs
)

// Reach is how far the command reaches into its values, and the elements that it names.
// Elements may repeat.
func (cmd Command) Reach() (Reach, []string) {
	op := &ops[cmd.Op]
	if op.elements == nil {
		return op.reach, nil
	}
	return op.reach, op.elements(cmd)
}

// Written are the keys that the command may change, but for those of its Indexes.
func (cmd Command) Written() []string {
	if cmd.Op.Effect() != Writes || !cmd.Op.Known() {
		return nil
	}
	if ops[cmd.Op].sources {
		return []string{cmd.Key}
	}
	return append([]string{cmd.Key}, cmd.Keys()...)
}

// MayEnd reports a write that may leave nothing of one of its keys.
func (cmd Command) MayEnd() bool {
	return cmd.Op.Effect() == Writes && (!ops[cmd.Op].keeps || cmd.Expiry.Mode == ExpireAt) // in the past
}

// GivesEntries reports whether a write, which was answered so, gave its Key the Entries of its
// Indexes. Other writes leave the entries as they are.
func (cmd Command) GivesEntries(reply Reply) bool {
	entries := ops[cmd.Op].entries
	return entries != nil && entries(reply)
}

// MayGiveEntries reports whether GivesEntries depends on the reply, or is always false.
func (op Op) MayGiveEntries() bool { return op.Known() && ops[op].entries != nil }

// InNoOrder reports an Op whose Values come in no order.
func (op Op) InNoOrder() bool { return op.Known() && ops[op].unordered }

// Paged reports an Op that answers with a page, and where the next begins. See Command.Continue.
func (op Op) Paged() bool { return op.Known() && ops[op].paged }

// Outside reports an Op that is about what is no part of a value, and which a copy of the
// value does not have: the times to live of fields, the groups of a stream, who listens, how much memory it takes.
func (op Op) Outside() bool { return op.Known() && ops[op].outside }

func valueOf(cmd Command) []string  { return []string{cmd.Value} }
func valuesOf(cmd Command) []string { return cmd.Values }

func notNil(reply Reply) bool    { return !reply.Nil }
func isOne(reply Reply) bool     { return reply.Int == 1 }
func hasValues(reply Reply) bool { return len(reply.Values) > 0 }
