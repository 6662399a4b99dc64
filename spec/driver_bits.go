package spec

import (
	"math"
	"strings"

	"github.com/kvstore-go/kvstore/drivers"
)

// Bit types the tables use.
var (
	u4  = drivers.BitType{Width: 4}
	u8  = drivers.BitType{Width: 8}
	i8  = drivers.BitType{Width: 8, Signed: true}
	u63 = drivers.BitType{Width: 63}
	i64 = drivers.BitType{Width: 64, Signed: true}
)

func saturating(kind drivers.BitType) drivers.BitType { kind.Overflow = drivers.Saturate; return kind }
func failing(kind drivers.BitType) drivers.BitType    { kind.Overflow = drivers.Fail; return kind }

func bitGet(kind drivers.BitType, slot int64) drivers.Command {
	return drivers.Command{Op: drivers.OpBitGet, Key: "k", Bits: kind, Start: slot}
}

func bitSet(kind drivers.BitType, slot, number int64) drivers.Command {
	return drivers.Command{Op: drivers.OpBitSet, Key: "k", Bits: kind, Start: slot, Amount: number}
}

func bitIncrement(kind drivers.BitType, slot, by int64) drivers.Command {
	return drivers.Command{Op: drivers.OpBitIncrement, Key: "k", Bits: kind, Start: slot, Amount: by}
}

func bitRange(kind drivers.BitType, start, stop int64) drivers.Command {
	return drivers.Command{Op: drivers.OpBitRange, Key: "k", Bits: kind, Start: start, Stop: stop}
}

func bitSum(kind drivers.BitType, start, stop int64) drivers.Command {
	return drivers.Command{Op: drivers.OpBitSum, Key: "k", Bits: kind, Start: start, Stop: stop}
}

func expiring(e drivers.Expiry, cmd drivers.Command) drivers.Command { cmd.Expiry = e; return cmd }

func bitChecks(h Harness) []check {
	return slicesOf(bitGetChecks(h), bitSetChecks(h), bitIncrementChecks(h), bitRangeChecks(h), bitSumChecks(h))
}

func bitGetChecks(h Harness) []check {
	return rows(
		row{says: "is 0 for an absent key, and makes none (row 41)", when: bitGet(i8, 3), want: drivers.Reply{Int: 0}},
		row{says: "is 0 past the end, and extends nothing (row 41)", given: given(put("k", "a")), when: bitGet(i8, 3), want: drivers.Reply{Int: 0}},
		row{says: "reads an unsigned slot", given: given(put("k", "\x01\xff")), when: bitGet(u8, 1), want: drivers.Reply{Int: 255}},
		row{says: "reads a signed slot", given: given(put("k", "\x01\xff")), when: bitGet(i8, 1), want: drivers.Reply{Int: -1}},
		row{says: "counts slots, most significant bit first (row 41)", given: given(put("k", "\x12\x34")), when: bitGet(u4, 2), want: drivers.Reply{Int: 3}},
		row{says: "reads a slot that the end cuts as if zeros followed", given: given(put("k", "\xff")), when: bitGet(drivers.BitType{Width: 5}, 1),
			want: drivers.Reply{Int: 0b11100}},
		row{says: "reads any string", given: given(put("k", "foo")), when: bitGet(u8, 0), want: drivers.Reply{Int: 'f'}},
		row{says: "reads the last slot there can be", given: given(put("k", "a")), when: bitGet(u8, drivers.MaxBits/8-1), want: drivers.Reply{Int: 0}},
		row{says: "is ErrInvalid one slot further", given: given(put("k", "a")), when: bitGet(u8, drivers.MaxBits/8), err: drivers.ErrInvalid},
	)
}

func bitSetChecks(h Harness) []check {
	return rows(
		row{says: "makes a key of zero bytes up to the slot", when: bitSet(u8, 2, 7), want: drivers.Reply{Int: 0}, then: then{"k": holds("\x00\x00\x07")}},
		row{says: "makes a key where it writes 0", when: bitSet(u8, 1, 0), want: drivers.Reply{Int: 0}, then: then{"k": holds("\x00\x00")}},
		row{says: "answers the old number (row 39)", given: given(put("k", "\x05")), when: bitSet(u8, 0, 9), want: drivers.Reply{Int: 5}, then: then{"k": holds("\x09")}},
		row{says: "extends a string to whole bytes", given: given(put("k", "\xff")), when: bitSet(drivers.BitType{Width: 5}, 1, 0),
			want: drivers.Reply{Int: 0b11100}, then: then{"k": holds("\xf8\x00")}},
		row{says: "leaves neighbours alone", given: given(put("k", "\xff\xff\xff")), when: bitSet(u4, 3, 0), want: drivers.Reply{Int: 15}, then: then{"k": holds("\xff\xf0\xff")}},
		row{says: "keeps a time to live (row 5)", given: given(putFor(hour, "k", "\x05")), when: bitSet(u8, 0, 9), want: drivers.Reply{Int: 5}, then: then{"k": holds("\x09").kept()}},
		row{says: "wraps what does not fit", given: given(put("k", "\x05")), when: bitSet(u8, 0, 256+7), want: drivers.Reply{Int: 5}, then: then{"k": holds("\x07")}},
		row{says: "saturates -1 in an unsigned slot to its largest number (row 39)", given: given(put("k", "\x05")), when: bitSet(saturating(u8), 0, -1),
			want: drivers.Reply{Int: 5}, then: then{"k": holds("\xff")}},
		row{says: "saturates in a signed slot downwards", given: given(put("k", "\x05")), when: bitSet(saturating(i8), 0, -129), want: drivers.Reply{Int: 5}, then: then{"k": holds("\x80")}},
		row{says: "is Nil for what does not fit with Fail (row 40)", given: given(put("k", "\x05")), when: bitSet(failing(u8), 0, 256), want: drivers.Reply{Nil: true}},
		row{says: "with Fail writes what fits", given: given(put("k", "\x05")), when: bitSet(failing(u8), 0, 255), want: drivers.Reply{Int: 5}, then: then{"k": holds("\xff")}},
		row{says: "refused by Fail, makes the key yet (row 40)", when: bitSet(failing(u8), 1, 256), want: drivers.Reply{Nil: true}, then: then{"k": holds("\x00\x00")}},
		row{says: "refused by Fail, starts no time to live", when: expiring(in(hour), bitSet(failing(u8), 1, 256)), want: drivers.Reply{Nil: true}, then: then{"k": holds("\x00\x00")}},
		row{says: "refused by Fail at a past moment, removes nothing", given: given(put("k", "\x05")), when: expiring(at(longAgo), bitSet(failing(u8), 0, 256)), want: drivers.Reply{Nil: true}},
		row{says: "refused by Fail, extends the string yet (row 40)", given: given(putFor(hour, "k", "\x05")), when: bitSet(failing(u8), 2, -1),
			want: drivers.Reply{Nil: true}, then: then{"k": holds("\x05\x00\x00").kept()}},
	)
}

func bitIncrementChecks(h Harness) []check {
	return rows(
		row{says: "counts an absent key from 0", when: bitIncrement(i8, 1, -2), want: drivers.Reply{Int: -2}, then: then{"k": holds("\x00\xfe")}},
		row{says: "answers the new number (row 39)", given: given(put("k", "\x05")), when: bitIncrement(u8, 0, 3), want: drivers.Reply{Int: 8}, then: then{"k": holds("\x08")}},
		row{says: "by 0 answers the number", given: given(put("k", "\x05")), when: bitIncrement(u8, 0, 0), want: drivers.Reply{Int: 5}},
		row{says: "by 0 extends the string", given: given(put("k", "\x05")), when: bitIncrement(u8, 1, 0), want: drivers.Reply{Int: 0}, then: then{"k": holds("\x05\x00")}},
		row{says: "keeps a time to live (row 5)", given: given(putFor(hour, "k", "\x05")), when: bitIncrement(u8, 0, 1), want: drivers.Reply{Int: 6}, then: then{"k": holds("\x06").kept()}},
		row{says: "wraps upwards", given: given(put("k", "\x7f")), when: bitIncrement(i8, 0, 1), want: drivers.Reply{Int: -128}, then: then{"k": holds("\x80")}},
		row{says: "wraps downwards", given: given(put("k", "\x00")), when: bitIncrement(u8, 0, -1), want: drivers.Reply{Int: 255}, then: then{"k": holds("\xff")}},
		row{says: "saturates upwards", given: given(put("k", "\x7e")), when: bitIncrement(saturating(i8), 0, 100), want: drivers.Reply{Int: 127}, then: then{"k": holds("\x7f")}},
		row{says: "saturates downwards", given: given(put("k", "\x02")), when: bitIncrement(saturating(u8), 0, -3), want: drivers.Reply{Int: 0}, then: then{"k": holds("\x00")}},
		row{says: "is Nil for what does not fit with Fail (row 40)", given: given(put("k", "\xff")), when: bitIncrement(failing(u8), 0, 1), want: drivers.Reply{Nil: true}},
		row{says: "refused by Fail, makes the key yet (row 40)", when: bitIncrement(failing(u8), 1, -1), want: drivers.Reply{Nil: true}, then: then{"k": holds("\x00\x00")}},
		row{says: "refused by Fail, extends the string yet (row 40)", given: given(put("k", "\xff")), when: bitIncrement(failing(u8), 1, -1),
			want: drivers.Reply{Nil: true}, then: then{"k": holds("\xff\x00")}},
		row{says: "refused by Fail, starts no time to live", given: given(put("k", "\xff")), when: expiring(in(hour), bitIncrement(failing(u8), 0, 1)), want: drivers.Reply{Nil: true}},
		row{says: "reaches all of 63 unsigned bits", given: given(put("k", "\xff\xff\xff\xff\xff\xff\xff\xfc")), when: bitIncrement(failing(u63), 0, 1),
			want: drivers.Reply{Int: 1<<63 - 1}, then: then{"k": holds("\xff\xff\xff\xff\xff\xff\xff\xfe")}},
	)
}

func bitRangeChecks(h Harness) []check {
	last := int64(drivers.MaxBits / 8)
	return rows(
		row{says: "answers zeros for an absent key, and makes none", when: bitRange(i8, 0, 3), want: drivers.Reply{Ints: []int64{0, 0, 0}}},
		row{says: "answers a number a slot", given: given(put("k", "\x01\x80\xff")), when: bitRange(i8, 0, 3), want: drivers.Reply{Ints: []int64{1, -128, -1}}},
		row{says: "begins at Start and ends before Stop", given: given(put("k", "\x12\x34\x56")), when: bitRange(u4, 1, 4), want: drivers.Reply{Ints: []int64{2, 3, 4}}},
		row{says: "answers zeros past the end", given: given(put("k", "\x01")), when: bitRange(u8, 0, 3), want: drivers.Reply{Ints: []int64{1, 0, 0}}},
		row{says: "answers zeros where all of it lies past the end", given: given(put("k", "\x01")), when: bitRange(u8, 5, 7), want: drivers.Reply{Ints: []int64{0, 0}}},
		row{says: "of no slots answers none", given: given(put("k", "\x01")), when: bitRange(u8, 1, 1), want: drivers.Reply{}},
		row{says: "of no slots at 0 answers none", given: given(put("k", "\x01")), when: bitRange(u8, 0, 0), want: drivers.Reply{}},
		row{says: "reads one slot within a byte", given: given(put("k", "\x5a")), when: bitRange(u4, 1, 2), want: drivers.Reply{Ints: []int64{10}}},
		row{says: "reads 64 bits a slot", given: given(put("k", strings.Repeat("\xff", 15)+"\xfe")), when: bitRange(i64, 0, 2), want: drivers.Reply{Ints: []int64{-1, -2}}},
		row{says: "reads the last slots there can be", given: given(put("k", "a")), when: bitRange(u8, last-2, last), want: drivers.Reply{Ints: []int64{0, 0}}},
		row{says: "is ErrInvalid one slot further", given: given(put("k", "a")), when: bitRange(u8, last-2, last+1), err: drivers.ErrInvalid},
		row{says: "is ErrInvalid for more than MaxRangeSlots", given: given(put("k", "a")), when: bitRange(u8, 0, drivers.MaxRangeSlots+1), err: drivers.ErrInvalid},
	)
}

func bitSumChecks(h Harness) []check {
	last := int64(drivers.MaxBits / 8)
	most, least := "\x7f"+strings.Repeat("\xff", 7), "\x80"+strings.Repeat("\x00", 7)
	return rows(
		row{says: "is 0 for an absent key, and makes none", when: bitSum(i8, 0, 3), want: drivers.Reply{}},
		row{says: "adds up signed slots", given: given(put("k", "\x01\x80\xff")), when: bitSum(i8, 0, 3), want: drivers.Reply{Int: -128}},
		row{says: "adds up unsigned slots", given: given(put("k", "\x01\x80\xff")), when: bitSum(u8, 0, 3), want: drivers.Reply{Int: 384}},
		row{says: "begins at Start and ends before Stop", given: given(put("k", "\x12\x34\x56")), when: bitSum(u4, 1, 4), want: drivers.Reply{Int: 9}},
		row{says: "takes slots past the end for 0", given: given(put("k", "\x01")), when: bitSum(u8, 0, 300), want: drivers.Reply{Int: 1}},
		row{says: "of no slots is 0", given: given(put("k", "\x01")), when: bitSum(u8, 0, 0), want: drivers.Reply{}},
		row{says: "adds up many slots", given: given(put("k", strings.Repeat("\x02", 1000))), when: bitSum(u8, 1, 999), want: drivers.Reply{Int: 1996}},
		row{says: "is Nil beyond 64 bits", given: given(put("k", most+"\x00\x00\x00\x00\x00\x00\x00\x01")), when: bitSum(i64, 0, 2), want: drivers.Reply{Nil: true}},
		row{says: "is Nil beyond 64 bits below 0", given: given(put("k", least+strings.Repeat("\xff", 8))), when: bitSum(i64, 0, 2), want: drivers.Reply{Nil: true}},
		row{says: "may leave 64 bits on the way", given: given(put("k", most+most+least)), when: bitSum(i64, 0, 3), want: drivers.Reply{Int: math.MaxInt64 - 1}},
		row{says: "reads the last slots there can be", given: given(put("k", "a")), when: bitSum(u8, last-2, last), want: drivers.Reply{}},
		row{says: "is ErrInvalid one slot further", given: given(put("k", "a")), when: bitSum(u8, last-2, last+1), err: drivers.ErrInvalid},
		row{says: "is ErrInvalid for more than MaxRangeSlots", given: given(put("k", "a")), when: bitSum(u8, 0, drivers.MaxRangeSlots+1), err: drivers.ErrInvalid},
	)
}
