package spec_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/samber/lo"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/spec/redisserver"
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

// random is what the differential knows of the Ops on values of one type.
type random struct {
	// keys that mostly hold such values. Those of another type come to it by collisions.
	keys []string
	// ops are the Ops with how often they come, compared to the others of the type.
	ops map[drivers.Op]int
	// arguments draws what the Op of cmd reads but its key; mostly valid.
	arguments func(g generator, cmd *drivers.Command)
	// state has the commands that together read all there is under a key.
	state []drivers.Command
}

// randoms has a line for each type. It is filled when the program starts, as arguments
// are drawn from the keys of all.
var randoms []random

// keys are those of all types.
var keys []string

func init() {
	randoms = []random{
		randomStrings, randomBitmaps, randomHyperLogLogs, randomSets, randomLists, randomHashes, randomSortedSets, randomGeo,
		randomStreams, randomLimits, randomQueues,
	}
	for _, r := range randoms {
		keys = append(keys, r.keys...)
		stateOf = append(stateOf, lo.Filter(r.state, func(cmd drivers.Command, _ int) bool { return comparableOp(cmd.Op) })...)
	}
	slices.Sort(keys)
	keys = slices.Compact(keys)
}

// general are the Ops on values of any type, which each type's share has too.
var general = []drivers.Op{
	drivers.OpExists, drivers.OpDelete, drivers.OpTTL, drivers.OpExpire, drivers.OpPersist, drivers.OpReconcile, drivers.OpSeal, drivers.OpFind,
	drivers.OpScanKeys, drivers.OpScanLeaves, drivers.OpScanBranches,
}

// Few keys, so that types collide, at several levels, for the listings.
var (
	prefixes = []string{"d", "d:a", "d:a:x", "d2", "e", "none", "d:r", "r"}
	members  = []string{"", "a", "b", "c", "d", "1", "2", "3", "-4", "01", "\x00", "\xff\xfe", strings.Repeat("long", 20)}
	texts    = []string{"", "", "a", "a", "0", "7", "-12", "3.25", "9223372036854775807", "1e300", "ab", "\x00", "\xff", "\xff\xff\xff", "hello", strings.Repeat("\x7f\x80", 40)}
)

func (g generator) oneIn(n int) bool { return g.rng.IntN(n) == 0 }

func pick[T any](g generator, from ...T) T { return from[g.rng.IntN(len(from))] }

// newer reports an Op that came with Redis 7.4, and that the server does not have.
func newer(op drivers.Op) bool {
	return (op == drivers.OpHExpire || op == drivers.OpHTTL || op == drivers.OpHPersist) && !redisserver.Since(7, 4)
}

// comparableOp reports an Op that both drivers have, and that tells no time, nor what
// is a driver's own. From Redis 7.2 on, who claims nothing is a consumer all the same, and the lag of a group
// is reckoned otherwise.
func comparableOp(op drivers.Op) bool {
	switch op {
	case drivers.OpTime, drivers.OpMemoryUsage:
		return false
	case drivers.OpXConsumers, drivers.OpXLag:
		return !redisserver.Since(7, 2)
	default:
		return !newer(op)
	}
}

// comparableCommand reports a command that has the same answer in every version of Redis, or one in which
// the server that it is compared with is like 7.0.
func comparableCommand(cmd drivers.Command) bool {
	switch {
	case !comparableOp(cmd.Op):
		return false
	case redisserver.Since(8, 0):
		return (cmd.Op != drivers.OpGetRange || cmd.Stop >= 0) && !hexadecimal(cmd.Min()) && !hexadecimal(cmd.Max())
	default:
		return true
	}
}

func hexadecimal(end string) bool { return strings.Contains(end, "0x1") }

// command draws what can be compared.
func (g generator) command() drivers.Command {
	for {
		if cmd := g.draw(); comparableCommand(cmd) {
			return cmd
		}
	}
}

// draw draws an Op and all that it reads; arguments are mostly valid.
func (g generator) draw() drivers.Command {
	if g.oneIn(2_000) {
		all := drivers.Ops()
		return drivers.Command{Op: pick(g, drivers.OpInvalid, all[len(all)-1]+1, drivers.Op(math.MaxUint8)), Key: pick(g, keys...)}
	}
	r := pick(g, randoms...)
	var cmd drivers.Command
	if g.oneIn(8) {
		cmd.Op = pick(g, general...)
		if cmd.Op.Effect() == drivers.Lists && !g.oneIn(10) { // which end a chunk
			cmd.Op = drivers.OpExists
		}
		cmd.Key = g.keyOf(cmd.Op, r)
		g.generalArguments(&cmd)
	} else {
		cmd.Op = r.op(g)
		cmd.Key = g.keyOf(cmd.Op, r)
		r.arguments(g, &cmd)
	}
	if !newer(cmd.Op) { // a script would find a damaged index before it finds that there is no such command
		g.addIndexes(&cmd)
	}
	return cmd
}

// op draws one by its share.
func (r random) op(g generator) drivers.Op {
	total := 0
	for _, share := range r.ops {
		total += share
	}
	at := g.rng.IntN(total)
	for _, op := range drivers.Ops() { // in an order that does not change
		if at -= r.ops[op]; at < 0 {
			return op
		}
	}
	return drivers.OpInvalid
}

// keyOf draws the key of a command. Registries and indexes are seldom written to but
// by Indexes, lest a string, which stays, leave no index to look at.
func (g generator) keyOf(op drivers.Op, r random) string {
	special := 500
	switch {
	case op == drivers.OpDelete:
		special = 8
	case op <= drivers.OpReconcile || op.Effect() == drivers.Reads:
		special = 20
	}
	switch {
	case g.oneIn(special) && !intoIndexes(op):
		return pick(g, slices.Concat(registries, indexKeys)...)
	case g.oneIn(15):
		key := pick(g, keys...)
		if counts := slices.Contains(hyperLogLogKeys, key); counts && !damages(op) || !counts && op != drivers.OpPFAdd && op != drivers.OpPFMerge {
			return key
		}
	}
	return pick(g, r.keys...)
}

// intoIndexes reports what writes into hashes and sorted sets. Who writes into a registry
// or an index behind the back of Indexes makes of them what is undefined.
func intoIndexes(op drivers.Op) bool {
	return op.Effect() == drivers.Writes &&
		(op >= drivers.OpHSet && op <= drivers.OpGeoSearch || op >= drivers.OpLockAcquire && op <= drivers.OpLockHolder || op >= drivers.OpJobAdd && op <= drivers.OpJobRemove)
}

// damages reports what writes into the middle of a string. What Redis makes of the
// registers of a HyperLogLog that others wrote into is undefined: these keep away from the keys of
// HyperLogLogs, which come into being there alone.
func damages(op drivers.Op) bool {
	switch op {
	case drivers.OpAppend, drivers.OpSetRange, drivers.OpBitSet, drivers.OpBitIncrement, drivers.OpSetBit, drivers.OpBitOp:
		return true
	default:
		return false
	}
}

func (g generator) generalArguments(cmd *drivers.Command) {
	switch cmd.Op {
	case drivers.OpExpire:
		cmd.Expiry = g.expiry()
	case drivers.OpReconcile:
		cmd.OwnExtra().Keys = g.keys(g.rng.IntN(4), keys)
	case drivers.OpSeal:
		cmd.Key = pick(g, registries...)
		for _, name := range indexNames[:g.rng.IntN(3)] {
			cmd.OwnExtra().Keys = append(cmd.Keys(), drivers.IndexKey(cmd.Key, name))
		}
		cmd.Start, cmd.Amount = g.mark(), int64(g.rng.IntN(2))
		if g.oneIn(30) {
			cmd.Start, cmd.Amount = pick[int64](g, 0, -1, drivers.MaxMark+1), pick[int64](g, -1, 1, 2)
		}
	case drivers.OpFind:
		g.ranges(cmd)
	case drivers.OpScanKeys, drivers.OpScanLeaves, drivers.OpScanBranches:
		cmd.Key = pick(g, prefixes...)
	default: // nothing but the key
	}
}

// ranges draws those of an OpFind.
func (g generator) ranges(cmd *drivers.Command) {
	var groups [][]drivers.IndexRange
	for range g.rng.IntN(4) {
		var group []drivers.IndexRange
		for range 1 + g.rng.IntN(2) {
			group = append(group, drivers.IndexRange{Index: pick(g, indexKeys...), Min: g.end("-"), Max: g.end("+")})
		}
		groups = append(groups, group)
	}
	*cmd = drivers.Find(pick(g, registries...), groups, int64(g.rng.IntN(6)))
	cmd.Reverse = g.oneIn(2)
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

// keys draws n other keys, mostly from those of a type.
func (g generator) keys(n int, from []string) []string {
	if g.oneIn(100) {
		n = 0
	}
	drawn := make([]string, n)
	for i := range drawn {
		drawn[i] = pick(g, from...)
		if g.oneIn(30) {
			drawn[i] = pick(g, keys...)
		}
	}
	return drawn
}

func (g generator) condition() drivers.Condition {
	if g.oneIn(100) {
		return drivers.Condition(pick[uint8](g, 99, 255))
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
		return drivers.Expiry{Mode: drivers.ExpireAt, Millis: pick[int64](g, math.MinInt64, -1, 0, 1, 1_000, 1_700_000_000_000)}
	case 4, 5:
		return drivers.Expiry{Mode: drivers.ExpireAt, Millis: pick[int64](g, 32_503_680_000_000, 4_102_444_800_000, drivers.MaxExpiryMillis)}
	case 6:
		return drivers.Expiry{
			Mode:   pick(g, drivers.ExpireIn, drivers.ExpireIn, drivers.ExpireAt),
			Millis: pick[int64](g, 0, -1, math.MinInt64, math.MaxInt64, drivers.MaxExpiryMillis+1),
		}
	case 7:
		if g.oneIn(10) {
			return drivers.Expiry{Mode: drivers.ExpireAt + 1, Millis: hour}
		}
	}
	return drivers.Expiry{Mode: drivers.ExpireIn, Millis: pick[int64](g, hour, 2*hour, 1000*hour, drivers.MaxExpiryMillis)}
}
