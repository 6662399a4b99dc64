package spec_test

import (
	"math"
	"strings"

	"github.com/kvstore-go/kvstore/drivers"
)

var randomHashes = random{
	keys: []string{"d:h", "d:i", "h"},
	ops: map[drivers.Op]int{
		drivers.OpHSet: 12, drivers.OpHReplace: 4, drivers.OpHCompareAndSet: 4, drivers.OpHDel: 4, drivers.OpHGet: 4, drivers.OpHMGet: 4,
		drivers.OpHExists: 2, drivers.OpHLen: 2, drivers.OpHKeys: 2, drivers.OpHGetAll: 2, drivers.OpHScan: 4, drivers.OpHIncrBy: 8,
		drivers.OpHIncrByFloat: 8, drivers.OpHExpire: 6, drivers.OpHTTL: 2, drivers.OpHPersist: 2,
	},
	arguments: func(g generator, cmd *drivers.Command) {
		switch cmd.Op {
		case drivers.OpHSet, drivers.OpHReplace:
			cmd.Values, cmd.If, cmd.Expiry = g.pairs(), g.condition(), g.rareExpiry()
		case drivers.OpHCompareAndSet:
			cmd.Values = g.pairs()
			cmd.Amount = int64(g.rng.IntN(len(cmd.Values)/2+1) * 2)
			if g.oneIn(30) {
				cmd.Amount = pick[int64](g, -1, 1, 100, 1<<40)
			}
		case drivers.OpHDel, drivers.OpHMGet, drivers.OpHTTL, drivers.OpHPersist:
			cmd.Values = g.members()
		case drivers.OpHExpire:
			cmd.Values, cmd.Expiry = g.members(), g.expiry()
		case drivers.OpHGet, drivers.OpHExists:
			cmd.Value = pick(g, members...)
			if g.oneIn(8) { // what an index may have put in
				cmd.Value = strings.TrimPrefix(pick(g, keys...), "d:")
			}
		case drivers.OpHScan:
			cmd.Amount = 1000
		case drivers.OpHIncrBy:
			cmd.Value, cmd.Expiry = pick(g, members...), g.rareExpiry()
			cmd.Amount = pick[int64](g, 0, 1, 1, -1, 10, -100, 1<<53, math.MaxInt64, math.MinInt64)
			extra := cmd.OwnExtra()
			extra.Min, extra.Max = g.hashBound("-9007199254740993", "0.5"), g.hashBound("9223372036854775807", "9007199254740993", "x")
			if g.oneIn(4) {
				cmd.Values = pick(g, []string{"40"}, []string{"9223372036854775807"}, []string{"-5"}, []string{"x"}, []string{"1", "2"})
			}
		case drivers.OpHIncrByFloat:
			if g.oneIn(4) {
				cmd.Values = pick(g, []string{"0.1"}, []string{"1e308"}, []string{"-5"}, []string{"x"})
			}
			cmd.Value, cmd.Expiry = pick(g, members...), g.rareExpiry()
			cmd.OwnExtra().Expected = pick(g, "0", "1", "-1", "0.1", "0.2", "-3.5", "1e17", "1e300", "-1e308", "1e-20", "3.0e3", "inf", "x", "")
			extra := cmd.OwnExtra()
			extra.Min, extra.Max = g.hashBound("-1e300", "-0.25", "nan"), g.hashBound("1e300", "9007199254740992.5")
		default: // nothing but the key
		}
	},
	state: []drivers.Command{{Op: drivers.OpHGetAll}, {Op: drivers.OpHLen}, {Op: drivers.OpHKeys}, {Op: drivers.OpHTTL, Values: members}},
}

// pairs are fields and values, many of them numbers.
func (g generator) pairs() []string {
	var pairs []string
	for range g.rng.IntN(5) {
		value := g.text()
		if g.oneIn(2) {
			value = pick(g, "0", "1", "-1", "9007199254740993", "9223372036854775807", "-9223372036854775808", "0.1", "1e17", "-3.0e5", "inf", "01", " 1")
		}
		pairs = append(pairs, pick(g, members...), value)
	}
	if g.oneIn(50) {
		pairs = append(pairs, "alone")
	}
	return pairs
}

// hashBound is mostly none, and else an everyday one or one of others.
func (g generator) hashBound(others ...string) string {
	if !g.oneIn(3) {
		return ""
	}
	if g.oneIn(4) {
		return pick(g, others...)
	}
	return pick(g, "-10", "0", "10")
}
