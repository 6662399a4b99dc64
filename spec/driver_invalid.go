package spec

import (
	"fmt"
	"math"
	"reflect"
	"slices"
	"strings"

	"github.com/onsi/gomega"

	"github.com/kvstore-go/kvstore/drivers"
)

// invalidChecks are about arguments no driver accepts: they are refused before
// anything is changed. Those of single Ops are in their own tables.
func invalidChecks(h Harness) []check {
	checks := slicesOf(conditionRefusals(h), bitRefusals(h), setRefusals(), opRefusals(), lexRefusals(), indexRefusals(), strangerChecks())
	for _, wrong := range wrongExpiries {
		checks = append(checks, rows(row{says: "is ErrInvalid with " + wrong.says, given: given(putFor(hour, "k", "v")),
			when: drivers.Command{Op: drivers.OpExpire, Key: "k", Expiry: wrong.expiry}, err: drivers.ErrInvalid})...)
	}
	if h.Huge {
		checks = append(checks, hugeChecks()...)
	}
	return checks
}

func conditionRefusals(h Harness) []check {
	const unknown = drivers.IfExists + 1
	swap := drivers.Command{Op: drivers.OpSwap, Key: "k", Value: "new", If: unknown}
	set := put("k", "new")
	set.If = unknown
	var table []row
	for _, cmd := range []drivers.Command{set, swap, replace(unknown, drivers.Expiry{}, "new")} {
		existing := putFor(hour, "k", "old")
		if cmd.Op == drivers.OpSReplace {
			existing = fillFor(hour, "k", "old")
		}
		table = append(table,
			row{says: "is ErrInvalid with an unknown If", given: given(existing), when: cmd, err: drivers.ErrInvalid},
			row{says: "is ErrInvalid with an unknown If and an absent key", when: cmd, err: drivers.ErrInvalid})
	}
	return rows(table...)
}

func bitRefusals(h Harness) []check {
	var table []row
	existing := given(putFor(hour, "k", "old"))
	commands := func(kind drivers.BitType, start, stop int64) []drivers.Command {
		return []drivers.Command{bitGet(kind, start), bitSet(kind, start, 1), bitIncrement(kind, start, 1), bitRange(kind, start, stop)}
	}
	for _, wrong := range []struct {
		says string
		kind drivers.BitType
	}{
		{"width 0", drivers.BitType{}},
		{"signed width 0", drivers.BitType{Signed: true}},
		{"unsigned width 64 (row 38)", drivers.BitType{Width: 64}},
		{"signed width 65 (row 38)", drivers.BitType{Width: 65, Signed: true}},
		{"width 255", drivers.BitType{Width: 255, Signed: true}},
		{"an overflow there is not", drivers.BitType{Width: 8, Overflow: drivers.Fail + 1}},
		{"width 0 and an unknown overflow", drivers.BitType{Overflow: 255}},
	} {
		for _, cmd := range commands(wrong.kind, 0, 1) {
			table = append(table, row{says: "is ErrInvalid with " + wrong.says, given: existing, when: cmd, err: drivers.ErrInvalid})
		}
	}
	for _, slot := range []int64{-1, math.MinInt64, drivers.MaxBits / 8, math.MaxInt64} {
		for _, cmd := range commands(u8, slot, slot+1) {
			table = append(table, row{says: fmt.Sprintf("is ErrInvalid for slot %d of 8 bits", slot), given: existing, when: cmd, err: drivers.ErrInvalid})
		}
	}
	for _, slot := range []int64{drivers.MaxBits / 63, drivers.MaxBits} {
		for _, cmd := range commands(u63, slot, slot+1) {
			table = append(table, row{says: fmt.Sprintf("is ErrInvalid for slot %d of 63 bits, which would cross the end", slot), given: existing, when: cmd, err: drivers.ErrInvalid})
		}
	}
	for _, pair := range [][2]int64{{2, 1}, {-1, 1}, {-2, -1}, {0, -1}, {0, math.MaxInt64}, {math.MaxInt64, math.MinInt64}} {
		table = append(table, row{says: fmt.Sprintf("is ErrInvalid for slots %d to %d", pair[0], pair[1]), given: existing, when: bitRange(u8, pair[0], pair[1]), err: drivers.ErrInvalid})
	}
	return rows(table...)
}

func setRefusals() []check {
	existing := given(fillFor(hour, "k", "a", "b"))
	return rows(
		row{says: "is ErrInvalid below -MaxRepeats", given: existing, err: drivers.ErrInvalid,
			when: drivers.Command{Op: drivers.OpSRandMember, Key: "k", Amount: -drivers.MaxRepeats - 1}},
		row{says: "is ErrInvalid for the lowest number, which would end Redis", given: existing, err: drivers.ErrInvalid,
			when: drivers.Command{Op: drivers.OpSRandMember, Key: "k", Amount: math.MinInt64}},
		row{says: "is ErrInvalid with a negative cursor", given: existing, err: drivers.ErrInvalid,
			when: drivers.Command{Op: drivers.OpSScan, Key: "k", Start: -1}},
		row{says: "is ErrInvalid with KeepTTL", given: existing, when: drivers.Command{Op: drivers.OpExpire, Key: "k"}, err: drivers.ErrInvalid},
		row{says: "is ErrInvalid with ClearTTL", given: existing, when: drivers.Command{Op: drivers.OpExpire, Key: "k", Expiry: endless}, err: drivers.ErrInvalid},
	)
}

func opRefusals() []check {
	ops := drivers.Ops()
	var checks []check
	for _, op := range []drivers.Op{drivers.OpInvalid, ops[len(ops)-1] + 1, math.MaxUint8} {
		checks = append(checks, check{about: "an unknown Op", says: fmt.Sprintf("is ErrInvalid: %v", op), run: func(t *trial) {
			t.given(putFor(hour, "k", "v"))
			before := t.see("k")
			_, err := t.do(drivers.Command{Op: op, Key: "k", Value: "new"})
			t.fails(err, drivers.ErrInvalid)
			t.unchanged("k", before)
		}})
	}
	for _, op := range ops {
		if op.Effect() == drivers.Lists {
			checks = append(checks, about(op, "is for a Scanner: through Do it is refused", func(t *trial) {
				_, err := t.Driver.Do(t.ctx, drivers.Command{Op: op, Key: "users"})
				t.Expect(err).To(gomega.Or(gomega.MatchError(drivers.ErrInvalid), gomega.MatchError(unsupported)))
			}))
		}
	}
	return checks
}

// strangerChecks fill every field that an Op does not read with nonsense.
func strangerChecks() []check {
	var checks []check
	for _, e := range examples() {
		checks = append(checks, about(e.cmd.Op, "ignores the fields that are not its own", func(t *trial) {
			t.given(e.suits())
			want := t.must(e.cmd)
			after := t.see(e.cmd.Key)
			t.given(drivers.Command{Op: drivers.OpDelete, Key: e.cmd.Key}, drivers.Command{Op: drivers.OpDelete, Key: "other"}, e.suits())
			got := t.must(withNonsense(e))
			if e.cmd.Op != drivers.OpTTL && e.cmd.Op != drivers.OpTime { // which differ by themselves
				t.replies(got, want)
			}
			if e.cmd.Op != drivers.OpLockAcquire && e.cmd.Op != drivers.OpJobTake { // which store a moment
				t.Expect(t.see(e.cmd.Key).value).To(gomega.Equal(after.value))
			}
		}))
	}
	return checks
}

func withNonsense(e example) drivers.Command {
	reads := strings.Fields(e.reads)
	cmd, extra, nonsense := e.cmd, *e.cmd.OwnExtra(), drivers.Command{
		If: 99, Bits: drivers.BitType{Width: 99, Overflow: 99}, Expiry: drivers.Expiry{Mode: drivers.ExpireIn, Millis: -1},
		Pattern: "foo:bar:*", Value: "nonsense", Values: []string{"nonsense"}, Start: -99, Stop: -99, Amount: -99, Reverse: true,
		Extra: &drivers.Extra{
			Keys: []string{e.cmd.Key + "nonsense", "other"}, Expected: "nonsense", Scores: []float64{math.NaN()}, Min: "nonsense", Max: "nonsense",
		},
	}
	replace := func(fields, nonsense reflect.Value, except ...string) {
		for i := range fields.NumField() {
			if name := fields.Type().Field(i).Name; !slices.Contains(except, name) && !slices.Contains(reads, name) {
				fields.Field(i).Set(nonsense.Field(i))
			}
		}
	}
	replace(reflect.ValueOf(&cmd).Elem(), reflect.ValueOf(nonsense), "Op", "Key")
	replace(reflect.ValueOf(&extra).Elem(), reflect.ValueOf(*nonsense.Extra), "Indexes")
	cmd.Extra = &extra
	return cmd
}

// hugeChecks make a string as long as it can get.
func hugeChecks() []check {
	full := drivers.Command{Op: drivers.OpBitSet, Key: "k", Bits: u8, Start: drivers.MaxBits/8 - 1, Amount: 7}
	length := drivers.Command{Op: drivers.OpStrLen, Key: "k"}
	return []check{about(drivers.OpAppend, "is ErrInvalid where the string would outgrow MaxBits (row 8)", func(t *trial) {
		t.given(full)
		_, err := t.do(drivers.Command{Op: drivers.OpAppend, Key: "k", Value: strings.Repeat("x", 10)})
		t.fails(err, drivers.ErrInvalid)
		t.replies(t.must(length), drivers.Reply{Int: drivers.MaxBits / 8})
		t.given(drivers.Command{Op: drivers.OpDelete, Key: "k"})
	})}
}
