package drivers

// ListEnd is an end of a list.
type ListEnd int64

// The ends of a list.
const (
	LeftEnd  ListEnd = 0
	RightEnd ListEnd = -1
)

// Opposite is the other end.
func (e ListEnd) Opposite() ListEnd { return RightEnd - e }

// LPush is an OpLPush that keeps at most limit elements, all if it is 0.
func LPush(limit int64, elements ...string) Command {
	return Command{Op: OpLPush, Amount: limit, Values: elements}
}

// RPush is an OpRPush that keeps at most limit elements, all if it is 0.
func RPush(limit int64, elements ...string) Command {
	return Command{Op: OpRPush, Amount: limit, Values: elements}
}

// LInsert is an OpLInsert of an element before the first one that equals pivot, or behind it,
// that keeps at most limit elements, all if it is 0.
func LInsert(pivot, element string, behind bool, limit int64) Command {
	return Command{Op: OpLInsert, Extra: &Extra{Expected: pivot}, Value: element, Reverse: behind, Amount: limit}
}

// LPos is an OpLPos for at most count elements that equal element, all if it is 0: from the one
// of the given rank on, which is negative for one counted from the right, among as many
// elements as may be looked at, all if maxLen is 0.
func LPos(element string, rank, count, maxLen int64) Command {
	return Command{Op: OpLPos, Value: element, Start: rank, Amount: count, Stop: maxLen}
}

// LMove is an OpLMove to an end of the list destination, which keeps at most limit elements,
// all if it is 0.
func LMove(destination string, from, to ListEnd, limit int64) Command {
	return Command{Op: OpLMove, Extra: &Extra{Keys: []string{destination}}, Start: int64(from), Stop: int64(to), Amount: limit}
}

// Cap is how many elements an OpLPush, OpRPush, OpLInsert, OpLMove, OpXAdd or OpXMove leaves where it
// adds one, 0 if all. See Kept.
func (c *Command) Cap() int64 { return c.Amount }

// Pivot is the element beside which an OpLInsert inserts.
func (c *Command) Pivot() string { return c.Expected() }

// Behind reports whether an OpLInsert inserts behind Pivot.
func (c *Command) Behind() bool { return c.Reverse }

// Rank is the first match that an OpLPos answers with.
func (c *Command) Rank() int64 { return c.Start }

// MaxLen is how many elements an OpLPos looks at, 0 if all.
func (c *Command) MaxLen() int64 { return c.Stop }

// FromEnd is where an OpLMove takes an element.
func (c *Command) FromEnd() ListEnd { return ListEnd(c.Start) }

// ToEnd is where an OpLMove puts it, in the list Destination.
func (c *Command) ToEnd() ListEnd { return ListEnd(c.Stop) }

// Destination is the key that an OpSMove, OpLMove or OpXMove moves to.
func (c *Command) Destination() string { return c.Keys()[0] }
