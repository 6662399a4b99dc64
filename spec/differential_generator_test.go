package spec_test

import (
	"math"
	"math/rand/v2"
	"strings"

	"github.com/kvstore-go/kvstore/drivers"
)

// generator makes random commands. They depend on the seed alone, not on answers,
// so that a seed makes the same commands again.
type generator struct {
	rng  *rand.Rand
	last map[string]string // the text drawn last for a key, which it may still hold
}

func newGenerator(seed uint64) generator {
	return generator{rand.New(rand.NewPCG(seed, 0)), map[string]string{}}
}

// Few keys, so that types collide, at several levels, for the listings. The first
// half are mostly sets and the others mostly strings, lest strings, which SET puts
// over everything, leave no sets.
var (
	keys     = []string{"d:a", "d:a:x", "d2:a", "d:b", "d:a:x:y", "e"}
	prefixes = []string{"d", "d:a", "d:a:x", "d2", "e", "none", "d:r", "r"}
	members  = []string{"", "a", "b", "c", "d", "1", "2", "3", "-4", "01", "\x00", "\xff\xfe", strings.Repeat("long", 20)}
	texts    = []string{"", "", "a", "a", "0", "ab", "\x00", "\xff", "\xff\xff\xff", "hello", strings.Repeat("\x7f\x80", 40)}
)

func (g generator) oneIn(n int) bool { return g.rng.IntN(n) == 0 }

func pick[T any](g generator, from ...T) T { return from[g.rng.IntN(len(from))] }

// command draws an Op and all that it reads; arguments are mostly valid.
func (g generator) command() drivers.Command {
	cmd := drivers.Command{Op: g.op()}
	cmd.Key = g.keyOf(cmd.Op)
	g.arguments(&cmd)
	g.addIndexes(&cmd)
	return cmd
}

func (g generator) arguments(cmd *drivers.Command) {
	switch cmd.Op {
	case drivers.OpExpire:
		cmd.Expiry = g.expiry()
	case drivers.OpSet, drivers.OpSwap:
		cmd.Value, cmd.If, cmd.Expiry = g.text(), g.condition(), g.rareExpiry()
		g.last[cmd.Key] = cmd.Value
	case drivers.OpCompareAndSwap:
		cmd.Expected, cmd.Value, cmd.Expiry = g.last[cmd.Key], g.text(), g.rareExpiry()
		if g.oneIn(4) {
			cmd.Expected = g.text()
		}
		g.last[cmd.Key] = cmd.Value
	case drivers.OpAppend:
		cmd.Value, cmd.Expiry = g.text(), g.rareExpiry()
	case drivers.OpBitGet, drivers.OpBitSet, drivers.OpBitIncrement, drivers.OpBitRange:
		g.bits(cmd)
	case drivers.OpSAdd, drivers.OpSReplace:
		cmd.Values, cmd.If, cmd.Expiry = g.members(), g.condition(), g.rareExpiry()
	case drivers.OpSRem:
		cmd.Values = g.members()
	case drivers.OpSIsMember:
		cmd.Value = pick(g, members...)
	case drivers.OpSScan:
		cmd.Amount = 1000
	case drivers.OpSPop, drivers.OpSRandMember:
		cmd.Amount = pick[int64](g, -7, -1, 0, 1, 1, 2, 3, 5, 100, 1<<40)
		if cmd.Op == drivers.OpSPop && g.oneIn(2) {
			cmd.Amount = 1
		}
	case drivers.OpSMove:
		cmd.Value, cmd.Keys, cmd.Expiry = pick(g, members...), g.keys(1), g.rareExpiry()
	case drivers.OpSInter, drivers.OpSUnion, drivers.OpSDiff, drivers.OpReconcile:
		cmd.Keys = g.keys(g.rng.IntN(4))
	case drivers.OpScanKeys, drivers.OpScanLeaves, drivers.OpScanBranches:
		cmd.Key = pick(g, prefixes...)
	default: // the others are about indexes, or read nothing but the key
		g.indexRead(cmd)
	}
}

// op draws from all Ops, and seldom one there is not. Those that end a chunk are
// rarer: listings and pops.
func (g generator) op() drivers.Op {
	ops := drivers.Ops()
	if g.oneIn(2_000) {
		return pick(g, drivers.OpInvalid, ops[len(ops)-1]+1, drivers.Op(math.MaxUint8))
	}
	op := pick(g, ops...)
	if g.oneIn(12) {
		op = drivers.OpSAdd // as sets lose members in many ways
	}
	if (op.Effect() == drivers.Lists || op == drivers.OpSPop) && !g.oneIn(4) {
		return g.op()
	}
	return op
}

func aboutSets(op drivers.Op) bool {
	return op >= drivers.OpSAdd && op <= drivers.OpSDiff || op <= drivers.OpPersist && op%2 == 0
}

func (g generator) key(ofSet bool) string {
	half := len(keys) / 2
	if ofSet != g.oneIn(6) {
		return pick(g, keys[:half]...)
	}
	return pick(g, keys[half:]...)
}

func (g generator) text() string {
	if g.oneIn(5) {
		bytes := make([]byte, g.rng.IntN(24))
		for i := range bytes {
			bytes[i] = byte(g.rng.IntN(256))
		}
		return string(bytes)
	}
	return pick(g, texts...)
}

func (g generator) members() []string {
	drawn := make([]string, g.rng.IntN(8))
	for i := range drawn {
		drawn[i] = pick(g, members...)
	}
	return drawn
}

func (g generator) keys(n int) []string {
	if g.oneIn(100) {
		n = 0
	}
	drawn := make([]string, n)
	for i := range drawn {
		drawn[i] = g.key(true)
	}
	return drawn
}

func (g generator) condition() drivers.Condition {
	if g.oneIn(100) {
		return drivers.Condition(pick[uint8](g, 3, 99, 255))
	}
	return pick(g, drivers.Always, drivers.Always, drivers.IfAbsent, drivers.IfExists)
}

func (g generator) rareExpiry() drivers.Expiry {
	if g.oneIn(2) {
		return drivers.Expiry{}
	}
	return g.expiry()
}

// expiry draws long times to live and past moments: which of two clocks is ahead
// by a moment cannot matter.
func (g generator) expiry() drivers.Expiry {
	const hour = 3_600_000
	switch g.rng.IntN(12) {
	case 0:
		return drivers.Expiry{Mode: drivers.KeepTTL}
	case 1, 2:
		return drivers.Expiry{Mode: drivers.ClearTTL}
	case 3:
		return drivers.Expiry{Mode: drivers.ExpireAt, Millis: pick[int64](g, 1, 1_000, 1_700_000_000_000)}
	case 4, 5:
		return drivers.Expiry{Mode: drivers.ExpireAt, Millis: pick[int64](g, 32_503_680_000_000, 4_102_444_800_000, drivers.MaxExpiryMillis)}
	case 6:
		return drivers.Expiry{
			Mode:   pick(g, drivers.ExpireIn, drivers.ExpireAt),
			Millis: pick[int64](g, 0, -1, math.MinInt64, math.MaxInt64, drivers.MaxExpiryMillis+1),
		}
	case 7:
		if g.oneIn(10) {
			return drivers.Expiry{Mode: drivers.ExpireAt + 1, Millis: hour}
		}
	}
	return drivers.Expiry{Mode: drivers.ExpireIn, Millis: pick[int64](g, hour, 2*hour, 1000*hour, drivers.MaxExpiryMillis)}
}

// bits draws a bit operation at the boundaries of its type. Writes stay low: a
// slot far out would make a string of megabytes.
func (g generator) bits(cmd *drivers.Command) {
	cmd.Bits = drivers.BitType{
		Width:    uint8(pick(g, 1, 2, 3, 7, 8, 8, 9, 16, 31, 32, 33, 63, 64, g.rng.IntN(65))),
		Signed:   g.oneIn(2),
		Overflow: drivers.Overflow(g.rng.IntN(3)),
	}
	if !cmd.Bits.Signed && cmd.Bits.Width == 64 && !g.oneIn(10) {
		cmd.Bits.Width = 63
	}
	if g.oneIn(200) {
		cmd.Bits.Overflow = drivers.Overflow(pick[uint8](g, 3, 255))
	}
	cmd.Start = pick(g, 0, 0, 1, 2, 3, 7, g.rng.Int64N(40))
	cmd.Stop = cmd.Start + g.rng.Int64N(20)
	if g.oneIn(30) {
		beyond := int64(drivers.MaxBits) / int64(max(cmd.Bits.Width, 1))
		cmd.Start = pick(g, -1, math.MinInt64, math.MaxInt64, beyond)
		cmd.Stop = pick(g, cmd.Start, cmd.Start+1, 0, beyond+1)
		if cmd.Op.Effect() == drivers.Reads && g.oneIn(2) {
			cmd.Start, cmd.Stop = beyond-1, beyond
		}
	}
	kind := cmd.Bits
	if kind.Check() != nil {
		kind = drivers.BitType{Width: 8}
	}
	cmd.Amount = pick(g, 0, 1, -1, 2, kind.Min(), kind.Max(), kind.Min()-1, kind.Max()+1,
		math.MinInt64, math.MaxInt64, math.MinInt64+kind.Max(), g.rng.Int64(), -g.rng.Int64N(1000))
	if cmd.Op == drivers.OpBitSet || cmd.Op == drivers.OpBitIncrement {
		cmd.Expiry = g.rareExpiry()
	}
}
