package spec

import (
	"fmt"
	"strings"

	"github.com/onsi/gomega"

	"github.com/kvstore-go/kvstore/drivers"
)

// awkward are strings that some store, protocol or pattern has stumbled over.
var awkward = []string{
	"", "\x00", "a\x00b", "\xff\xfe\x80", "\xc3\x28", " ", " a ", "\n", "a\r\nb", "*1\r\n$4\r\nPING\r\n", "$-1\r\n", "-ERR no", "+OK", "nil",
	":", "a:b", "::", "*", "a*", "?", "[a-z]", "[^a]", "]", `\`, `\*`, "{", "}", "{}", "{}a", "{a", "a{b}c", "{a}{b}", "%", "%3A", "%s%d", "\"'`", "..",
	"0", "01", "-1", "18446744073709551616", "1e3", "NaN", "ünïcödé", "日本", "🙂", "\u202e", "A", "a", "a\x7f",
	strings.Repeat("\x00", 100), strings.Repeat("long:", 1000), strings.Repeat("x", 1<<20),
}

// byteChecks: values, members and keys are bytes, whatever they look like.
func byteChecks(Harness) []check {
	var checks []check
	for _, text := range awkward {
		says := fmt.Sprintf("%q is a value, a member and a key like any other", shorten(text))
		checks = append(checks, check{about: "binary safety", says: says, run: func(t *trial) {
			t.holdsAnyValue(text)
			t.holdsAnyMember(text)
			t.holdsUnderAnyKey(text)
		}})
	}
	return append(checks,
		check{about: "binary safety", says: "keeps all those values as members of one set", run: func(t *trial) {
			t.replies(t.must(fill("k", awkward...)), drivers.Reply{Int: int64(len(awkward))})
			t.changed("k", sight{}, contains(awkward...), 0, 0)
		}},
		check{about: "binary safety", says: "keeps all those keys apart", run: func(t *trial) {
			for i, key := range awkward {
				_, err := t.Driver.Do(t.ctx, put(key, fmt.Sprint(i)))
				t.Expect(err).NotTo(gomega.HaveOccurred())
			}
			for i, key := range awkward {
				reply, err := t.Driver.Do(t.ctx, get(key))
				t.Expect(err).NotTo(gomega.HaveOccurred())
				t.replies(reply, drivers.Reply{Value: fmt.Sprint(i)}, "the key %q", shorten(key))
			}
		}})
}

func (t *trial) holdsAnyValue(text string) {
	t.given(put("k", text))
	t.replies(t.must(get("k")), drivers.Reply{Value: text})
	t.replies(t.must(drivers.Command{Op: drivers.OpSwap, Key: "k", Value: text + "2"}), drivers.Reply{Value: text})
	t.replies(t.must(drivers.Command{Op: drivers.OpCompareAndSwap, Key: "k", Extra: &drivers.Extra{Expected: text + "2"}, Value: text}), drivers.Reply{Int: 1})
	t.replies(t.must(drivers.Command{Op: drivers.OpAppend, Key: "k", Value: text}), drivers.Reply{Int: 2 * int64(len(text))})
	t.replies(t.must(get("k")), drivers.Reply{Value: text + text})
}

func (t *trial) holdsAnyMember(text string) {
	set := func(op drivers.Op) drivers.Command { return drivers.Command{Op: op, Key: "set", Value: text} }
	one := drivers.Reply{Int: 1}
	t.given(fill("set", "neighbour"))
	t.replies(t.must(fill("set", text)), one)
	t.replies(t.must(fill("set", text)), drivers.Reply{})
	t.replies(t.must(set(drivers.OpSIsMember)), one)
	t.replies(t.must(set(drivers.OpSMembers)), drivers.Reply{Values: []string{text, "neighbour"}})
	move := set(drivers.OpSMove)
	move.OwnExtra().Keys = []string{"dest"}
	t.replies(t.must(move), one)
	t.replies(t.must(drivers.Command{Op: drivers.OpSRem, Key: "dest", Values: []string{text}}), one)
	t.changed("dest", sight{}, gone, 0, 0)
}

func (t *trial) holdsUnderAnyKey(key string) {
	do := func(cmd drivers.Command) drivers.Reply {
		cmd.Key = key
		reply, err := t.Driver.Do(t.ctx, cmd)
		t.Expect(err).NotTo(gomega.HaveOccurred(), describe(cmd))
		return reply
	}
	t.replies(do(get("")), drivers.Reply{Nil: true})
	do(putFor(hour, "", "v"))
	t.replies(do(get("")), drivers.Reply{Value: "v"})
	t.Expect(do(ttl("")).Int).To(gomega.BeNumerically(">", 0))
	t.replies(do(replaceable("v", "w")), drivers.Reply{Int: 1})
	t.replies(do(drivers.Command{Op: drivers.OpDelete}), drivers.Reply{Int: 1})
	do(replace(drivers.Always, drivers.Expiry{}, "a"))
	t.replies(do(drivers.Command{Op: drivers.OpSMembers}), drivers.Reply{Values: []string{"a"}})
	t.replies(do(drivers.Command{Op: drivers.OpDelete}), drivers.Reply{Int: 1})
	t.replies(do(drivers.Command{Op: drivers.OpExists}), drivers.Reply{})
}

func replaceable(expected, value string) drivers.Command {
	return drivers.Command{Op: drivers.OpCompareAndSwap, Extra: &drivers.Extra{Expected: expected}, Value: value}
}
