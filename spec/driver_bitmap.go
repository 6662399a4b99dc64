package spec

import (
	"math/bits"
	"strings"

	"github.com/onsi/gomega"

	"github.com/kvstore-go/kvstore/drivers"
)

func getBit(offset int64) drivers.Command {
	return drivers.Command{Op: drivers.OpGetBit, Key: "k", Start: offset}
}

func setBit(offset, bit int64) drivers.Command {
	return drivers.Command{Op: drivers.OpSetBit, Key: "k", Start: offset, Amount: bit}
}

func bitCount(start, stop int64) drivers.Command {
	return drivers.Command{Op: drivers.OpBitCount, Key: "k", Start: start, Stop: stop}
}

func bitPos(bit, start, stop int64) drivers.Command {
	return drivers.Command{Op: drivers.OpBitPos, Key: "k", Amount: bit, Start: start, Stop: stop}
}

func bitOp(operation string, sources ...string) drivers.Command {
	return drivers.Command{Op: drivers.OpBitOp, Key: "k", Value: operation, Extra: &drivers.Extra{Keys: sources}}
}

func bitmapFamily() family {
	return family{
		examples: []example{
			{getBit(3), stringKind, "Start"},
			{setBit(3, 1), stringKind, "Start Amount Expiry"},
			{bitCount(0, -1), stringKind, "Start Stop"},
			{bitPos(1, 0, drivers.NoStop), stringKind, "Amount Start Stop"},
			{bitOp("OR", "other"), anyKind, "Value Keys Expiry"},
		},
		checks: func(h Harness) []check { return slicesOf(bitmapChecks(), bitPosChecks(), bitOpChecks()) },
	}
}

func bitmapChecks() []check {
	one, zero := drivers.Reply{Int: 1}, drivers.Reply{}
	return rows(
		row{says: "is 0 for an absent key", when: getBit(100), want: zero},
		row{says: "is 0 beyond the end (row 41)", given: given(put("k", "\xff")), when: getBit(8), want: zero},
		row{says: "counts bits from the most significant", given: given(put("k", "\x40")), when: getBit(1), want: one},
		row{says: "is ErrInvalid at a negative offset", when: getBit(-1), err: drivers.ErrInvalid},
		row{says: "is ErrInvalid beyond 2^32 bits", when: getBit(drivers.MaxBits), err: drivers.ErrInvalid},

		row{says: "makes a key as long as it must be", when: setBit(9, 1), want: zero, then: then{"k": holds("\x00\x40")}},
		row{says: "makes a key for a 0, too", when: setBit(9, 0), want: zero, then: then{"k": holds("\x00\x00")}},
		row{says: "answers the old bit", given: given(put("k", "\xff")), when: setBit(0, 0), want: one, then: then{"k": holds("\x7f")}},
		row{says: "keeps the time to live (row 5)", given: given(putFor(hour, "k", "\xff")), when: setBit(0, 0), want: one, then: then{"k": holds("\x7f").kept()}},
		row{says: "starts a time to live", when: expiring(in(hour), setBit(0, 1)), want: zero, then: then{"k": holds("\x80").lasting(hour)}},
		row{says: "is ErrInvalid for what is no bit", given: given(put("k", "\xff")), when: setBit(0, 2), err: drivers.ErrInvalid},
		row{says: "is ErrInvalid at a negative offset", given: given(put("k", "\xff")), when: setBit(-1, 1), err: drivers.ErrInvalid},
		row{says: "is ErrInvalid beyond 2^32 bits", given: given(put("k", "\xff")), when: setBit(drivers.MaxBits, 1), err: drivers.ErrInvalid},

		row{says: "is 0 for an absent key", when: bitCount(0, -1), want: zero},
		row{says: "counts all", given: given(put("k", "\xff\x01")), when: bitCount(0, -1), want: drivers.Reply{Int: 9}},
		row{says: "counts within bytes", given: given(put("k", "\xff\x01")), when: bitCount(5, 8), want: drivers.Reply{Int: 3}},
		row{says: "counts from the end", given: given(put("k", "\xff\x01")), when: bitCount(-1, -1), want: one},
		row{says: "counts nothing where the range ends before it starts", given: given(put("k", "\xff\x01")), when: bitCount(5, 2), want: zero},
		row{says: "counts the first bit where both ends lie before it", given: given(put("k", "\xff\x01")), when: bitCount(-100, -100), want: one},
	)
}

func bitPosChecks() []check {
	at := func(offset int64) drivers.Reply { return drivers.Reply{Int: offset} }
	ones := given(put("k", "\xff\xff"))
	return rows(
		row{says: "finds no 1 under an absent key", when: bitPos(1, 0, drivers.NoStop), want: at(-1)},
		row{says: "finds the first 0 under an absent key", when: bitPos(0, 0, drivers.NoStop), want: at(0)},
		row{says: "finds the first 0 under an absent key in a range, too", when: bitPos(0, 3, 4), want: at(0)},
		row{says: "finds nothing in an empty string", given: given(put("k", "")), when: bitPos(0, 0, drivers.NoStop), want: at(-1)},
		row{says: "finds the first 1", given: given(put("k", "\x00\x10")), when: bitPos(1, 0, drivers.NoStop), want: at(11)},
		row{says: "finds the first 0", given: given(put("k", "\xff\xef")), when: bitPos(0, 0, drivers.NoStop), want: at(11)},
		row{says: "finds the 0 behind the end where there are only 1s (row 42)", given: ones, when: bitPos(0, 0, drivers.NoStop), want: at(16)},
		row{says: "finds no 0 in a range of 1s (row 42)", given: ones, when: bitPos(0, 0, -1), want: at(-1)},
		row{says: "finds the first 1 of a range", given: given(put("k", "\x81\x01")), when: bitPos(1, 1, -1), want: at(7)},
		row{says: "finds no 1 behind a range", given: given(put("k", "\x80\x01")), when: bitPos(1, 1, 14), want: at(-1)},
		row{says: "finds nothing in a range that ends before it starts", given: ones, when: bitPos(1, 5, 2), want: at(-1)},
		row{says: "is ErrInvalid for what is no bit", given: ones, when: bitPos(2, 0, -1), err: drivers.ErrInvalid},
		row{says: "is ErrInvalid from anywhere without an end", given: ones, when: bitPos(1, 1, drivers.NoStop), err: drivers.ErrInvalid},
	)
}

func bitOpChecks() []check {
	two := given(put("a", "\x0f\xff"), put("b", "\x3c"))
	size := func(bytes int64) drivers.Reply { return drivers.Reply{Int: bytes} }
	return append(rows(
		row{says: "AND takes missing bytes for zeros", given: two, when: bitOp("AND", "a", "b"), want: size(2), then: then{"k": holds("\x0c\x00")}},
		row{says: "OR", given: two, when: bitOp("OR", "a", "b"), want: size(2), then: then{"k": holds("\x3f\xff")}},
		row{says: "XOR", given: two, when: bitOp("XOR", "a", "b"), want: size(2), then: then{"k": holds("\x33\xff")}},
		row{says: "NOT", given: two, when: bitOp("NOT", "a"), want: size(2), then: then{"k": holds("\xf0\x00")}},
		row{says: "takes its own destination for a source", given: given(put("k", "\x0f"), put("b", "\x3c")), when: bitOp("XOR", "k", "b", "k"), want: size(1), then: then{"k": holds("\x3c")}},
		row{says: "replaces a value of any type", given: given(fill("k", "a"), put("b", "\x3c")), when: bitOp("OR", "b"), want: size(1), then: then{"k": holds("\x3c")}},
		row{says: "removes its destination where there is nothing (row 22)", given: given(fill("k", "a")), when: bitOp("OR", "b", "c"), want: size(0), then: then{"k": gone}},
		row{says: "drops the destination's time to live (row 5)", given: given(putFor(hour, "k", "x"), put("b", "\x3c")), when: bitOp("OR", "b"), want: size(1), then: then{"k": holds("\x3c")}},
		row{says: "starts a time to live anew", given: given(putFor(hour, "k", "x"), put("b", "\x3c")), when: expiring(in(3*hour), bitOp("OR", "b")), want: size(1), then: then{"k": holds("\x3c").lasting(3 * hour)}},
		row{says: "is ErrWrongType for a source that is a set", given: given(put("k", "x"), fill("b", "a")), when: bitOp("OR", "k", "b"), err: drivers.ErrWrongType},
		row{says: "is ErrInvalid without sources", given: given(put("k", "x")), when: bitOp("OR"), err: drivers.ErrInvalid},
		row{says: "is ErrInvalid for NOT of two", given: given(put("k", "x")), when: bitOp("NOT", "k", "k"), err: drivers.ErrInvalid},
		row{says: "is ErrInvalid for an operation there is not", given: given(put("k", "x")), when: bitOp(strings.ToLower("OR"), "k"), err: drivers.ErrInvalid},
	), about(drivers.OpBitOp, "combines strings of any length, into what was there before too", (*trial).combinesLong))
}

// combinesLong holds long strings of odd lengths against each byte of them.
func (t *trial) combinesLong() {
	text := func(size int, step byte) string {
		bytes := make([]byte, size)
		for i := range bytes {
			bytes[i] = byte(i) * step
		}
		return string(bytes)
	}
	long, short := text(9_001, 7), text(4_099, 13)
	bytewise := func(do func(a, b byte) byte) string {
		bytes := []byte(long)
		for i := range bytes {
			var b byte
			if i < len(short) {
				b = short[i]
			}
			bytes[i] = do(bytes[i], b)
		}
		return string(bytes)
	}
	and := bytewise(func(a, b byte) byte { return a & b })
	or := bytewise(func(a, b byte) byte { return a | b })
	xor := bytewise(func(a, b byte) byte { return a ^ b })
	not := bytewise(func(a, _ byte) byte { return ^a })
	t.given(put("long", long), put("short", short))
	for range 2 { // the second time from strings that Ops made, into one
		for _, sources := range [][]string{{"long", "short"}, {"short", "long"}} {
			for operation, want := range map[string]string{"AND": and, "OR": or, "XOR": xor} {
				t.replies(t.must(bitOp(operation, sources...)), drivers.Reply{Int: int64(len(long))})
				t.Expect(t.must(get("k")).Value == want).To(gomega.BeTrue(), "%s of %q", operation, sources)
			}
		}
		t.given(bitOp("NOT", "long"))
		t.Expect(t.must(get("k")).Value == not).To(gomega.BeTrue(), "NOT")
		ones := int64(0)
		for i := range len(not) {
			ones += int64(bits.OnesCount8(not[i]))
		}
		t.replies(t.must(bitCount(0, -1)), drivers.Reply{Int: ones})
		t.replies(t.must(bitCount(3, -6)), drivers.Reply{Int: ones - int64(bits.OnesCount8(not[0]>>5)) - int64(bits.OnesCount8(not[len(not)-1]&31))})
		for _, name := range []string{"long", "short"} {
			t.given(drivers.Command{Op: drivers.OpBitOp, Key: name, Value: "OR", Extra: &drivers.Extra{Keys: []string{name}}})
		}
	}
	t.given(put("k", strings.Repeat("\xff", 5_000)+"\xf7\xff"))
	t.replies(t.must(bitPos(0, 9, -1)), drivers.Reply{Int: 40_004})
	t.replies(t.must(bitPos(0, 9, 40_003)), drivers.Reply{Int: -1})
}
