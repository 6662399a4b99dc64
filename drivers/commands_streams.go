package drivers

import "time"

// XAdd is an OpXAdd of an entry, fields and values by turns, that keeps at most limit entries,
// all if it is 0. The id is "*", or one up to its last number, as in "5-*".
func XAdd(id string, pairs []string, limit int64) Command {
	return Command{Op: OpXAdd, Value: id, Values: pairs, Amount: limit}
}

// XRead is an OpXRead of at most count entries behind an id.
func XRead(after string, count int64) Command {
	return Command{Op: OpXRead, Value: after, Amount: count}
}

// XTrim is an OpXTrim that leaves the newest entries, at most so many.
func XTrim(keep int64) Command { return Command{Op: OpXTrim, Amount: keep} }

// XTrimBefore is an OpXTrim of the entries before the one of an id.
func XTrimBefore(id string) Command { return Command{Op: OpXTrim, Min: id} }

// XGroupCreate is an OpXGroupCreate of a group that begins behind an id; "$" is the last one.
func XGroupCreate(group, after string) Command {
	return Command{Op: OpXGroupCreate, Value: group, Expected: after}
}

// XGroupDestroy is an OpXGroupDestroy.
func XGroupDestroy(group string) Command {
	return Command{Op: OpXGroupDestroy, Value: group, Indexes: NoIndexes}
}

// XReadGroup is an OpXReadGroup of at most count entries that nobody in the group got yet.
func XReadGroup(group, consumer string, count int64) Command {
	return XReadGroupPending(group, consumer, NewEntries, count)
}

// XReadGroupPending is an OpXReadGroup of what is pending for a consumer, behind an id.
func XReadGroupPending(group, consumer, after string, count int64) Command {
	return Command{Op: OpXReadGroup, Value: group, Expected: consumer, Min: after, Amount: count, Indexes: NoIndexes}
}

// XAck is an OpXAck.
func XAck(group string, ids ...string) Command {
	return Command{Op: OpXAck, Value: group, Values: ids, Indexes: NoIndexes}
}

// XPending is an OpXPending of at most count entries that are pending, for a consumer if one is
// named, and were not delivered again for so long.
func XPending(group, consumer string, idle time.Duration, count int64) Command {
	return Command{Op: OpXPending, Value: group, Expected: consumer, Start: wholeMillis(idle), Amount: count}
}

// XClaim is an OpXClaim for a consumer of entries that were not delivered again for so long.
func XClaim(group, consumer string, idle time.Duration, ids ...string) Command {
	return Command{Op: OpXClaim, Value: group, Expected: consumer, Start: wholeMillis(idle), Values: ids, Indexes: NoIndexes}
}

// XAutoClaim is an OpXAutoClaim for a consumer of at most count entries that were not delivered
// again for so long, from the id first on.
func XAutoClaim(group, consumer string, idle time.Duration, first string, count int64) Command {
	return Command{Op: OpXAutoClaim, Value: group, Expected: consumer, Start: wholeMillis(idle), Min: first, Amount: count, Indexes: NoIndexes}
}

// EntryID is the id that an OpXAdd gives an entry.
func (c *Command) EntryID() string { return c.Value }

// After is the id behind which an OpXRead or OpXReadGroup reads, or the group of an
// OpXGroupCreate begins. It may also be NewEntries, or "$".
func (c *Command) After() string {
	switch c.Op {
	case OpXRead:
		return c.Value
	case OpXGroupCreate:
		return c.Expected
	default:
		return c.Min
	}
}

// FirstKept is the id before which an OpXTrim takes entries out; none where it goes by Keep.
func (c *Command) FirstKept() string { return c.Min }

// Keep is how many entries an OpXTrim leaves.
func (c *Command) Keep() int64 { return c.Amount }

// Group is the group of consumers that an OpX… is about.
func (c *Command) Group() string { return c.Value }

// Consumer is who of the Group reads or claims, or whose entries are pending.
func (c *Command) Consumer() string { return c.Expected }

// MinIdleMillis is for how long an OpXPending, OpXClaim or OpXAutoClaim wants an entry not to
// have been delivered.
func (c *Command) MinIdleMillis() int64 { return c.Start }

// FirstClaimed is the id from which on an OpXAutoClaim looks.
func (c *Command) FirstClaimed() string { return c.Min }
