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
func XTrimBefore(id string) Command { return Command{Op: OpXTrim, Extra: &Extra{Min: id}} }

// XGroupCreate is an OpXGroupCreate of a group that begins behind an id; "$" is the last one.
func XGroupCreate(group, after string) Command {
	return Command{Op: OpXGroupCreate, Value: group, Extra: &Extra{Expected: after}}
}

// XGroupDestroy is an OpXGroupDestroy.
func XGroupDestroy(group string) Command {
	return Command{Op: OpXGroupDestroy, Value: group, Extra: &Extra{Indexes: NoIndexes}}
}

// XReadGroup is an OpXReadGroup of at most count entries that nobody in the group got yet.
func XReadGroup(group, consumer string, count int64) Command {
	return XReadGroupPending(group, consumer, NewEntries, count)
}

// XReadGroupPending is an OpXReadGroup of what is pending for a consumer, behind an id.
func XReadGroupPending(group, consumer, after string, count int64) Command {
	return Command{Op: OpXReadGroup, Value: group, Amount: count, Extra: &Extra{Expected: consumer, Min: after, Indexes: NoIndexes}}
}

// XAck is an OpXAck.
func XAck(group string, ids ...string) Command {
	return Command{Op: OpXAck, Value: group, Values: ids, Extra: &Extra{Indexes: NoIndexes}}
}

// XPending is an OpXPending of at most count entries that are pending, for a consumer if one is
// named, and were not delivered again for so long.
func XPending(group, consumer string, idle time.Duration, count int64) Command {
	return Command{Op: OpXPending, Value: group, Extra: &Extra{Expected: consumer}, Start: wholeMillis(idle), Amount: count}
}

// XClaim is an OpXClaim for a consumer of entries that were not delivered again for so long.
func XClaim(group, consumer string, idle time.Duration, ids ...string) Command {
	return Command{Op: OpXClaim, Value: group, Start: wholeMillis(idle), Values: ids, Extra: &Extra{Expected: consumer, Indexes: NoIndexes}}
}

// XAutoClaim is an OpXAutoClaim for a consumer of at most count entries that were not delivered
// again for so long, from the id first on.
func XAutoClaim(group, consumer string, idle time.Duration, first string, count int64) Command {
	return Command{Op: OpXAutoClaim, Value: group, Start: wholeMillis(idle), Amount: count, Extra: &Extra{Expected: consumer, Min: first, Indexes: NoIndexes}}
}

// XClaimOwn is an OpXClaimOwn of what is pending for a consumer: it counts as idle for so long,
// and as delivered so many times more, or less.
func XClaimOwn(group, consumer string, idle time.Duration, deliveries int64, ids ...string) Command {
	return Command{Op: OpXClaimOwn, Value: group, Start: In(idle).Millis, Amount: deliveries, Values: ids, Extra: &Extra{Expected: consumer, Indexes: NoIndexes}}
}

// XMove is an OpXMove of what is pending for a consumer to the stream destination, which keeps at
// most limit entries, all if it is 0.
func XMove(group, consumer, destination string, limit int64, ids ...string) Command {
	return Command{Op: OpXMove, Value: group, Extra: &Extra{Expected: consumer, Keys: []string{destination}}, Amount: limit, Values: ids}
}

// XConsumers is an OpXConsumers.
func XConsumers(group string) Command { return Command{Op: OpXConsumers, Value: group} }

// XDelConsumer is an OpXDelConsumer that hands on to heir what is pending for the consumer.
func XDelConsumer(group, consumer, heir string) Command {
	return Command{Op: OpXDelConsumer, Value: group, Extra: &Extra{Expected: consumer, Min: heir, Indexes: NoIndexes}}
}

// XLag is an OpXLag.
func XLag(group string) Command { return Command{Op: OpXLag, Value: group} }

// EntryID is the id that an OpXAdd gives an entry.
func (c *Command) EntryID() string { return c.Value }

// After is the id behind which an OpXRead or OpXReadGroup reads, or the group of an
// OpXGroupCreate begins. It may also be NewEntries, or "$".
func (c *Command) After() string {
	switch c.Op {
	case OpXRead:
		return c.Value
	case OpXGroupCreate:
		return c.Expected()
	default:
		return c.Min()
	}
}

// FirstKept is the id before which an OpXTrim takes entries out; none where it goes by Keep.
func (c *Command) FirstKept() string { return c.Min() }

// Keep is how many entries an OpXTrim leaves.
func (c *Command) Keep() int64 { return c.Amount }

// Group is the group of consumers that an OpX… is about.
func (c *Command) Group() string { return c.Value }

// Consumer is who of the Group reads or claims, or whose entries are pending.
func (c *Command) Consumer() string { return c.Expected() }

// MinIdleMillis is for how long an OpXPending, OpXClaim or OpXAutoClaim wants an entry not to
// have been delivered.
func (c *Command) MinIdleMillis() int64 { return c.Start }

// FirstClaimed is the id from which on an OpXAutoClaim looks.
func (c *Command) FirstClaimed() string { return c.Min() }

// IdleMillis is for how long an OpXClaimOwn lets an entry have been idle.
func (c *Command) IdleMillis() int64 { return c.Start }

// MoreDeliveries is how many times more an OpXClaimOwn lets an entry have been delivered.
func (c *Command) MoreDeliveries() int64 { return c.Amount }

// Heir is the consumer that gets what is pending for the one that an OpXDelConsumer removes.
func (c *Command) Heir() string { return c.Min() }
