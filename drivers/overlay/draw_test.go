package overlay_test

import (
	"math"
	"math/rand/v2"
	"time"

	"github.com/kvstore-go/kvstore/drivers"
)

// drawer draws commands of few keys, elements and values, so that they meet; some are not
// allowed at all.
type drawer struct {
	*rand.Rand
	keys []string // those that it draws from for a while
}

// turn chooses a few keys to go on with.
func (w *drawer) turn() {
	w.keys = nil
	for len(w.keys) < 4 {
		w.keys = append(w.keys, draw(*w, keys...))
	}
}

func draw[T any](w drawer, from ...T) T { return from[w.IntN(len(from))] }

// now is the moment of all that is drawn.
var now = time.UnixMilli(1_800_000_000_000)

// keys hold, by their first letter, values of one type most of the time.
var keys = []string{"text", "tally", "set", "sieve", "hash", "map", "list", "line", "zset", "zone", "x:stream", "x:log", "c:a", "c:b", "c:c"}

// ofType are the Ops that are drawn for a key. OpPFCount is none of them: it keeps what it has
// counted in the value, of which a copy is another.
func ofType(key string, effect drivers.Effect) (ops []drivers.Op) {
	from, to := drivers.OpGet, drivers.OpPFMerge // strings, and what is made of them
	switch key[0] {
	case 's':
		from, to = drivers.OpSAdd, drivers.OpSDiff
	case 'l':
		from, to = drivers.OpLPush, drivers.OpLMove
	case 'h', 'm':
		from, to = drivers.OpHSet, drivers.OpHPersist
	case 'z':
		from, to = drivers.OpZAdd, drivers.OpGeoSearch
	case 'x':
		from, to = drivers.OpXAdd, drivers.OpXAutoClaim
	}
	for _, op := range drivers.Ops() {
		general := op <= drivers.OpPersist && op != drivers.OpTime
		if op.Effect() == effect && op != drivers.OpHTTL && op != drivers.OpPFCount && (general || op >= from && op <= to) {
			ops = append(ops, op)
		}
	}
	return ops
}

func (w drawer) values() []string {
	values := make([]string, w.IntN(4))
	for i := range values {
		values[i] = w.element()
	}
	return values
}

func (w drawer) element() string { return draw(w, "1", "2", "3", "4", "") }
func (w drawer) id() string      { return draw(w, "0", "1-1", "1-2", "2-0", "5", "1800000000000-0") }

func (w drawer) expiry() drivers.Expiry {
	return draw(w, drivers.Expiry{}, drivers.Expiry{}, drivers.Expiry{}, drivers.Expiry{}, drivers.Expiry{}, drivers.Expiry{Mode: drivers.ClearTTL},
		drivers.In(time.Hour), drivers.At(now.Add(time.Minute)), drivers.At(now.Add(-time.Minute)), drivers.In(0), drivers.Expiry{Mode: 9})
}

func (w drawer) scores(n int) []float64 {
	scores := make([]float64, max(n, 0))
	for i := range scores {
		scores[i] = draw(w, math.Inf(-1), -1, 0, 0.5, 1, 2, 3, math.Inf(1))
	}
	return scores
}

// command draws one for a key, or another of its type.
func (w drawer) command(effect drivers.Effect) drivers.Command {
	key := draw(w, w.keys...)
	cmd := drivers.Command{Op: draw(w, ofType(key, effect)...), Key: key, Values: w.values(), Expiry: w.expiry(), Value: draw(w, w.element(), w.element(), w.element(), "*", "OR", "NOT"), If: drivers.Condition(w.IntN(20) / 5), Stop: int64(draw(w, 0, 1, 2, -1, -2)), Reverse: w.IntN(2) == 0, Bits: drivers.BitType{Width: uint8(draw(w, 1, 5, 8, 63, 64)), Signed: true, Overflow: drivers.Overflow(w.IntN(3))}, Start: int64(draw(w, 0, 0, 1, 2, 9, -1)), Amount: draw[int64](w, 0, 1, 2, 3, -1, 16, 256, 1<<62), Extra: &drivers.Extra{Expected: w.element(), Min: draw(w, "", "-", "-inf", "1", "(1", "[1"), Max: draw(w, "", "+", "+inf", "2", "[2")}}
	for range w.IntN(3) {
		other := draw(w, w.keys...)
		if other[0] == key[0] || w.IntN(10) == 0 {
			cmd.OwnExtra().Keys = append(cmd.Keys(), other)
		}
	}
	w.suit(&cmd)
	if key[:2] == "c:" {
		w.index(&cmd)
	}
	return cmd
}

// suit gives a command arguments that its Op may accept.
func (w drawer) suit(cmd *drivers.Command) {
	switch op := cmd.Op; {
	case op.Paged():
		cmd.Start, cmd.Amount = 0, 1000 // one page
	case op == drivers.OpHSet || op == drivers.OpHReplace || op == drivers.OpXAdd:
		cmd.Values = append(cmd.Values, cmd.Values...)
	case op == drivers.OpHCompareAndSet:
		cmd.Amount = draw[int64](w, 0, 2)
		cmd.Values = append([]string{"1", w.element()}, "2", "3")
	case op == drivers.OpZIncrBy:
		cmd.OwnExtra().Scores = w.scores(1)
	case op == drivers.OpGeoAdd:
		cmd.OwnExtra().Scores = make([]float64, 2*len(cmd.Values))
	case op == drivers.OpGeoSearch:
		cmd.Values, cmd.OwnExtra().Scores = nil, []float64{0, 0, 1000}
	case op == drivers.OpGeoDist:
		cmd.Values = []string{"1", "2"}
	case op >= drivers.OpZUnion && op <= drivers.OpZDiffStore:
		cmd.Value = draw(w, "", "SUM", "MAX")
	case op >= drivers.OpZAdd && op <= drivers.OpZDiffStore:
		cmd.OwnExtra().Scores = w.scores(len(cmd.Values))
	}
	if cmd.Op >= drivers.OpXAdd && cmd.Op <= drivers.OpXAutoClaim {
		w.suitStream(cmd)
	}
}

func (w drawer) suitStream(cmd *drivers.Command) {
	extra := cmd.OwnExtra()
	extra.Min, extra.Max, cmd.Start = draw(w, "", "1-1", "2"), draw(w, "", "1-2", "3"), 0
	switch cmd.Op {
	case drivers.OpXAdd:
		cmd.Value = draw(w, "*", "*", "*", w.id())
	case drivers.OpXRead:
		cmd.Value = w.id()
	case drivers.OpXDel:
		cmd.Values = []string{w.id(), w.id()}
	case drivers.OpXAck:
		cmd.Value, cmd.Values = draw(w, "g", "h"), []string{w.id(), w.id(), "1800000000000-0", "1800000000000-1"}[w.IntN(4):]
	default:
		cmd.Value, cmd.OwnExtra().Expected = draw(w, "g", "h"), draw(w, "0", "1-1")
		switch cmd.Op {
		case drivers.OpXPending:
			cmd.OwnExtra().Expected, cmd.Amount = "", draw[int64](w, 0, 1, 5)
		case drivers.OpXReadGroup:
			cmd.OwnExtra().Min = drivers.NewEntries
		default:
		}
	}
}

// index makes a command one below a store with an index.
func (w drawer) index(cmd *drivers.Command) {
	if cmd.Op.Effect() != drivers.Writes {
		return
	}
	cmd.OwnExtra().Keys = nil
	ix := drivers.Index{Key: cmd.Key, Registry: "reg", ID: cmd.Key[2:], Whole: true, Names: []string{"u", "v"}}
	if cmd.Op.MayGiveEntries() {
		for range w.IntN(3) {
			ix.Entries = append(ix.Entries, drivers.Entry{Name: draw(w, "u", "v"), Value: draw(w, "x;", "y;", "z;"), Unique: w.IntN(3) > 0})
		}
	}
	cmd.OwnExtra().Indexes = []drivers.Index{ix}
}

// loss is that of a registry or an index.
func (w drawer) loss() drivers.Command {
	return drivers.Command{Op: drivers.OpDelete, Key: draw(w, "reg", "reg::u", "reg::v")}
}

// bookkeeping draws a read of the registry or an index.
func (w drawer) bookkeeping() drivers.Command {
	return draw(w,
		drivers.Command{Op: drivers.OpHGetAll, Key: "reg"}, drivers.Command{Op: drivers.OpHLen, Key: "reg"}, drivers.Command{Op: drivers.OpExists, Key: "reg"},
		drivers.Command{Op: drivers.OpZRange, Key: "reg::u", Stop: -1},
		drivers.Command{Op: drivers.OpZRangeByLex, Key: "reg::v", Extra: &drivers.Extra{Min: "[x;", Max: "+"}})
}
