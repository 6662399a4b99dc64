package memory

import (
	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/drivers/internal/redisvalue"
)

// bitSetHandlers are those of rows of integers.
func bitSetHandlers() handlers {
	return handlers{
		{drivers.OpBitGet, handler{read: bitGet}},
		{drivers.OpBitSet, handler{write: bitSet}},
		{drivers.OpBitIncrement, handler{write: bitIncrement}},
		{drivers.OpBitRange, handler{read: bitRange}},
		{drivers.OpBitSum, handler{read: bitSum}},
	}
}

// slice is the part of a string that lies in bytes [from, to). Only the part is copied, if anything.
func (e *entry) slice(from, to int64) []byte {
	size := int64(e.size())
	from, to = min(from, size), min(to, size)
	if b, ok := e.object().(*buffer); ok {
		return b.bytes[from:to]
	}
	return []byte(e.text[from:to])
}

// slots reads the numbers from slot start on of a string; missing bits are 0.
func (e *entry) slots(bits redisvalue.BitType, start int64, numbers []int64) {
	from, to := bits.Bytes(start, start+int64(len(numbers)))
	bits.GetAll(e.slice(from, to), start*int64(bits.Width)-from*8, numbers)
}

func bitGet(e *entry, _ int64, cmd drivers.Command) (drivers.Reply, error) {
	if err := isString(e); err != nil || e == nil {
		return drivers.Reply{}, err
	}
	var number [1]int64
	e.slots(redisvalue.BitType(cmd.Bits), cmd.Start, number[:])
	return drivers.Reply{Int: number[0]}, nil
}

func bitRange(e *entry, _ int64, cmd drivers.Command) (drivers.Reply, error) {
	if err := isString(e); err != nil {
		return drivers.Reply{}, err
	}
	numbers := make([]int64, cmd.Stop-cmd.Start)
	if e != nil {
		e.slots(redisvalue.BitType(cmd.Bits), cmd.Start, numbers)
	}
	return drivers.Reply{Ints: numbers}, nil
}

func bitSum(e *entry, _ int64, cmd drivers.Command) (drivers.Reply, error) {
	if err := isString(e); err != nil || e == nil {
		return drivers.Reply{}, err
	}
	from, to := redisvalue.BitType(cmd.Bits).Bytes(cmd.Start, cmd.Stop)
	return cmd.SumOfSlots(e.slice(from, to)), nil
}

func bitSet(ks keyspace, cmd drivers.Command) (drivers.Reply, error) {
	return ks.changeSlot(cmd, func(old int64) (number, answer int64, ok bool) {
		number, ok = redisvalue.BitType(cmd.Bits).Fit(cmd.Amount)
		return number, old, ok
	})
}

func bitIncrement(ks keyspace, cmd drivers.Command) (drivers.Reply, error) {
	return ks.changeSlot(cmd, func(old int64) (number, answer int64, ok bool) {
		number, ok = redisvalue.BitType(cmd.Bits).Add(old, cmd.Amount)
		return number, number, ok
	})
}

// changeSlot gives a slot the number that change makes of the old one. As in
// Redis, the string reaches up to the slot afterwards even if change refuses.
func (ks keyspace) changeSlot(
	cmd drivers.Command, change func(old int64) (number, answer int64, ok bool),
) (drivers.Reply, error) {
	e := ks.find(cmd.Key)
	if err := isString(e); err != nil {
		return drivers.Reply{}, err
	}
	created := e == nil
	if created {
		e = ks.create(cmd.Key)
	}
	b, slots := e.buffer(), redisvalue.BitType(cmd.Bits)
	_, end := slots.Bytes(cmd.Start, cmd.Start+1)
	grown := b.grow(int(end))

	offset := cmd.Start * int64(slots.Width)
	number, answer, ok := change(slots.Get(b.bytes, offset))
	if ok {
		slots.Put(b.bytes, offset, number)
	}
	if ok || created || grown {
		ks.changed(e)
	}
	if !ok {
		return drivers.Reply{Nil: true}, nil
	}
	ks.startTTL(e, cmd.Expiry)
	return drivers.Reply{Int: answer}, nil
}

// grow appends zero bytes up to size and reports whether it had to.
func (b *buffer) grow(size int) bool {
	missing := size - len(b.bytes)
	if missing <= 0 {
		return false
	}
	b.bytes = append(b.bytes, make([]byte, missing)...)
	return true
}
