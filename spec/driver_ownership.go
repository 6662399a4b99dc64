package spec

import (
	"context"
	"slices"

	"github.com/onsi/gomega"

	"github.com/kvstore-go/kvstore/drivers"
)

// ownershipChecks: the slices of a Command belong to the caller before and after
// the call, those of a Reply to whoever received it.
func ownershipChecks(h Harness) []check {
	var checks []check
	for _, e := range h.examples() {
		if len(e.cmd.Values)+len(e.cmd.Keys()) > 0 {
			checks = append(checks, about(e.cmd.Op, "keeps no slice of its command", func(t *trial) { t.keepsNoSlice(e, t.Driver.Do) }))
			checks = append(checks, about(e.cmd.Op, "does not write into its command's slices", func(t *trial) { t.leavesSlices(e) }))
			if h.Batch {
				checks = append(checks, about(e.cmd.Op, "keeps no slice of its command in a batch", func(t *trial) { t.keepsNoSlice(e, t.doInBatch) }))
			}
		}
	}
	for _, cmd := range []drivers.Command{hscan(0, 1000), lexRange("-", "+"), limited(backwards(lexRange("-", "+")), 1, 2)} {
		checks = append(checks, about(cmd.Op, "answers with a slice of the caller's: "+describe(cmd), func(t *trial) {
			t.given(enter("a", "b", "c"))
			want := slices.Clone(t.must(cmd).Values)
			scribble(t.must(cmd).Values)
			t.Expect(t.must(cmd).Values).To(gomega.ConsistOf(want))
		}))
	}
	for _, cmd := range []drivers.Command{
		{Op: drivers.OpSMembers, Key: "k"}, sscan(0, 1000), random(100), random(-3),
		{Op: drivers.OpSInter, Key: "k"}, {Op: drivers.OpSInter, Key: "k", Extra: &drivers.Extra{Keys: []string{"k"}}},
		{Op: drivers.OpSUnion, Key: "k"}, {Op: drivers.OpSUnion, Key: "absent", Extra: &drivers.Extra{Keys: []string{"k"}}},
		{Op: drivers.OpSDiff, Key: "k"}, {Op: drivers.OpSDiff, Key: "k", Extra: &drivers.Extra{Keys: []string{"absent"}}},
	} {
		checks = append(checks, about(cmd.Op, "answers with a slice of the caller's: "+describe(cmd), func(t *trial) { t.answersOwnSlice(cmd) }))
	}
	for _, e := range writingExamples(stray(indexOf("k", mail("a"), mail("b")), mail("c"), mail("d"))) {
		checks = append(checks,
			about(e.cmd.Op, "keeps no slice of its Indexes", func(t *trial) { t.keepsNoIndex(e, t.Driver.Do) }),
			about(e.cmd.Op, "keeps no slice of its Indexes in a batch", func(t *trial) { t.keepsNoIndex(e, t.doInBatch) }))
	}
	return append(checks,
		about(drivers.OpSPop, "answers with a slice of the caller's", func(t *trial) {
			t.given(fill("k", "a", "b", "c"))
			scribble(t.must(pop(2)).Values)
			t.Expect(t.must(drivers.Command{Op: drivers.OpSMembers, Key: "k"}).Values).NotTo(gomega.ContainElement("scribbled"))
		}),
		about(drivers.OpBitRange, "answers with a slice of the caller's", func(t *trial) {
			t.given(put("k", "\x01\x02\x03"))
			for _, cmd := range []drivers.Command{bitRange(u8, 0, 3), bitRange(u8, 0, 5)} {
				reply := t.must(cmd)
				for i := range reply.Ints {
					reply.Ints[i] = 99
				}
				_ = append(reply.Ints, 99)
				t.Expect(t.must(cmd).Ints[:3]).To(gomega.Equal([]int64{1, 2, 3}))
				t.changed("k", sight{}, holds("\x01\x02\x03"), 0, 0)
			}
		}))
}

func scribble(slice []string) {
	for i := range slice {
		slice[i] = "scribbled"
	}
	_ = append(slice, "scribbled")
}

func (t *trial) doInBatch(_ context.Context, cmd drivers.Command) (drivers.Reply, error) {
	b := drivers.NewBatch(cmd)
	err := drivers.DoBatch(t.ctx, t.Driver, b)
	if err == nil {
		err = b.Items[0].Err
	}
	return b.Items[0].Reply, err
}

// roomy copies a slice into one with room behind it, which is the caller's too.
func roomy(slice []string) []string {
	room := append(make([]string, 0, len(slice)+3), slice...)
	for i := range room[len(slice):cap(room)] {
		room[len(slice):cap(room)][i] = "the caller's"
	}
	return room
}

func (t *trial) keepsNoSlice(e example, do func(context.Context, drivers.Command) (drivers.Reply, error)) {
	t.given(e.suits())
	if e.cmd.Op != drivers.OpSMove && e.cmd.Op != drivers.OpFind { // whose other keys are of another kind
		other := e.kind.made
		other.Key = "other"
		t.given(other)
	}
	cmd := t.place(e.cmd)
	extra := cmd.OwnExtra()
	cmd.Values, extra.Keys, extra.Scores = roomy(cmd.Values), roomy(cmd.Keys()), slices.Clone(cmd.Scores())
	_, err := do(t.ctx, cmd)
	t.Expect(err).NotTo(gomega.HaveOccurred())
	before := t.observe([]string{"k", "other"})
	scribble(cmd.Values)
	scribble(cmd.Keys())
	clear(cmd.Scores())
	for name, seen := range before {
		t.unchanged(name, seen)
	}
	t.given(fill("third", "x"))
	for name, seen := range before {
		t.unchanged(name, seen)
	}
	t.changed("scribbled", sight{}, gone, 0, 0)
}

// keepsNoIndex scribbles on the Indexes of a command that was executed, and before
// that finds them as they were.
func (t *trial) keepsNoIndex(e example, do func(context.Context, drivers.Command) (drivers.Reply, error)) {
	t.given(e.suits())
	cmd := t.place(e.cmd)
	ix := &cmd.Indexes()[0]
	names := roomy(ix.Names)
	entries, strays := slices.Grow(slices.Clone(ix.Entries), 3), slices.Grow(slices.Clone(ix.Stray), 3)
	ix.Names, ix.Entries, ix.Stray = names, entries, strays
	_, err := do(t.ctx, cmd)
	t.Expect(err).NotTo(gomega.HaveOccurred())
	fresh := t.place(e.cmd)
	t.Expect(*ix).To(gomega.Equal(fresh.Indexes()[0]), "the Index after the command")
	t.Expect(entries[:cap(entries)][len(entries):]).To(gomega.HaveEach(drivers.Entry{}), "the room behind its entries")

	before := t.observe([]string{"k", "reg", "reg::mail"})
	scribble(names)
	for _, slice := range [][]drivers.Entry{entries, strays} {
		for i := range slice {
			slice[i] = drivers.Entry{Name: "scribbled", Value: "scribbled"}
		}
	}
	ix.ID = "scribbled"
	for name, seen := range before {
		t.unchanged(name, seen)
	}
	// What the registry remembers is put right by the next write.
	t.given(on(withEntries(indexOf("k"), mail("new")), put("", "v")))
	t.changed("reg::mail", sight{}, ordered("new=k"), 0, 0)
}

func (t *trial) leavesSlices(e example) {
	t.given(e.suits())
	cmd := t.place(e.cmd)
	if len(cmd.Values) == 1 && cmd.Scores() == nil {
		cmd.Values = []string{"old", "z", "a", "z"}
	}
	scores := slices.Clone(cmd.Scores())
	cmd.Values, cmd.OwnExtra().Keys = roomy(cmd.Values), roomy(cmd.Keys())
	values, keys := roomy(cmd.Values), roomy(cmd.Keys())
	_, err := t.Driver.Do(t.ctx, cmd)
	t.Expect(err).NotTo(gomega.HaveOccurred())
	t.Expect(cmd.Values[:len(values)+3]).To(gomega.Equal(values[:len(values)+3]), "the command's Values, and the room behind them")
	t.Expect(cmd.Keys()[:len(keys)+3]).To(gomega.Equal(keys[:len(keys)+3]), "the command's Keys, and the room behind them")
	t.Expect(cmd.Scores()).To(gomega.Equal(scores), "the command's Scores")
}

func (t *trial) answersOwnSlice(cmd drivers.Command) {
	t.given(fill("k", "a", "b", "c"))
	first := t.must(cmd)
	t.Expect(first.Values).NotTo(gomega.BeEmpty())
	scribble(first.Values)
	t.Expect(t.must(cmd).Values).To(gomega.HaveEach(gomega.BeElementOf("a", "b", "c")))
	t.changed("k", sight{}, contains("a", "b", "c"), 0, 0)
}
