package drivers

import "github.com/kvstore-go/kvstore/drivers/internal/redisvalue"

// bitSetOps are the Ops on rows of integers.
var bitSetOps = family{
	{OpBitGet, operation{name: "BITGET", checks: checks{checkSlot}}},
	{OpBitSet, operation{name: "BITSET", effect: Writes, keeps: true, checks: checks{checkSlot, checkExpiry}}},
	{OpBitIncrement, operation{name: "BITINCREMENT", effect: Writes, keeps: true, checks: checks{checkSlot, checkExpiry}}},
	{OpBitRange, operation{name: "BITRANGE", checks: checks{checkSlots}}},
	{OpBitSum, operation{name: "BITSUM", checks: checks{checkSlots}}},
}

func checkSlot(cmd Command) error {
	if err := cmd.Bits.Check(); err != nil {
		return err
	}
	return cmd.Bits.checkRange(cmd.Start, cmd.Start+1)
}

func checkSlots(cmd Command) error {
	if err := cmd.Bits.Check(); err != nil {
		return err
	}
	if err := cmd.Bits.checkRange(cmd.Start, cmd.Stop); err != nil {
		return err
	}
	if slots := cmd.Stop - cmd.Start; slots > MaxRangeSlots {
		return Errorf(ErrInvalid, "%d slots are more than %d", slots, int64(MaxRangeSlots))
	}
	return nil
}

func predictBits(p *predictor, out *Prediction) error {
	old, err := p.one(OpBitGet)
	if err != nil {
		return err
	}
	fits := false
	if p.cmd.Op == OpBitSet {
		out.Reply.Int = old.Int
		_, fits = redisvalue.BitType(p.cmd.Bits).Fit(p.cmd.Amount)
	} else {
		out.Reply.Int, fits = redisvalue.BitType(p.cmd.Bits).Add(old.Int, p.cmd.Amount)
	}
	if !fits {
		out.Reply = Reply{Nil: true}
	}
	return nil
}

// SumOfSlots is the reply to an OpBitSum, given the bytes in which its slots lie.
func (c *Command) SumOfSlots(data []byte) Reply {
	bits := redisvalue.BitType(c.Bits)
	sum, fits := bits.Sum(data, c.Start*int64(bits.Width)%8, c.Stop-c.Start)
	if !fits {
		return Reply{Nil: true}
	}
	return Reply{Int: sum}
}
