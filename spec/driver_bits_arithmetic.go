package spec

import (
	"fmt"
	"math"
	"math/big"
	"slices"
	"strings"

	"github.com/onsi/gomega"

	"github.com/kvstore-go/kvstore/drivers"
)

// bitArithmeticChecks hold the bit operations of every width and every way to
// overflow against exact arithmetic, at the boundaries.
func bitArithmeticChecks(Harness) []check {
	var checks []check
	for _, signed := range []bool{true, false} {
		for _, overflow := range []drivers.Overflow{drivers.Wrap, drivers.Saturate, drivers.Fail} {
			of := fmt.Sprintf("in %s slots of every width, %s", signs[signed], overflows[overflow])
			checks = append(checks,
				about(drivers.OpBitIncrement, "adds exactly "+of, func(t *trial) { everyWidth(signed, overflow, t.adds) }),
				about(drivers.OpBitSet, "stores exactly "+of, func(t *trial) { everyWidth(signed, overflow, t.stores) }))
		}
		checks = append(checks,
			about(drivers.OpBitSet, "touches no bit outside its slot, "+signs[signed]+" slots of every width", func(t *trial) {
				everyWidth(signed, drivers.Wrap, t.touchesOnlyItsSlot)
			}),
			about(drivers.OpBitRange, "reads what OpBitGet reads, "+signs[signed]+" slots of every width", func(t *trial) {
				everyWidth(signed, drivers.Wrap, t.rangeAgrees)
			}))
	}
	return checks
}

var (
	signs     = map[bool]string{true: "signed", false: "unsigned"}
	overflows = map[drivers.Overflow]string{drivers.Wrap: "wrapping", drivers.Saturate: "saturating", drivers.Fail: "failing"}
)

func everyWidth(signed bool, overflow drivers.Overflow, run func(kind drivers.BitType)) {
	widest := uint8(63)
	if signed {
		widest = 64
	}
	for width := uint8(1); width <= widest; width++ {
		run(drivers.BitType{Width: width, Signed: signed, Overflow: overflow})
	}
}

// boundaries are the numbers at which something may go wrong with kind.
func boundaries(kind drivers.BitType) []int64 {
	least, most := kind.Min(), kind.Max()
	all := []int64{0, 1, -1, least, most, least - 1, most + 1, math.MinInt64, math.MaxInt64, math.MinInt64 + most, math.MinInt64 + 1 + most}
	slices.Sort(all)
	return slices.Compact(all)
}

func (t *trial) adds(kind drivers.BitType) {
	const slot = 3
	wrapping := kind
	wrapping.Overflow = drivers.Wrap
	var commands []drivers.Command
	var wants []drivers.Reply
	for _, current := range boundaries(kind) {
		if current < kind.Min() || current > kind.Max() {
			continue
		}
		for _, by := range boundaries(kind) {
			sum := new(big.Int).Add(big.NewInt(current), big.NewInt(by))
			fitted, ok := fit(kind, sum)
			left := fitted
			if !ok {
				left = current
			}
			commands = append(commands, bitSet(wrapping, slot, current), bitIncrement(kind, slot, by), bitGet(kind, slot))
			wants = append(wants, drivers.Reply{}, drivers.Reply{Nil: !ok, Int: fitted}, drivers.Reply{Int: left})
		}
	}
	t.answers(commands, wants)
}

// stores is about numbers that may not fit: an unsigned slot reads a negative
// number as the 64 bits it is made of, and a signed one a number whose distance
// to its largest is beyond 64 bits as one too large.
func (t *trial) stores(kind drivers.BitType) {
	const slot = 3
	wrapping := kind
	wrapping.Overflow = drivers.Wrap
	var commands []drivers.Command
	var wants []drivers.Reply
	for _, number := range boundaries(kind) {
		exact := big.NewInt(number)
		if !kind.Signed && number < 0 {
			exact.Add(exact, new(big.Int).Lsh(big.NewInt(1), 64))
		}
		fitted, ok := fit(kind, exact)
		distance := new(big.Int).Sub(big.NewInt(kind.Max()), exact)
		if kind.Signed && kind.Overflow == drivers.Saturate && fitted != number && !distance.IsInt64() {
			fitted = kind.Max()
		}
		left := fitted
		if !ok {
			left = kind.Max()
		}
		commands = append(commands, bitSet(wrapping, slot, kind.Max()), bitSet(kind, slot, number), bitGet(kind, slot))
		wants = append(wants, drivers.Reply{}, drivers.Reply{Nil: !ok, Int: kind.Max()}, drivers.Reply{Int: left})
		if !ok {
			wants[len(wants)-2].Int = 0
		}
	}
	t.answers(commands, wants)
}

// fit brings an exact number into kind by its way to overflow.
func fit(kind drivers.BitType, exact *big.Int) (fitted int64, ok bool) {
	least, most := big.NewInt(kind.Min()), big.NewInt(kind.Max())
	switch {
	case exact.Cmp(least) >= 0 && exact.Cmp(most) <= 0:
		return exact.Int64(), true
	case kind.Overflow == drivers.Fail:
		return 0, false
	case kind.Overflow == drivers.Saturate && exact.Cmp(most) > 0:
		return kind.Max(), true
	case kind.Overflow == drivers.Saturate:
		return kind.Min(), true
	}
	size := new(big.Int).Lsh(big.NewInt(1), uint(kind.Width))
	wrapped := new(big.Int).Sub(exact, least)
	return wrapped.Mod(wrapped, size).Add(wrapped, least).Int64(), true
}

// answers executes triples of commands; the reply of each triple's first is free.
func (t *trial) answers(commands []drivers.Command, wants []drivers.Reply) {
	for i, item := range t.mustBatch(false, commands...) {
		if i%3 != 0 && (item.Reply.Nil != wants[i].Nil || item.Reply.Int != wants[i].Int) {
			t.replies(item.Reply, wants[i], "%s\nafter %s", describe(commands[i]), describe(commands[i/3*3]))
		}
	}
}

func (t *trial) touchesOnlyItsSlot(kind drivers.BitType) {
	const slot, size = 2, 32
	for _, fillByte := range []string{"\x00", "\xff"} {
		t.given(put("k", strings.Repeat(fillByte, size)))
		number := int64(0)
		if fillByte == "\x00" {
			number = -1
		}
		t.given(bitSet(kind, slot, number))
		before := new(big.Int).SetBytes([]byte(strings.Repeat(fillByte, size)))
		after := new(big.Int).SetBytes([]byte(t.must(get("k")).Value))
		slotBits := new(big.Int).Lsh(big.NewInt(1), uint(kind.Width))
		slotBits.Sub(slotBits, big.NewInt(1)).Lsh(slotBits, uint(size*8-(slot+1)*int(kind.Width)))
		t.Expect(before.Xor(before, after).Text(2)).To(gomega.Equal(slotBits.Text(2)), "bits changed by %+v", kind)
	}
}

func (t *trial) rangeAgrees(kind drivers.BitType) {
	t.given(put("k", "\x00\x01\x7f\x80\xff\xa5\x5a\xf0\x0f\xde\xad\xbe\xef\x12\x34\x56\x78\x9a"))
	const start, stop = 1, 9
	commands := []drivers.Command{bitRange(kind, start, stop)}
	for slot := int64(start); slot < stop; slot++ {
		commands = append(commands, bitGet(kind, slot))
	}
	items := t.mustBatch(false, commands...)
	var single []int64
	for _, item := range items[1:] {
		single = append(single, item.Reply.Int)
	}
	t.replies(items[0].Reply, drivers.Reply{Ints: single}, describe(commands[0]))
}
