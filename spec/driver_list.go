package spec

import (
	"fmt"
	"math"

	"github.com/kvstore-go/kvstore/drivers"
)

var listKind = kind{"list", rpush("k", "old")}

// lists are a list, from the left.
func lists(elements ...string) content { return content{value: fmt.Sprintf("list %q", elements)} }

func lpush(key string, elements ...string) drivers.Command {
	return drivers.Command{Op: drivers.OpLPush, Key: key, Values: elements}
}

func rpush(key string, elements ...string) drivers.Command {
	return drivers.Command{Op: drivers.OpRPush, Key: key, Values: elements}
}

// rpushFor is rpush with a time to live.
func rpushFor(key string, elements ...string) drivers.Command {
	return lasting(rpush(key, elements...))
}

// lasting gives a command a time to live of an hour.
func lasting(cmd drivers.Command) drivers.Command {
	cmd.Expiry = in(hour)
	return cmd
}

// capped gives a command that adds to a list a cap.
func capped(n int64, cmd drivers.Command) drivers.Command {
	cmd.Amount = n
	return cmd
}

func lreplace(condition drivers.Condition, elements ...string) drivers.Command {
	return drivers.Command{Op: drivers.OpLReplace, Key: "k", Values: elements, If: condition}
}

func lpop(n int64) drivers.Command {
	return drivers.Command{Op: drivers.OpLPop, Key: "k", Amount: n}
}
func rpop(n int64) drivers.Command {
	return drivers.Command{Op: drivers.OpRPop, Key: "k", Amount: n}
}

// lmpop takes from the first of several lists that is there.
func lmpop(n int64, key string, others ...string) drivers.Command {
	return drivers.Command{Op: drivers.OpLMPop, Key: key, Extra: &drivers.Extra{Keys: others}, Amount: n}
}

func lindex(i int64) drivers.Command {
	return drivers.Command{Op: drivers.OpLIndex, Key: "k", Start: i}
}

func lset(i int64, element string) drivers.Command {
	return drivers.Command{Op: drivers.OpLSet, Key: "k", Start: i, Value: element}
}

func linsert(behind bool, pivot, element string) drivers.Command {
	return drivers.Command{Op: drivers.OpLInsert, Key: "k", Extra: &drivers.Extra{Expected: pivot}, Value: element, Reverse: behind}
}

func lrem(n int64, element string) drivers.Command {
	return drivers.Command{Op: drivers.OpLRem, Key: "k", Value: element, Amount: n}
}

func lrange(start, stop int64) drivers.Command {
	return drivers.Command{Op: drivers.OpLRange, Key: "k", Start: start, Stop: stop}
}

func ltrim(start, stop int64) drivers.Command {
	return drivers.Command{Op: drivers.OpLTrim, Key: "k", Start: start, Stop: stop}
}

func lpos(element string, rank, most, among int64) drivers.Command {
	return drivers.Command{Op: drivers.OpLPos, Key: "k", Value: element, Start: rank, Amount: most, Stop: among}
}

// The ends of a list, as OpLMove has them.
const (
	leftEnd  int64 = 0
	rightEnd int64 = -1
)

func lmove(key, to string, from, toEnd int64) drivers.Command {
	return drivers.Command{Op: drivers.OpLMove, Key: key, Extra: &drivers.Extra{Keys: []string{to}}, Start: from, Stop: toEnd}
}

func listFamily() family {
	size := func(n int64) drivers.Reply { return drivers.Reply{Int: n} }
	return family{
		kind: listKind, all: lrange(0, -1), size: command(drivers.OpLLen),
		content: func(reply drivers.Reply) (string, int) { return lists(reply.Values...).value, len(reply.Values) },
		examples: []example{
			{lpush("k", "new"), listKind, "Values Amount Expiry"},
			{rpush("k", "new"), listKind, "Values Amount Expiry"},
			{lreplace(drivers.Always, "new"), listKind, "Values If Expiry"},
			{lpop(1), listKind, "Amount"},
			{rpop(1), listKind, "Amount"},
			{lmpop(1, "k", "other"), listKind, "Keys Reverse Amount"},
			{command(drivers.OpLLen), listKind, ""},
			{lindex(0), listKind, "Start"},
			{lset(0, "new"), listKind, "Start Value"},
			{linsert(false, "old", "new"), listKind, "Expected Value Reverse Amount"},
			{lrem(0, "old"), listKind, "Value Amount"},
			{lrange(0, -1), listKind, "Start Stop"},
			{ltrim(0, 0), listKind, "Start Stop"},
			{lpos("old", 1, 0, 0), listKind, "Value Start Amount Stop"},
			{lmove("k", "other", leftEnd, rightEnd), listKind, "Keys Start Stop Amount Expiry"},
		},
		writers: []writer{
			{cmd: lpush("k", "new"), existing: rpush("k", "old"), want: size(2), changed: lists("new", "old"), absent: true, made: lists("new"), reply: size(1)},
			{cmd: rpush("k", "new"), existing: rpush("k", "old"), want: size(2), changed: lists("old", "new"), absent: true, made: lists("new"), reply: size(1)},
			{cmd: lreplace(drivers.Always, "new"), replaces: true, existing: rpush("k", "old"), want: size(1), changed: lists("new"), absent: true, made: lists("new"), reply: size(1)},
			{cmd: lmove("source", "k", leftEnd, rightEnd), others: given(rpush("source", "new", "rest")), existing: rpush("k", "old"),
				want: drivers.Reply{Value: "new"}, changed: lists("old", "new"), aside: then{"source": lists("rest")},
				absent: true, made: lists("new"), reply: drivers.Reply{Value: "new"}},
		},
		checks: func(Harness) []check {
			return slicesOf(pushChecks(), listReplaceChecks(), listPopChecks(), popAnyChecks(), elementChecks(), insertChecks(), listRemoveChecks(), listRangeChecks(), matchChecks(), moveElementChecks())
		},
	}
}

func pushChecks() []check {
	many := manyMembers(20_000) // more than one command of a script takes
	return slicesOf(rows(
		row{says: "puts elements one after the other in front", given: given(rpush("k", "a")), when: lpush("k", "b", "c"), want: drivers.Reply{Int: 3}, then: then{"k": lists("c", "b", "a")}},
		row{says: "keeps a time to live", given: given(rpushFor("k", "a")), when: lpush("k", "b"), want: drivers.Reply{Int: 2}, then: then{"k": lists("b", "a").kept()}},
		row{says: "drops with a cap what is beyond it at the right end", given: given(rpushFor("k", "a", "b")), when: capped(3, lpush("k", "c", "d")),
			want: drivers.Reply{Int: 3}, then: then{"k": lists("d", "c", "a").kept()}},
		row{says: "drops with a cap even of its own elements", when: capped(1, lpush("k", "a", "b")), want: drivers.Reply{Int: 1}, then: then{"k": lists("b")}},
		row{says: "drops with a cap, and starts a time to live", given: given(rpush("k", "a")), when: lasting(capped(1, lpush("k", "b"))),
			want: drivers.Reply{Int: 1}, then: then{"k": lists("b").lasting(hour)}},
		row{says: "drops with a cap, and keeps a time to live that is there", given: given(rpushFor("k", "a")), when: capped(1, rpushFor("k", "b")),
			want: drivers.Reply{Int: 1}, then: then{"k": lists("b").kept()}},
		row{says: "drops nothing below the cap", given: given(rpush("k", "a")), when: capped(math.MaxInt64, lpush("k", "b")), want: drivers.Reply{Int: 2}, then: then{"k": lists("b", "a")}},
		row{says: "is ErrInvalid without elements", given: given(rpush("k", "a")), when: lpush("k"), err: drivers.ErrInvalid},
		row{says: "is ErrInvalid with a negative cap", given: given(rpush("k", "a")), when: capped(-1, lpush("k", "b")), err: drivers.ErrInvalid},

		row{says: "puts elements behind", given: given(rpush("k", "a")), when: rpush("k", "b", "", "b"), want: drivers.Reply{Int: 4}, then: then{"k": lists("a", "b", "", "b")}},
		row{says: "makes a list", when: rpush("k", "\x00\xff", "1", "01"), want: drivers.Reply{Int: 3}, then: then{"k": lists("\x00\xff", "1", "01")}},
		row{says: "drops with a cap what is beyond it at the left end", given: given(rpush("k", "a", "b")), when: capped(3, rpush("k", "c", "d")),
			want: drivers.Reply{Int: 3}, then: then{"k": lists("b", "c", "d")}},
		row{says: "is ErrInvalid without elements", given: given(rpush("k", "a")), when: rpush("k"), err: drivers.ErrInvalid},
		row{says: "is ErrInvalid with a negative cap", given: given(rpush("k", "a")), when: capped(-1, rpush("k", "b")), err: drivers.ErrInvalid},
	), []check{
		about(drivers.OpRPush, "takes many elements at once", func(t *trial) {
			t.replies(t.must(rpush("k", many...)), drivers.Reply{Int: int64(len(many))})
			t.changed("k", sight{}, lists(many...), 0, 0)
		}),
		about(drivers.OpRPush, "takes many elements at once, with a cap and a time to live", func(t *trial) {
			cmd := capped(10_000, rpushFor("k", many...))
			start := t.now()
			t.replies(t.must(cmd), drivers.Reply{Int: 10_000})
			t.changed("k", sight{}, lists(many[10_000:]...).lasting(hour), start, t.now())
		}),
		about(drivers.OpLPush, "takes large elements among small ones", func(t *trial) {
			large := fmt.Sprintf("%9000d", 1)
			t.given(lpush("k", "a", large, "b", large), rpush("k", large, "c"))
			t.changed("k", sight{}, lists(large, "b", large, "a", large, "c"), 0, 0)
		}),
	})
}

func listReplaceChecks() []check {
	existing := given(rpushFor("k", "a", "b"))
	return rows(
		row{says: "makes a list", when: lreplace(drivers.Always, "b", "a", "b"), want: drivers.Reply{Int: 3}, then: then{"k": lists("b", "a", "b")}},
		row{says: "replaces all there was and keeps its time to live", given: existing, when: lreplace(drivers.Always, "c"), want: drivers.Reply{Int: 1}, then: then{"k": lists("c").kept()}},
		row{says: "without elements removes the key", given: existing, when: lreplace(drivers.Always), want: drivers.Reply{Int: 0}, then: then{"k": gone}},
		row{says: "without elements leaves an absent key absent", when: lreplace(drivers.Always), want: drivers.Reply{Int: 0}},
		row{says: "with IfAbsent is refused where there is a list", given: existing, when: lreplace(drivers.IfAbsent, "c"), want: drivers.Reply{Nil: true}},
		row{says: "with IfExists is refused where there is none", when: lreplace(drivers.IfExists, "c"), want: drivers.Reply{Nil: true}},
		row{says: "with IfExists replaces a list", given: existing, when: lreplace(drivers.IfExists, "c"), want: drivers.Reply{Int: 1}, then: then{"k": lists("c").kept()}},
		row{says: "is ErrInvalid with an unknown If", given: existing, when: lreplace(drivers.IfExists+1, "c"), err: drivers.ErrInvalid},
	)
}

func listPopChecks() []check {
	three := given(rpushFor("k", "a", "b", "c"))
	return rows(
		row{says: "answers Nil for an absent key (row 23)", when: lpop(1), want: drivers.Reply{Nil: true}},
		row{says: "of 0 answers Nil for an absent key (row 23)", when: lpop(0), want: drivers.Reply{Nil: true}},
		row{says: "of 0 takes nothing out of a list (row 23)", given: three, when: lpop(0), want: drivers.Reply{}},
		row{says: "takes elements out from the left", given: three, when: lpop(2), want: drivers.Reply{Values: []string{"a", "b"}}, then: then{"k": lists("c").kept()}},
		row{says: "of all elements removes the key (row 21)", given: three, when: lpop(math.MaxInt64), want: drivers.Reply{Values: []string{"a", "b", "c"}}, then: then{"k": gone}},
		row{says: "is ErrInvalid with a negative count (row 23)", given: three, when: lpop(-1), err: drivers.ErrInvalid},

		row{says: "answers Nil for an absent key (row 23)", when: rpop(1), want: drivers.Reply{Nil: true}},
		row{says: "takes elements out from the right", given: three, when: rpop(2), want: drivers.Reply{Values: []string{"c", "b"}}, then: then{"k": lists("a").kept()}},
		row{says: "of all elements removes the key (row 21)", given: three, when: rpop(4), want: drivers.Reply{Values: []string{"c", "b", "a"}}, then: then{"k": gone}},
		row{says: "is ErrInvalid with a negative count (row 23)", given: three, when: rpop(-1), err: drivers.ErrInvalid},
	)
}

func popAnyChecks() []check {
	both := given(rpushFor("k", "a", "b", "c"), rpush("low", "d"))
	popped := func(place int64, elements ...string) drivers.Reply {
		return drivers.Reply{Int: place, Values: elements}
	}
	return rows(
		row{says: "answers Nil where all keys are absent", when: lmpop(1, "k", "low"), want: drivers.Reply{Nil: true}},
		row{says: "takes from the first key, where that is there, alone", given: both, when: lmpop(2, "k", "low"), want: popped(0, "a", "b"), then: then{"k": lists("c").kept()}},
		row{says: "takes from the right", given: both, when: backwards(lmpop(2, "k", "low")), want: popped(0, "c", "b"), then: then{"k": lists("a").kept()}},
		row{says: "takes from the next that is there, and tells its place", given: both, when: lmpop(1, "high", "none", "low", "k"), want: popped(2, "d"), then: then{"low": gone}},
		row{says: "of all elements removes the key, and takes none from the next", given: both, when: lmpop(9, "k", "low"), want: popped(0, "a", "b", "c"), then: then{"k": gone}},
		row{says: "of a key that comes twice tells the first place", given: both, when: lmpop(1, "high", "low", "low"), want: popped(1, "d"), then: then{"low": gone}},
		row{says: "of one key is a pop", given: both, when: lmpop(1, "low"), want: popped(0, "d"), then: then{"low": gone}},
		row{says: "is ErrWrongType where a string comes before a list", given: given(put("k", "v"), rpush("low", "a")), when: lmpop(1, "high", "k", "low"), err: drivers.ErrWrongType},
		row{says: "looks at none behind the one it takes from", given: given(rpush("low", "a"), put("k", "v")), when: lmpop(1, "high", "low", "k"), want: popped(1, "a"), then: then{"low": gone}},
		row{says: "is ErrInvalid of no elements", given: both, when: lmpop(0, "k", "low"), err: drivers.ErrInvalid},
		row{says: "is ErrInvalid with a negative count", given: both, when: lmpop(-1, "k", "low"), err: drivers.ErrInvalid},
	)
}

func elementChecks() []check {
	three := given(rpushFor("k", "a", "b", "c"))
	length := command(drivers.OpLLen)
	return slicesOf(rows(
		row{says: "is 0 for an absent key", when: length, want: drivers.Reply{Int: 0}},
		row{says: "counts the elements", given: three, when: length, want: drivers.Reply{Int: 3}},

		row{says: "is Nil for an absent key", when: lindex(0), want: drivers.Reply{Nil: true}},
		row{says: "counts from the left", given: three, when: lindex(2), want: drivers.Reply{Value: "c"}},
		row{says: "counts negative places from the right", given: three, when: lindex(-3), want: drivers.Reply{Value: "a"}},
		row{says: "is Nil beyond the right end", given: three, when: lindex(3), want: drivers.Reply{Nil: true}},
		row{says: "is Nil beyond the left end", given: three, when: lindex(math.MinInt64), want: drivers.Reply{Nil: true}},
		row{says: "answers an empty element", given: given(rpush("k", "")), when: lindex(0), want: drivers.Reply{}},

		row{says: "is 0 for an absent key (row 25)", when: lset(0, "x"), want: drivers.Reply{Int: 0}},
		row{says: "is -1 beyond the ends (row 25)", given: three, when: lset(3, "x"), want: drivers.Reply{Int: -1}},
		row{says: "is -1 beyond the left end (row 25)", given: three, when: lset(-4, "x"), want: drivers.Reply{Int: -1}},
		row{says: "replaces an element", given: three, when: lset(1, "x"), want: drivers.Reply{Int: 1}, then: then{"k": lists("a", "x", "c").kept()}},
		row{says: "replaces an element counted from the right", given: three, when: lset(-1, ""), want: drivers.Reply{Int: 1}, then: then{"k": lists("a", "b", "").kept()}},
		row{says: "is ErrInvalid at a place beyond 32 bits, which Redis 7.2 would cut off", given: three, when: lset(1<<32, "x"), err: drivers.ErrInvalid, then: then{"k": lists("a", "b", "c").kept()}},
	), []check{about(drivers.OpLSet, "finds every place of a long list, and takes large elements", func(t *trial) {
		many := manyMembers(1000)
		t.given(rpush("k", many...))
		for i := range many {
			t.replies(t.must(lindex(int64(i-len(many)))), drivers.Reply{Value: many[i]})
			if i%3 == 0 {
				many[i] = fmt.Sprintf("%d%2000d", i, i)
				t.must(lset(int64(i), many[i]))
			}
		}
		t.changed("k", sight{}, lists(many...), 0, 0)
	})})
}

func insertChecks() []check {
	list := given(rpushFor("k", "a", "b", "a"))
	return slicesOf(rows(
		row{says: "is 0 for an absent key (row 25)", when: linsert(false, "a", "x"), want: drivers.Reply{Int: 0}},
		row{says: "is -1 where there is no pivot (row 25)", given: list, when: linsert(false, "z", "x"), want: drivers.Reply{Int: -1}},
		row{says: "puts an element in front of the first pivot", given: list, when: linsert(false, "a", "x"), want: drivers.Reply{Int: 4}, then: then{"k": lists("x", "a", "b", "a").kept()}},
		row{says: "puts an element behind the first pivot", given: list, when: linsert(true, "a", "x"), want: drivers.Reply{Int: 4}, then: then{"k": lists("a", "x", "b", "a").kept()}},
		row{says: "drops with a cap what is beyond it at the left end", given: list, when: capped(3, linsert(true, "b", "x")), want: drivers.Reply{Int: 3}, then: then{"k": lists("b", "x", "a").kept()}},
		row{says: "drops nothing where there is no pivot", given: list, when: capped(1, linsert(true, "z", "x")), want: drivers.Reply{Int: -1}},
		row{says: "is ErrInvalid with a negative cap", given: list, when: capped(-1, linsert(true, "b", "x")), err: drivers.ErrInvalid},
	), []check{about(drivers.OpLInsert, "puts elements in the middle of a long list", func(t *trial) {
		want := manyMembers(300)
		t.given(rpush("k", want...))
		for i := range 400 {
			element := fmt.Sprint("new", i)
			t.must(linsert(true, want[150], element))
			want = append(want[:151:151], append([]string{element}, want[151:]...)...)
		}
		t.changed("k", sight{}, lists(want...), 0, 0)
	})})
}

func listRemoveChecks() []check {
	list := given(rpushFor("k", "a", "b", "a", "c", "a"))
	return rows(
		row{says: "is 0 for an absent key", when: lrem(0, "a"), want: drivers.Reply{Int: 0}},
		row{says: "of 0 takes all equal elements out", given: list, when: lrem(0, "a"), want: drivers.Reply{Int: 3}, then: then{"k": lists("b", "c").kept()}},
		row{says: "of a number begins at the left", given: list, when: lrem(2, "a"), want: drivers.Reply{Int: 2}, then: then{"k": lists("b", "c", "a").kept()}},
		row{says: "of a negative number begins at the right", given: list, when: lrem(-2, "a"), want: drivers.Reply{Int: 2}, then: then{"k": lists("a", "b", "c").kept()}},
		row{says: "of more than there are takes all out", given: list, when: lrem(math.MaxInt64, "a"), want: drivers.Reply{Int: 3}, then: then{"k": lists("b", "c").kept()}},
		row{says: "of the most negative number takes all out", given: list, when: lrem(math.MinInt64, "a"), want: drivers.Reply{Int: 3}, then: then{"k": lists("b", "c").kept()}},
		row{says: "of what is not there changes nothing", given: list, when: lrem(0, "z"), want: drivers.Reply{Int: 0}},
		row{says: "of the last element removes the key (row 21)", given: given(rpushFor("k", "a", "a")), when: lrem(0, "a"), want: drivers.Reply{Int: 2}, then: then{"k": gone}},
	)
}

func listRangeChecks() []check {
	list := given(rpushFor("k", "a", "b", "c", "d"))
	return rows(
		row{says: "is empty for an absent key", when: lrange(0, -1), want: drivers.Reply{}},
		row{says: "answers from the first to the last, both included", given: list, when: lrange(1, 2), want: drivers.Reply{Values: []string{"b", "c"}}},
		row{says: "counts negative places from the right", given: list, when: lrange(-3, -2), want: drivers.Reply{Values: []string{"b", "c"}}},
		row{says: "ends at the ends", given: list, when: lrange(math.MinInt64, math.MaxInt64), want: drivers.Reply{Values: []string{"a", "b", "c", "d"}}},
		row{says: "is empty where the end comes first", given: list, when: lrange(2, 1), want: drivers.Reply{}},
		row{says: "is empty beyond the ends", given: list, when: lrange(4, 9), want: drivers.Reply{}},

		row{says: "of an absent key does nothing", when: ltrim(0, 1), want: drivers.Reply{}},
		row{says: "leaves what is in the range", given: list, when: ltrim(1, -2), want: drivers.Reply{}, then: then{"k": lists("b", "c").kept()}},
		row{says: "to all leaves all", given: list, when: ltrim(0, -1), want: drivers.Reply{}},
		row{says: "to an empty range removes the key (row 27)", given: list, when: ltrim(2, 1), want: drivers.Reply{}, then: then{"k": gone}},
		row{says: "to a range beyond the end removes the key (row 27)", given: list, when: ltrim(4, 9), want: drivers.Reply{}, then: then{"k": gone}},
	)
}

func matchChecks() []check {
	list := given(rpush("k", "a", "b", "a", "c", "a"))
	none, all := drivers.Reply{}, drivers.Reply{Ints: []int64{0, 2, 4}}
	at := func(places ...int64) drivers.Reply { return drivers.Reply{Ints: places} }
	return rows(
		row{says: "is empty for an absent key", when: lpos("a", 1, 1, 0), want: none},
		row{says: "is empty for what is not there", given: list, when: lpos("z", 1, 0, 0), want: none},
		row{says: "answers the first match", given: list, when: lpos("a", 1, 1, 0), want: at(0)},
		row{says: "of 0 answers all matches (row 24)", given: list, when: lpos("a", 1, 0, 0), want: all},
		row{says: "begins with the match of that rank", given: list, when: lpos("a", 2, 0, 0), want: at(2, 4)},
		row{says: "of a negative rank goes from the right", given: list, when: lpos("a", -1, 2, 0), want: at(4, 2)},
		row{says: "of a negative rank begins with that match from the right", given: list, when: lpos("a", -3, 0, 0), want: at(0)},
		row{says: "looks at only so many elements", given: list, when: lpos("a", 1, 0, 4), want: at(0, 2)},
		row{says: "looks at only so many elements from the right", given: list, when: lpos("a", -1, 0, 1), want: at(4)},
		row{says: "is empty beyond the last match", given: list, when: lpos("a", math.MaxInt64, 0, 0), want: none},
		row{says: "is ErrInvalid with the rank 0 (row 24)", given: list, when: lpos("a", 0, 0, 0), err: drivers.ErrInvalid},
		row{says: "is ErrInvalid with the most negative rank", given: list, when: lpos("a", math.MinInt64, 0, 0), err: drivers.ErrInvalid},
		row{says: "is ErrInvalid with a negative count", given: list, when: lpos("a", 1, -1, 0), err: drivers.ErrInvalid},
		row{says: "is ErrInvalid with a negative number to look at", given: list, when: lpos("a", 1, 0, -1), err: drivers.ErrInvalid},
	)
}

func moveElementChecks() []check {
	both := given(rpushFor("k", "a", "b"), rpush("dest", "c"))
	value := func(element string) drivers.Reply { return drivers.Reply{Value: element} }
	return rows(
		row{says: "of an absent key answers Nil and makes nothing", when: lmove("k", "dest", leftEnd, leftEnd), want: drivers.Reply{Nil: true}},
		row{says: "of an absent key answers Nil, whatever the destination is", given: given(put("dest", "v")), when: lmove("k", "dest", leftEnd, leftEnd), want: drivers.Reply{Nil: true}},
		row{says: "takes from the left and puts at the left", given: both, when: lmove("k", "dest", leftEnd, leftEnd), want: value("a"), then: then{"k": lists("b").kept(), "dest": lists("a", "c")}},
		row{says: "takes from the left and puts at the right", given: both, when: lmove("k", "dest", leftEnd, rightEnd), want: value("a"), then: then{"k": lists("b").kept(), "dest": lists("c", "a")}},
		row{says: "takes from the right and puts at the left", given: both, when: lmove("k", "dest", rightEnd, leftEnd), want: value("b"), then: then{"k": lists("a").kept(), "dest": lists("b", "c")}},
		row{says: "takes from the right and puts at the right", given: both, when: lmove("k", "dest", rightEnd, rightEnd), want: value("b"), then: then{"k": lists("a").kept(), "dest": lists("c", "b")}},
		row{says: "makes the destination, and removes a source that is empty (row 21)", given: given(rpushFor("k", "a")), when: lmove("k", "dest", leftEnd, leftEnd),
			want: value("a"), then: then{"k": gone, "dest": lists("a")}},
		row{says: "to itself rotates (row 26)", given: given(rpushFor("k", "a", "b", "c")), when: lmove("k", "k", leftEnd, rightEnd), want: value("a"), then: then{"k": lists("b", "c", "a").kept()}},
		row{says: "of a single element to itself leaves the list (row 26)", given: given(rpushFor("k", "a")), when: lmove("k", "k", rightEnd, leftEnd), want: value("a")},
		row{says: "is ErrWrongType where the destination is a string, and takes nothing out (row 26)", given: given(rpush("k", "a"), put("dest", "v")),
			when: lmove("k", "dest", leftEnd, leftEnd), err: drivers.ErrWrongType},
		row{says: "drops with a cap what is beyond it at the other end", given: given(rpush("k", "a"), rpush("dest", "c", "d", "e")), when: capped(2, lmove("k", "dest", leftEnd, leftEnd)),
			want: value("a"), then: then{"k": gone, "dest": lists("a", "c")}},
		row{says: "at the right drops with a cap at the left", given: given(rpush("k", "a"), rpush("dest", "c", "d", "e")), when: capped(2, lmove("k", "dest", leftEnd, rightEnd)),
			want: value("a"), then: then{"k": gone, "dest": lists("e", "a")}},
		row{says: "drops with a cap, and starts a time to live", given: given(rpush("k", "a", "b"), rpush("dest", "c", "d")), when: lasting(capped(2, lmove("k", "dest", leftEnd, leftEnd))),
			want: value("a"), then: then{"k": lists("b"), "dest": lists("a", "c").lasting(hour)}},
		row{says: "of an absent key drops nothing", given: given(rpush("dest", "c", "d")), when: capped(1, lmove("k", "dest", leftEnd, leftEnd)), want: drivers.Reply{Nil: true}},
		row{says: "is ErrInvalid without a destination", given: both, when: drivers.Command{Op: drivers.OpLMove, Key: "k"}, err: drivers.ErrInvalid},
		row{says: "is ErrInvalid from what is no end", given: both, when: lmove("k", "dest", 1, leftEnd), err: drivers.ErrInvalid},
		row{says: "is ErrInvalid to what is no end", given: both, when: lmove("k", "dest", leftEnd, -2), err: drivers.ErrInvalid},
		row{says: "is ErrInvalid with a negative cap", given: both, when: capped(-1, lmove("k", "dest", leftEnd, leftEnd)), err: drivers.ErrInvalid},
	)
}
