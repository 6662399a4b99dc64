package drivers

// IncrByFloat is an OpIncrByFloat. The increment is a decimal number.
func IncrByFloat(increment string) Command { return Command{Op: OpIncrByFloat, Value: increment} }

// HIncrByFloat is an OpHIncrByFloat. The increment is a decimal number.
func HIncrByFloat(field, increment string) Command {
	return Command{Op: OpHIncrByFloat, Value: field, Extra: &Extra{Expected: increment}}
}

// HCompareAndSet is an OpHCompareAndSet that replaces a hash which has the pairs expected, and no
// others, by pairs. Both are fields and values by turns.
func HCompareAndSet(expected, pairs []string) Command {
	values := append(append(make([]string, 0, len(expected)+len(pairs)), expected...), pairs...)
	return Command{Op: OpHCompareAndSet, Values: values, Amount: int64(len(expected))}
}

// SetBit is an OpSetBit of a bit, 1 or 0, at an offset.
func SetBit(offset, bit int64) Command { return Command{Op: OpSetBit, Start: offset, Amount: bit} }

// BitPos is an OpBitPos for the first bit that is 1, or 0, in the whole of a string.
func BitPos(bit int64) Command { return BitPosBetween(bit, 0, NoStop) }

// BitPosBetween is BitPos from the bit first to the bit last, itself included.
func BitPosBetween(bit, first, last int64) Command {
	return Command{Op: OpBitPos, Amount: bit, Start: first, Stop: last}
}

// BitOp is an OpBitOp: AND, OR, XOR, or NOT of one.
func BitOp(operation string, keys ...string) Command {
	return Command{Op: OpBitOp, Value: operation, Extra: &Extra{Keys: keys}}
}

// FloatIncrement is what an OpIncrByFloat or OpHIncrByFloat adds.
func (c *Command) FloatIncrement() string {
	if c.Op == OpHIncrByFloat {
		return c.Expected()
	}
	return c.Value
}

// Initial is what an absent field counts as to an OpHIncrBy or OpHIncrByFloat; "" for 0.
func (c *Command) Initial() string {
	if len(c.Values) == 0 {
		return ""
	}
	return c.Values[0]
}

// SetInitial lets an absent field count as a number to an OpHIncrBy or OpHIncrByFloat.
func (c *Command) SetInitial(number string) { c.Values = []string{number} }

// ExpectedPairs are all the pairs that a hash must have for an OpHCompareAndSet.
func (c *Command) ExpectedPairs() []string { return c.Values[:c.Amount] }

// NewPairs are those that it has afterwards.
func (c *Command) NewPairs() []string { return c.Values[c.Amount:] }

// Bit is the 1 or 0 that an OpSetBit puts, or an OpBitPos looks for.
func (c *Command) Bit() int64 { return c.Amount }

// BitOperation is AND, OR, XOR or NOT, of an OpBitOp.
func (c *Command) BitOperation() string { return c.Value }
